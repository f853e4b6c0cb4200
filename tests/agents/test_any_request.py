"""Whatever somebody types: understanding and every generator come to an end, and what was typed stays text.

Text in Python, JSON, YAML, TOML, SVG, HTML and Markdown; `make soak` tries more of it.
"""

import json
import re
import resource
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import defusedxml.ElementTree
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from markdown_it import MarkdownIt

from services.agents.engine import Draft
from services.features.request import Document, FeatureRequest
from services.workflow.tasks import may_write, tasks_for
from services.workspaces.paths import check_path
from tests.agents.any_request import EVALUATED, MARKS, requests
from tests.agents.chain import drafts_of, files_of
from tests.soaking import SECONDS, SEED

# In `make test` the same ones everywhere, and the first fault as it was found; in the soak others, and the smallest.
FEW = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(
    max_examples=max(50, int(SECONDS / 2)), deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
MEMORY_BYTES = 1 << 30
UNESCAPED_MARK = re.compile(r"(?<!\\)\{[{%]")
Asked = tuple[FeatureRequest, tuple[Document, ...]]


@pytest.mark.timeout(300)
@FEW
@given(requests())
def test_what_is_typed_stays_text(asked: Asked) -> None:
    check(*asked)


@pytest.mark.soak
@pytest.mark.timeout(SECONDS * 3 + 600)
@seed(int.from_bytes(SEED.encode()))
@MANY
@given(requests())
def test_much_more_that_is_typed_stays_text(asked: Asked) -> None:
    check(*asked)


def check(request: FeatureRequest, documents: tuple[Document, ...]) -> None:
    with little_memory():
        drafts = drafts_of(request, documents)
    files = files_of(drafts.values())
    faults = [*misplaced(request, drafts), *(fault for path, data in files.items() for fault in faults_of(path, data))]
    for key, draft in drafts.items():
        faults += [
            f"report of {key}: {fault}" for fault in [*markdown_faults(draft.report), *mark_faults(draft.report)]
        ]
        faults += [
            f"records of {key}: a mark was evaluated"
            for _ in [0]
            if EVALUATED.decode() in draft.records.model_dump_json()
        ]
    assert not faults, "\n".join(faults[:20])


@contextmanager
def little_memory() -> Iterator[None]:
    """MemoryError instead of a machine without memory: a number in a request may not decide how much is taken."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def misplaced(request: FeatureRequest, drafts: Mapping[str, Draft]) -> Iterator[str]:
    tasks = tasks_for(request.methodology)
    for key, draft in drafts.items():
        for path in draft.files:
            check_path(path)
            if not may_write(tasks, key, path):
                yield f"{path} was written by {key}, which may not"


def faults_of(path: str, data: bytes) -> Iterator[str]:
    """What is wrong with one file, whatever it is."""
    text = data.decode("utf-8")
    if EVALUATED in data:
        yield f"{path}: a mark of what was typed was evaluated"
    try:
        parsed(path, text)
    except (ValueError, SyntaxError, yaml.YAMLError) as error:
        yield f"{path}: {type(error).__name__} {error}"
    if path.endswith(".md"):
        yield from (f"{path}: {fault}" for fault in [*markdown_faults(text), *mark_faults(text)])
    if path.endswith(".html"):
        yield from (f"{path}: {fault}" for fault in [*html_faults(text), *mark_faults(text)])


def parsed(path: str, text: str) -> None:
    """Raises: ValueError (json, tomllib), SyntaxError (Python, XML), YAMLError."""
    match PurePosixPath(path).suffix:
        case ".py":
            compile(text, path, "exec", dont_inherit=True)
        case ".json" | ".sarif":
            json.loads(text)
        case ".yaml" | ".yml":
            list(yaml.safe_load_all(text))
        case ".toml":
            tomllib.loads(text)
        case ".svg":
            defusedxml.ElementTree.fromstring(text)


def mark_faults(text: str) -> list[str]:
    """A mark of a template that is neither typed nor escaped."""
    for mark in sorted(MARKS, key=len, reverse=True):
        text = text.replace(mark, "")
    return [f"{text[found.start() : found.end() + 40]} is left" for found in UNESCAPED_MARK.finditer(text)]


class Markup(HTMLParser):
    """Elements, attributes and scripts into which something typed has got."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if "zq" in tag or any(name.startswith("on") or "zq" in name for name, _ in attrs):
            self.faults.append(f"typed text has become the element {self.get_starttag_text()}")

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and "zq" in data:
            self.faults.append(f"typed text stands in <{self.inside}>: {data[:80]}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_comment(self, data: str) -> None:
        if "zq" in data:
            self.faults.append(f"typed text stands in a comment: {data[:80]}")


def html_faults(text: str) -> list[str]:
    reader = Markup()
    reader.feed(text)
    reader.close()
    return reader.faults


class AnyLink(MarkdownIt):
    """Not every reader of Markdown refuses `javascript:`."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return bool(url)


def markdown_faults(text: str) -> Iterator[str]:
    reader = AnyLink("commonmark").enable("table")
    blocks = reader.parse(text)
    for token in [token for block in blocks for token in (block, *(block.children or ()))]:
        if token.type in ("html_inline", "html_block") and "zq" in token.content:
            yield f"typed text has become markup: {token.content[:120]}"
        leads_to = str(token.attrs.get("href", token.attrs.get("src", "")))
        if "zq" in leads_to and urlsplit(leads_to).scheme:  # names made of what was typed are anchors and files
            yield f"typed text has become a link: {token.attrs}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "x = 'unfinished"),
        ("a.py", "x = '\\d'"),
        ("a.json", '{"a": }'),
        ("a.yaml", "a: b: c"),
        ("a.toml", "a = "),
        ("a.svg", "<svg>"),
        ("a.html", "<p><zq>"),
        ("a.html", '<p title="" onclick="zq()">'),
        ("a.html", "<script>const a = 'zq'</script>"),
        ("a.html", "<!-- zq -->"),
        ("a.html", "<title>{{ title }}</title>"),
        ("a.md", "a <zq> b"),
        ("a.md", "[a](javascript:zq())"),
        ("a.md", "Hello {{ name }}"),
        ("a.md", f"it is {EVALUATED.decode()}"),
    ],
)
@pytest.mark.filterwarnings("error::SyntaxWarning")
def test_the_net_has_no_hole_where_these_would_fall_through(path: str, text: str) -> None:
    assert list(faults_of(path, text.encode())) != []


@pytest.mark.parametrize("text", ["a \\<zq\\> b `<zq>`", "\\{% zq", f"a {MARKS[0]} b", "[a](api.md#getzq)"])
def test_what_is_escaped_is_no_fault(text: str) -> None:
    assert list(faults_of("a.md", text.encode())) == []
