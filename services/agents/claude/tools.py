"""The tools of agents: files of the workspace, with every limit kept here and not in a prompt.

A call is answered by a pure function, so that its answer can be kept and given again; what it wrote is part of the answer.
Tools that need more than files are in `outside.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.agents.claude.untrusted import data_text, is_plain
from services.errors import InvalidInput
from services.workflow.tasks import Task, may_write
from services.workspaces.paths import check_path

FILE_MAX_BYTES, ALL_MAX_BYTES, FILES_MAX = 300_000, 6_000_000, 400
READ_MAX, LISTED_MAX, FOUND_MAX, LINE_MAX = 60_000, 600, 80, 240


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListFiles(_Input):
    """List the files below a folder, with their sizes in bytes."""

    folder: str = Field(default="", description='For example "app/"; empty for everything.')


class ReadFile(_Input):
    """Read a text file, or some lines of it. Lines count from 1; the last one is included."""

    path: str
    first_line: int = Field(default=1, ge=1)
    last_line: int | None = Field(default=None, ge=1, description="Leave it out to read to the end.")


class SearchFiles(_Input):
    """Find the lines that hold a text, as written, upper and lower case alike."""

    text: str = Field(min_length=2, max_length=200)
    folder: str = ""


class WriteFile(_Input):
    """Write a whole file: a new one, or one of yours again."""

    path: str
    content: str


class EditFile(_Input):
    """Replace a piece of a file. `old` must occur exactly once; take enough lines around it."""

    path: str
    old: str = Field(min_length=1)
    new: str


class DeleteFile(_Input):
    """Delete a file that your task wrote."""

    path: str


class RunChecks(_Input):
    """Run the checks of the gate that look at what you write, over your files as they are now; takes up to some minutes."""


class AskTeam(_Input):
    """Ask the people of the team one question that only they can decide. Your work stops until somebody answers."""

    question: str = Field(min_length=10, max_length=1_000)
    choices: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[],
        max_length=6,
        description="Answers to choose from, at most six. People may also answer in own words.",
    )


_KINDS: dict[str, type[_Input]] = {
    "list_files": ListFiles,
    "read_file": ReadFile,
    "search_files": SearchFiles,
    "write_file": WriteFile,
    "edit_file": EditFile,
    "delete_file": DeleteFile,
    "run_checks": RunChecks,
    "ask_team": AskTeam,
}
# Whoever may write may also take back what was written.
_ALLOWED_BY = {"delete_file": "write_file"}


def tool_list() -> list[dict[str, Any]]:
    """The same list in the same order for every agent, because it is the first thing that is cached."""
    return [
        {"name": name, "description": " ".join((kind.__doc__ or "").split()), "input_schema": _schema(kind)}
        for name, kind in _KINDS.items()
    ]


def _schema(kind: type[_Input]) -> dict[str, Any]:
    schema = kind.model_json_schema()
    properties = {
        name: {key: value for key, value in prop.items() if key != "title"}
        for name, prop in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class Answer:
    """`writes`: path -> new text, None for a deletion. `said` tells people what was done. `seconds`: what checks took."""

    text: str
    is_error: bool = False
    writes: Mapping[str, str | None] = field(default_factory=dict)
    said: str = ""
    seconds: float = 0.0


class Refused(Exception):
    """What a call may not do, in a sentence for the agent."""


def answered(name: str, act: Callable[[], Answer]) -> Answer:
    """What goes wrong is an answer too: the agent reads it and does better."""
    try:
        return act()
    except ValidationError as error:
        return Answer(_what_is_wrong(name, error), is_error=True)
    except InvalidInput as error:
        return Answer(str(error), is_error=True)
    except Refused as refused:
        return Answer(str(refused), is_error=True)


@dataclass
class Desk:
    """One task's view of the files. `given` are read only; `written` will be the task's result.

    `graph` decides who may write where; `allowed` are the tools of the agent's definition.
    """

    task: Task
    graph: tuple[Task, ...]
    allowed: tuple[str, ...]
    given: Mapping[str, bytes]
    written: dict[str, bytes]

    def answer(self, name: str, given: Mapping[str, Any]) -> Answer:
        """Changes nothing."""

        def act() -> Answer:
            asked = self.read(name, given)
            return _ACTS[name](self, asked)

        return answered(name, act)

    def read(self, name: str, given: Mapping[str, Any]) -> Any:
        """What a tool was given. Raises: Refused where the agent does not have it, ValidationError."""
        usable = [known for known in _KINDS if _ALLOWED_BY.get(known, known) in self.allowed]
        if name not in usable:
            raise Refused(f"You have no tool {name[:40]!r}; yours are {', '.join(usable)}.")
        return _KINDS[name].model_validate(given)

    def apply(self, writes: Mapping[str, str | None]) -> None:
        for path, text in writes.items():
            if text is None:
                self.written.pop(path, None)
            else:
                self.written[path] = text.encode()

    def all_files(self) -> dict[str, bytes]:
        return {**self.given, **self.written}

    def text_of(self, path: str) -> str:
        files = self.all_files()
        if path not in files:
            near = [p for p in sorted(files) if p.rsplit("/", 1)[-1] == path.rsplit("/", 1)[-1]][:3]
            raise Refused(f"There is no file {path[:80]!r}." + (f" Did you mean {', '.join(near)}?" if near else ""))
        try:
            return files[path].decode()
        except UnicodeDecodeError:
            raise Refused(f"{path} is no text; it has {len(files[path]):,} bytes.") from None

    def check_write(self, path: str, text: str) -> None:
        check_path(path)
        if not may_write(self.graph, self.task.key, path):
            own = ", ".join((*self.task.owns, *self.task.changes)) or "nothing"
            raise Refused(f"{path} is not yours to write; your task writes below {own}.")
        if not is_plain(text):
            raise Refused(f"{path} would hold a control character; only tabs and line ends are allowed.")
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > FILE_MAX_BYTES:
            raise Refused(f"{path} would have {size:,} bytes; a file may have {FILE_MAX_BYTES:,}.")
        others = {p: data for p, data in self.written.items() if p != path}
        if len(others) >= FILES_MAX:
            raise Refused(f"You have written {FILES_MAX} files, and no more are allowed.")
        if sum(map(len, others.values())) + size > ALL_MAX_BYTES:
            raise Refused(f"Your files would have more than {ALL_MAX_BYTES:,} bytes together.")


def _list(desk: Desk, given: Any) -> Answer:
    found = [(p, len(data)) for p, data in sorted(desk.all_files().items()) if p.startswith(given.folder)]
    rows = [f"{path} ({size:,})" for path, size in found[:LISTED_MAX]]
    left = [f"{len(found) - LISTED_MAX} more; name a folder"] if len(found) > LISTED_MAX else []
    return Answer(data_text("list", [*rows, *left]))


def _read(desk: Desk, given: Any) -> Answer:
    lines = desk.text_of(given.path).split("\n")
    chosen = lines[given.first_line - 1 : given.last_line]
    text = "\n".join(chosen)
    label = {"path": given.path, "lines": f"{given.first_line} to {given.first_line + len(chosen) - 1} of {len(lines)}"}
    if len(text) > READ_MAX:
        text = text[:READ_MAX]
        label["cut"] = f"after {READ_MAX:,} characters; read fewer lines"
    return Answer(data_text("file", text, **label), said=f"Read {given.path}.")


def _search(desk: Desk, given: Any) -> Answer:
    wanted, found = given.text.casefold(), []
    for path, data in sorted(desk.all_files().items()):
        if not path.startswith(given.folder):
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
            if wanted in line.casefold():
                found.append(f"{path}:{number}: {line.strip()[:LINE_MAX]}")
    left = [f"{len(found) - FOUND_MAX} more; name a folder or a longer text"] if len(found) > FOUND_MAX else []
    return Answer(data_text("found", [*found[:FOUND_MAX], *left]))


def _write(desk: Desk, given: Any) -> Answer:
    desk.check_write(given.path, given.content)
    size = len(given.content.encode())
    return Answer(
        f"{given.path} is written, {size:,} bytes.",
        writes={given.path: given.content},
        said=f"Wrote {given.path} ({size:,} bytes).",
    )


def _edit(desk: Desk, given: Any) -> Answer:
    text = desk.text_of(given.path)
    count = text.count(given.old)
    if count != 1:
        raise Refused(f"The old text occurs {count} times in {given.path}; it must occur exactly once.")
    changed = text.replace(given.old, given.new)
    desk.check_write(given.path, changed)
    return Answer(f"{given.path} is changed.", writes={given.path: changed}, said=f"Changed {given.path}.")


def _delete(desk: Desk, given: Any) -> Answer:
    if given.path not in desk.written:
        raise Refused(f"Your task wrote no file {given.path[:80]!r}.")
    return Answer(f"{given.path} is deleted.", writes={given.path: None}, said=f"Deleted {given.path}.")


_ACTS: dict[str, Callable[[Desk, Any], Answer]] = {
    "list_files": _list,
    "read_file": _read,
    "search_files": _search,
    "write_file": _write,
    "edit_file": _edit,
    "delete_file": _delete,
}


def _what_is_wrong(name: str, error: ValidationError) -> str:
    found = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'input'}: {e['msg']}" for e in error.errors()[:5])
    return f"{name} cannot take this: {found}. Nothing was done."
