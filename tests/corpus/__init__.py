"""Feature requests as people write them, each with what a careful reader takes from it.

They measure how well requests are understood, so no file here may be bent to suit the code; `requests/` is read
strictly. What a record of sent messages or a clock that can be set proves (mail, expiry, retention) is decided by a
test; taste, people, processes and availability over a month by a person. A criterion is a whole bullet, cell or
sentence, or the clause that demands something where the rest of its sentence is talk. Resources, actors and fields are
those that the text itself names; an e-mail address is `email`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import yaml

from services.features.request import Document
from services.workflow.options import DocumentKind

REQUESTS = Path(__file__).parent / "requests"
# Written without knowledge of the code and in words as unlike the others as possible: a figure, not a limit.
VARIED = Path(__file__).parent / "varied"
FILE_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*\.md")
FRONT_MATTER = re.compile(r"---\n(?P<head>.*?\n)---\n(?P<description>.*)\n", re.DOTALL)
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
REQUIRED = {"title", "kind", "domain", "resources", "actors", "criteria"}
OPTIONAL = {"documents", "fields"}


class RequestKind(StrEnum):
    TITLE_ONLY = "title-only"
    PARAGRAPH = "paragraph"
    ISSUE_TEMPLATE = "issue-template"
    STORY_CHECKLIST = "story-checklist"
    TICKET = "ticket"
    EXAMPLE = "example"


class DecidedBy(StrEnum):
    """`TEST`: one automatic test over the service's HTTP interface proves exactly the criterion."""

    TEST = "test"
    PERSON = "person"


@dataclass(frozen=True)
class StatedCriterion:
    """`text` is word for word one piece of the description, or of the document that `source` names."""

    text: str
    decided_by: DecidedBy
    source: str = ""


@dataclass(frozen=True)
class CorpusRequest:
    """`id`: the file's name without its ending. `resources`: the main one first. `fields`: by resource, as named."""

    id: str
    title: str
    description: str
    kind: RequestKind
    domain: str
    resources: tuple[str, ...]
    actors: tuple[str, ...]
    criteria: tuple[StatedCriterion, ...]
    documents: tuple[Document, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text_of(self, source: str) -> str:
        """The text in which a criterion of this source stands."""
        return self.description if not source else next(d.text for d in self.documents if d.name == source)


def corpus(folder: Path = REQUESTS) -> tuple[CorpusRequest, ...]:
    """All requests of a folder by file name.

    Raises: ValueError with the file's name for whatever a file has too much, too little or wrong.
    """
    return tuple(read_request(path) for path in sorted(folder.iterdir()))


def read_request(path: Path) -> CorpusRequest:
    """Raises: ValueError with the file's name."""
    try:
        return _parse(path)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _parse(path: Path) -> CorpusRequest:
    if not FILE_NAME.fullmatch(path.name):
        raise ValueError("the name is not NN-slug.md")
    match = FRONT_MATTER.fullmatch(path.read_text(encoding="utf-8"))
    if match is None:
        raise ValueError("has no front matter between two --- lines, or no line break at its end")
    head = _mapping(yaml.safe_load(match["head"]), "front matter", required=REQUIRED, optional=OPTIONAL)
    request = CorpusRequest(
        id=path.stem,
        title=_text(head["title"], "title"),
        description=match["description"],
        kind=RequestKind(_text(head["kind"], "kind")),
        domain=_text(head["domain"], "domain"),
        resources=_names(head["resources"], "resources"),
        actors=_texts(head["actors"], "actors"),
        criteria=tuple(_criterion(item) for item in _list(head["criteria"], "criteria")),
        documents=tuple(_document(item) for item in _list(head.get("documents", []), "documents")),
        fields=_fields(head.get("fields", {})),
    )
    _check(request)
    return request


def _check(request: CorpusRequest) -> None:
    """What one key alone cannot tell."""
    if not request.description.strip():
        raise ValueError("the description is empty")
    if not request.resources:
        raise ValueError("resources: name at least one")
    if foreign := sorted(set(request.fields) - set(request.resources)):
        raise ValueError(f"fields: {', '.join(foreign)} is not among the resources")
    if shouted := [actor for actor in request.actors if actor != actor.lower()]:
        raise ValueError(f"actors: {', '.join(shouted)} is not in lower case")
    _unique([d.name for d in request.documents], "documents")
    _unique([c.text for c in request.criteria], "criteria")
    for criterion in request.criteria:
        if criterion.source and criterion.source not in {d.name for d in request.documents}:
            raise ValueError(f"criteria: there is no document {criterion.source!r}")
        if criterion.text not in request.text_of(criterion.source):
            raise ValueError(f"criteria: not word for word in its text: {criterion.text!r}")


def _criterion(item: object) -> StatedCriterion:
    values = _mapping(item, "criterion", required={"text", "decided_by"}, optional={"from"})
    return StatedCriterion(
        text=_text(values["text"], "text"),
        decided_by=DecidedBy(_text(values["decided_by"], "decided_by")),
        source=_text(values["from"], "from") if "from" in values else "",
    )


def _document(item: object) -> Document:
    values = _mapping(item, "document", required={"name", "kind", "text"})
    return Document(
        name=_text(values["name"], "name"),
        kind=DocumentKind(_text(values["kind"], "kind")),
        text=_text(values["text"], "text"),
    )


def _fields(value: object) -> dict[str, tuple[str, ...]]:
    return {resource: _names(names, f"fields of {resource}") for resource, names in _keyed(value, "fields").items()}


def _mapping(
    value: object, what: str, *, required: set[str], optional: set[str] | frozenset[str] = frozenset()
) -> dict[str, object]:
    mapping = _keyed(value, what)
    if unknown := sorted(set(mapping) - required - optional):
        raise ValueError(f"{what}: unknown key {', '.join(unknown)}")
    if missing := sorted(required - set(mapping)):
        raise ValueError(f"{what}: missing key {', '.join(missing)}")
    return mapping


def _keyed(value: object, what: str) -> dict[str, object]:
    match value:
        case dict():
            return {_text(key, what): item for key, item in value.items()}
    raise ValueError(f"{what}: is not a mapping")


def _list(value: object, what: str) -> list[object]:
    match value:
        case list():
            return value
    raise ValueError(f"{what}: is not a list")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value or value != value.strip():
        raise ValueError(f"{what}: {value!r} is not a text without white space around it")
    return value


def _texts(value: object, what: str) -> tuple[str, ...]:
    texts = tuple(_text(item, what) for item in _list(value, what))
    _unique(texts, what)
    return texts


def _names(value: object, what: str) -> tuple[str, ...]:
    names = _texts(value, what)
    if bad := [name for name in names if not SNAKE_CASE.fullmatch(name)]:
        raise ValueError(f"{what}: {', '.join(bad)} is not snake_case")
    return names


def _unique(values: list[str] | tuple[str, ...], what: str) -> None:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"{what}: twice: {', '.join(twice)}")
