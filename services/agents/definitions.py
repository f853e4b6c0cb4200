"""The agents' definitions: prompts with front matter, read strictly when a process starts.

Nothing is guessed: a file that does not say exactly what is asked for stops the start, with its path and line.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from services.errors import StartError

PROMPTS = Path(__file__).parent / "prompts"
KEYS = ("name", "description", "model", "tools")
# A tier, not a product: which model stands behind it is a setting of the engine.
MODELS = ("standard", "strong")
TOOLS = ("list_files", "read_file", "search_files", "write_file", "edit_file", "run_checks", "ask_team")
_FENCE = "---"


@dataclass(frozen=True)
class Definition:
    """`prompt_hash` is the SHA-256 of the prompt's text in UTF-8; it is stored with each use."""

    name: str
    description: str
    model: str
    tools: tuple[str, ...]
    prompt: str
    prompt_hash: str


def load_definitions(folder: Path = PROMPTS) -> dict[str, Definition]:
    """Every agent of a folder by its name, in the order of the names.

    Raises: StartError with file and line at the first thing that is wrong.
    """
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise StartError(f"{folder}: holds no prompt; restore the folder from the release.")
    return {path.stem: _definition(path) for path in paths}


def _definition(path: Path) -> Definition:
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise StartError(f"{path}: is not UTF-8 at byte {error.start}.") from error
    head, prompt, first_line = _parts(path, text)
    fields = _fields(path, head)
    return Definition(
        name=_name(path, fields["name"]),
        description=_line_of_text(path, "description", fields["description"]),
        model=_one_of(path, "model", fields["model"], MODELS),
        tools=_tools(path, fields["tools"]),
        prompt=_stated(path, prompt, first_line),
        prompt_hash=hashlib.sha256(prompt.encode()).hexdigest(),
    )


def _parts(path: Path, text: str) -> tuple[str, str, int]:
    """Front matter, prompt without the blank lines around it, and the line on which what follows the head begins."""
    lines = text.split("\n")
    if lines[0] != _FENCE:
        raise StartError(f"{path}:1: must begin with a line of three dashes, the front matter.")
    try:
        end = lines.index(_FENCE, 1)
    except ValueError:
        raise StartError(f"{path}:{len(lines)}: the front matter has no closing line of three dashes.") from None
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]).strip(), end + 2


def _fields(path: Path, head: str) -> dict[str, yaml.Node]:
    """Each key's node, so that later problems know their line. Exactly the keys of `KEYS`, each once."""
    try:
        node = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        raise StartError(f"{path}:{_line(at)}: is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise StartError(f"{path}:2: is not valid YAML: {error}.") from error
    if not isinstance(node, yaml.MappingNode):
        raise StartError(f"{path}:2: the front matter must name {', '.join(KEYS)}.")
    found = dict(_pairs(path, node))
    missing = [key for key in KEYS if key not in found]
    if missing:
        raise StartError(f"{path}:2: the front matter lacks {', '.join(missing)}.")
    return found


def _pairs(path: Path, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key, value in node.value:
        name, line = str(key.value), _line(key.start_mark)
        if name not in KEYS:
            raise StartError(f"{path}:{line}: unknown key {name!r}; only {', '.join(KEYS)} are read.")
        if name in seen:
            raise StartError(f"{path}:{line}: {name} is given twice.")
        seen.add(name)
        yield name, value


def _name(path: Path, node: yaml.Node) -> str:
    name = _line_of_text(path, "name", node)
    if name != path.stem:
        raise StartError(f"{path}:{_line(node.start_mark)}: the name is {name!r}, the file's name is {path.stem!r}.")
    return name


def _line_of_text(path: Path, key: str, node: yaml.Node) -> str:
    is_text = isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str") and node.value.strip()
    if not is_text or "\n" in node.value:
        raise StartError(f"{path}:{_line(node.start_mark)}: {key} must be one line of text.")
    return str(node.value)


def _one_of(path: Path, key: str, node: yaml.Node, known: tuple[str, ...]) -> str:
    value = _line_of_text(path, key, node)
    if value not in known:
        raise StartError(f"{path}:{_line(node.start_mark)}: unknown {key} {value!r}; known are {', '.join(known)}.")
    return value


def _tools(path: Path, node: yaml.Node) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise StartError(f"{path}:{_line(node.start_mark)}: tools must be a list, for example [read_file].")
    return tuple(_one_of(path, "tools", item, TOOLS) for item in node.value)


def _stated(path: Path, prompt: str, line: int) -> str:
    if not prompt:
        raise StartError(f"{path}:{line}: the prompt is empty.")
    return prompt


def _line(mark: yaml.Mark | None) -> int:
    """Line in the file: marks count from 0, and the head begins on line 2."""
    return mark.line + 2 if mark else 2
