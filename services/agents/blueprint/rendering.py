"""Files from templates: strict, so that a missing name stops the task instead of leaving a hole."""

import json
import keyword
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  (most files are Python and YAML; HTML templates escape by the filter)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["py"] = python_literal
    environment.filters["camel"] = camel
    environment.filters["class"] = class_of
    environment.filters["body"] = _body
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    return environment


def render(template: str, **values: Any) -> bytes:
    """A template of the folder, filled. Raises: jinja2.UndefinedError."""
    return _environment().get_template(template).render(**values).encode()


def template_module(template: str) -> Any:
    """The macros of a template, by name."""
    return _environment().get_template(template).module


def _body(value: object) -> str:
    """An example that a test sends, as Python source."""
    from services.agents.blueprint.bodies import source

    return source(value)


def python_literal(value: object) -> str:
    """A value as Python source, ASCII only, so that no text can end a string or a line."""
    if isinstance(value, str):
        plain = value.isascii() and value.isprintable() and not set(value) & set('"\\')
        return f'"{value}"' if plain else ascii(value)
    if isinstance(value, list | tuple):
        return "(" + "".join(f"{python_literal(item)}, " for item in value).rstrip() + ")"
    return repr(value)


def camel(name: str) -> str:
    """ "purchase_order" -> "PurchaseOrder"."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


# Names that the generated modules import: a class of records by that name would hide them.
_TAKEN = {"Any", "Annotated", "BaseModel", "Callable", "Caller", "Depends", "Field", "Header", "Iterable", "Literal", "Problem", "Query", "Response", "Session",
          "SQLModel", "Values", "Notification", "Change", "Use", "Made"}  # fmt: skip


def class_of(entity: str) -> str:
    """The class of an entity's records."""
    name = camel(entity)
    return f"{name}Record" if name in _TAKEN or keyword.iskeyword(name) else name


def as_json(data: object) -> bytes:
    """Canonical: sorted keys, two spaces, a final line break."""
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
