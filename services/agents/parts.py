"""Things that note which of their parts are read. An engine handles them as what they stand for, and knows nothing of it.

Whatever is not read part by part (a model that is hashed, dumped or walked over) is noted as read whole, so that a
note may say too much and never too little.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, SupportsIndex, TypeVar, overload

from pydantic import BaseModel

Note = Callable[[str], None]
Model = TypeVar("Model", bound=BaseModel)
Kept = TypeVar("Kept")


class NotedFiles(Mapping[str, bytes]):
    """Path -> content. `in` notes which files there are, not what is in them."""

    def __init__(self, files: Mapping[str, bytes], note: Note) -> None:
        self._files, self._note = files, note

    def __getitem__(self, path: str) -> bytes:
        self._note(f"file:{path}")
        return self._files[path]

    def __contains__(self, path: object) -> bool:
        self._note(f"files:{path}")
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths("", ""))

    def __len__(self) -> int:
        return len(self.paths("", ""))

    def paths(self, prefix: str, suffix: str) -> list[str]:
        self._note(listing(prefix, suffix))
        return paths(self._files, prefix, suffix)

    def model(self, path: str, kind: type[Model]) -> Model:
        if path not in self._files:
            self._note(f"file:{path}")
        return noted_model(kind.model_validate_json(self._files[path]), f"file:{path}:", self._note)


class NotedMapping(Mapping[str, Kept]):
    """Notes `prefix` and the key of what is looked up. The keys themselves are no part of what is read."""

    def __init__(self, kept: Mapping[str, Kept], prefix: str, note: Note) -> None:
        self._kept, self._prefix, self._note = kept, prefix, note

    def __getitem__(self, key: str) -> Kept:
        self._note(f"{self._prefix}{key}")
        return self._kept[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class NotedItems(tuple[Kept, ...]):
    """A tuple that is noted as read whole as soon as anything is read of it."""

    _note: Note

    def __iter__(self) -> Iterator[Kept]:
        self._note("")
        return super().__iter__()

    def __len__(self) -> int:
        self._note("")
        return super().__len__()

    @overload
    def __getitem__(self, at: SupportsIndex, /) -> Kept: ...
    @overload
    def __getitem__(self, at: slice, /) -> tuple[Kept, ...]: ...
    def __getitem__(self, at: SupportsIndex | slice, /) -> Kept | tuple[Kept, ...]:
        self._note("")
        return super().__getitem__(at)


def noted_items(items: tuple[Kept, ...], part: str, note: Note) -> tuple[Kept, ...]:
    made = NotedItems(items)
    made._note = lambda _: note(part)  # noqa: SLF001  (a tuple takes no arguments of its own)
    return made


def listing(prefix: str, suffix: str) -> str:
    """The name of the part "which files there are"."""
    return f"files:{prefix}*{suffix}" if suffix else f"files:{prefix}"


def paths(files: Mapping[str, bytes], prefix: str, suffix: str = "") -> list[str]:
    """The paths with a prefix and a suffix, in order. An engine that looks into a folder asks here, so that what happens
    outside of the folder is not taken for something that it read."""
    if isinstance(files, NotedFiles):
        return files.paths(prefix, suffix)
    return sorted(path for path in files if path.startswith(prefix) and path.endswith(suffix))


def model_in(files: Mapping[str, bytes], path: str, kind: type[Model]) -> Model:
    """A JSON file as its model, read field by field."""
    return files.model(path, kind) if isinstance(files, NotedFiles) else kind.model_validate_json(files[path])


def noted_model(model: Model, part: str, note: Note) -> Model:
    """An instance with the same values whose fields, one level deep, are noted as `part` and the name of the field."""
    noting: type[Model] = _noting(type(model))
    made = noting.model_construct(**vars(model))
    object.__setattr__(made, "_noted", (part, note))
    return made


@cache
def _noting(kind: type[Model]) -> type[Model]:
    """A subclass, made once per model."""
    fields, get = frozenset(kind.model_fields), object.__getattribute__

    def getattribute(self: Model, name: str) -> Any:
        if name in fields or name == "__dict__":
            part, note = get(self, "_noted")
            note(f"{part}{name}" if name in fields else part[:-1])
        return get(self, name)

    def model_copy(self: Model, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Model:
        part, note = get(self, "_noted")
        return noted_model(kind.model_construct(**{**get(self, "__dict__"), **(update or {})}), part, note)

    own = {
        "__slots__": ("_noted",),
        "__getattribute__": getattribute,
        "model_copy": model_copy,
        "__module__": kind.__module__,
    }
    metaclass: Any = type(kind)
    made: type[Model] = metaclass(kind.__name__, (kind,), own)
    return made
