"""Lines of corrections as screens write them for people: each is an instruction that `corrections.py` understands."""

from services.features.speech import TYPE_WORDS, spaced
from services.features.understanding import FieldType, Resource

# What a person may make of a field; a reference follows from the name of a thing.
TYPES = tuple(kind for kind in FieldType if kind is not FieldType.REFERENCE)


def _thing(resource: Resource) -> str:
    return spaced(resource.name)


def rename_thing(resource: Resource, new: str) -> str:
    return f"rename thing {_thing(resource)} to {_one_line(new)}"


def rename_field(resource: Resource, field: str, new: str) -> str:
    return f"rename field {spaced(field)} of {_thing(resource)} to {_one_line(new)}"


def add_field(resource: Resource, name: str, kind: FieldType, *, is_required: bool) -> str:
    need = "required" if is_required else "optional"
    return f"add field {_one_line(name)} ({TYPE_WORDS[kind]}, {need}) to {_thing(resource)}"


def remove_field(resource: Resource, field: str) -> str:
    return f"remove field {spaced(field)} from {_thing(resource)}"


def change_type(resource: Resource, field: str, kind: FieldType) -> str:
    return f"{spaced(field)} of {_thing(resource)} is {TYPE_WORDS[kind]}"


def change_need(resource: Resource, field: str, *, is_required: bool) -> str:
    return f"{spaced(field)} of {_thing(resource)} is {'required' if is_required else 'optional'}"


def drop_thing(resource: Resource) -> str:
    return f"drop thing {_thing(resource)}"


def let_a_person_decide(criterion_id: str) -> str:
    return f"a person decides {criterion_id}"


def with_line(text: str, line: str) -> str:
    """The corrections with one more line at their end."""
    return f"{text.rstrip()}\n{line}".lstrip()


def _one_line(text: str) -> str:
    """A name without what ends a line or a sentence."""
    return " ".join(text.replace(".", " ").replace("(", " ").replace(")", " ").split())
