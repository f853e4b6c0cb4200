"""The check of documents: each that is expected is there and says something, links lead somewhere, commands exist."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from services.evidence.findings import Finding, Severity, found_in
from services.evidence.measurements import Measurement, judged, only_read
from services.evidence.papers.commands import Commands
from services.evidence.papers.diagrams import diagram_fault
from services.evidence.papers.pages import Page, commands_of, read_page
from services.evidence.subjects import Files, Subject

CHECK = "documents"
VERSION = 1
# Source: what step 12 of the workflow hands over.
EXPECTED = {
    "README.md": "how to start it, and what is where",
    "CHANGELOG.md": "what is new, for whoever updates",
    "docs/api.md": "every operation, for those who call the service",
    "docs/user-guide.md": "how people do their work with it",
    "docs/deployment.md": "how operations brings it to everybody",
    "docs/runbooks.md": "what on-call does",
    "docs/troubleshooting.md": "from what somebody sees to what to do",
    "docs/architecture.md": "why it is built so, with its diagrams",
    "docs/integration.md": "how another system works with it",
}
_WORDS_MIN = 30
_DIAGRAMS_IN = "docs/architecture.md"
_SHELL = {"sh", "bash", "shell", "console"}
_MARKS = re.compile(r"\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|\b(?:TODO|TBD|FIXME)\b:|\blorem ipsum\b", re.IGNORECASE)
_CALL = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w\-./{}$:]*)")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|\$\w+|\$\{\w+\}")


def measure_documents(subject: Subject) -> Measurement:
    """Nothing is run: documents, records of step 12 and the OpenAPI document are read."""
    pages = {path: read_page(path, data) for path, data in sorted(subject.files.items()) if path.endswith(".md")}
    operations = _operations(subject.files)
    records = subject.records.get("documentation", {})
    findings = [
        *_absent(pages),
        *_broken_links(pages, subject.files),
        *_unknown_commands(pages, subject.files),
        *_wrong_calls(pages, operations),
        *_marks(pages),
        *_broken_diagrams(pages),
        *_unreachable(pages),
        *_changelog(pages.get("CHANGELOG.md"), records),
    ]
    documents = [path for path in pages if path in EXPECTED or path.startswith("docs/")]
    links = sum(len(page.links) for page in pages.values())
    praise = (
        f"{len(documents)} documents are there; {links} links lead somewhere, every command exists, "
        f"and each of {len(operations)} operations is in the API reference."
    )
    outcome, reason = judged(findings, praise)
    figures = {"documents": documents, "links": links, "operations": len(operations)}
    return only_read(CHECK, VERSION, outcome=outcome, reason=reason, figures=figures, findings=findings)


def _absent(pages: Mapping[str, Page]) -> Iterator[Finding]:
    for path, purpose in EXPECTED.items():
        page = pages.get(path)
        if page is None:
            yield found_in(path, "document-missing", "The document is not there.", f"Write it: {purpose}.")
        elif page.words < _WORDS_MIN and path != "CHANGELOG.md":
            words = f"It has {page.words} words, which tell nobody {purpose}."
            yield found_in(path, "document-empty", words, f"Write it: {purpose}.", line=1)
        elif not page.headings:
            yield found_in(path, "document-untitled", "It has no heading.", "Begin with a heading.", line=1)
    architecture = pages.get(_DIAGRAMS_IN)
    if architecture and not any(block.language == "mermaid" for block in architecture.blocks):
        yield found_in(_DIAGRAMS_IN, "diagram-missing", "It has no diagram.", "Draw context, containers and data flow.")


def _broken_links(pages: Mapping[str, Page], files: Files) -> Iterator[Finding]:
    folders = {path.rsplit("/", 1)[0] for path in files if "/" in path}
    for page in pages.values():
        for line, target in page.links:
            parts = urlsplit(target) if not target.startswith("<") else None
            if parts is None or parts.scheme or parts.netloc:
                continue  # other places are not asked for: this machine may have no network
            place = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), unquote(parts.path)))
            place = page.path if not parts.path else place
            if place not in files and place not in folders:
                what = f"The link to {target[:120]} leads nowhere."
                yield found_in(page.path, "link-broken", what, "Link to a file that is there.", line=line)
            elif parts.fragment and place in pages and unquote(parts.fragment) not in pages[place].anchors:
                what = f"The link to {target[:120]} names a heading that {place} does not have."
                yield found_in(page.path, "anchor-broken", what, "Name a heading that is there.", line=line)


def _unknown_commands(pages: Mapping[str, Page], files: Files) -> Iterator[Finding]:
    commands = Commands(files)
    for page in pages.values():
        told = [(n, text) for block in page.blocks if block.language in _SHELL for n, text in commands_of(block)]
        told += [(n, text) for n, text in page.codes if commands.looks_like_one(text)]
        for line, text in told:
            for problem in commands.problems(text):
                yield found_in(
                    page.path, "command-unknown", problem, "Name a command that the workspace has.", line=line
                )


def _operations(files: Files) -> dict[tuple[str, str], str]:
    """(METHOD, path with * for what varies) -> operationId, of the OpenAPI document; nothing where it cannot be read."""
    try:
        paths = json.loads(files.get("design/openapi.json", b"{}")).get("paths", {})
        return {
            (method.upper(), _general(path)): str(operation.get("operationId", f"{method} {path}"))
            for path, methods in paths.items()
            for method, operation in methods.items()
            if isinstance(operation, dict)
        }
    except (ValueError, AttributeError):
        return {}


def _general(path: str) -> str:
    return _PLACEHOLDER.sub("*", path.split("?")[0]).rstrip("/") or "/"


def _wrong_calls(pages: Mapping[str, Page], operations: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Calls that no operation answers, and operations that the API reference leaves out."""
    if not operations:
        return
    api = pages.get("docs/api.md")
    for page in (page for path, page in pages.items() if path.startswith("docs/")):
        for line, text in page.codes:
            found = _CALL.fullmatch(text)
            if found and (found[1], _general(found[2])) not in operations and not _is_of_the_platform(found[2]):
                what = f"{text[:120]} is no operation of design/openapi.json."
                yield found_in(
                    page.path, "operation-unknown", what, "Name an operation as the contract has it.", line=line
                )
    if api:
        named = {_general(found[2]) + " " + found[1] for _, text in api.codes if (found := _CALL.fullmatch(text))}
        for (method, path), operation in operations.items():
            if f"{path} {method}" not in named and not _is_of_the_platform(path):
                what = f"The operation {operation} ({method} {path}) is not in the API reference."
                yield found_in("docs/api.md", "operation-undocumented", what, "Describe it, with an example call.")


def _is_of_the_platform(path: str) -> bool:
    """Probes, sign-in and the like, which every service has and no story asked for."""
    return path.strip("/").split("/")[0] in {
        "health",
        "ready",
        "metrics",
        "sign-in",
        "openapi.json",
        "flags",
        "events",
        "",
    }


def _marks(pages: Mapping[str, Page]) -> Iterator[Finding]:
    for page in pages.values():
        for line, text in page.prose:
            if found := _MARKS.search(text):
                what = f"“{found[0][:60]}” was left in the text."
                yield found_in(page.path, "mark-left", what, "Write what belongs there.", line=line)


def _broken_diagrams(pages: Mapping[str, Page]) -> Iterator[Finding]:
    for page in pages.values():
        for block in page.blocks:
            if block.language == "mermaid" and (fault := diagram_fault(block.lines)):
                yield found_in(
                    page.path, "diagram-broken", fault, "Mend the diagram so that it can be drawn.", line=block.line
                )


def _unreachable(pages: Mapping[str, Page]) -> Iterator[Finding]:
    """A document that nobody finds from the README is as good as absent."""
    seen, ahead = set[str](), ["README.md"]
    while ahead:
        path = ahead.pop()
        if path in seen or path not in pages:
            continue
        seen.add(path)
        folder = posixpath.dirname(path)
        ahead += [
            posixpath.normpath(posixpath.join(folder, urlsplit(t).path)) for _, t in pages[path].links if "://" not in t
        ]
    for path in pages:
        if path.startswith("docs/") and path not in seen and "README.md" in pages:
            what = "No link leads from README.md to this document."
            yield found_in(path, "document-unreachable", what, "Link to it.", severity=Severity.MEDIUM)


def _changelog(page: Page | None, records: Mapping[str, Any]) -> Iterator[Finding]:
    """In the form of Keep a Changelog, with every change that step 12 tells of."""
    if page is None:
        return
    if not any(text.startswith("[") for _, text in page.headings):
        what = "It has no section for a version."
        yield found_in(page.path, "changelog-form", what, "Begin a section, for example: ## [Unreleased].", line=1)
    text = "\n".join(line for _, line in page.prose)
    for change in _texts(records.get("changelog")):
        if change.strip("- ") not in text:
            what = f"The change “{change[:100]}” of step 12 is not in it."
            yield found_in(page.path, "changelog-incomplete", what, "Add the change.")


def _texts(value: Any) -> Iterable[str]:
    return (item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
