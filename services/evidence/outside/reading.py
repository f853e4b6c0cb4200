"""Tells what a file from outside is by its content, and reads it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

from services.evidence.outside.scans import DEPENDENCIES, read_cyclonedx, read_sarif
from services.evidence.outside.test_files import read_cobertura, read_coverage_json, read_junit
from services.evidence.outside.told import Told, UnreadableFile

FILE_MAX_BYTES = 5_000_000
FORMATS = "JUnit XML, coverage.py JSON, Cobertura XML, SARIF or CycloneDX JSON"
_DEPTH_MAX = 60
_XML: Mapping[str, Callable[[Any], Told]] = {
    "testsuite": read_junit,
    "testsuites": read_junit,
    "coverage": read_cobertura,
}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?==([^\s;#]+)")


def read_outside(data: bytes) -> Told:
    """Raises: UnreadableFile with what to bring instead; entities, archives and other encodings than UTF-8 are refused."""
    if len(data) > FILE_MAX_BYTES:
        raise UnreadableFile(f"The file has {len(data):,} bytes; it may have {FILE_MAX_BYTES:,}.")
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"The file is no text in UTF-8. Bring {FORMATS}.") from error
    begin = content.lstrip()[:1]
    if begin == "<":
        return _xml(content)
    if begin == "{":
        return _json(content)
    raise UnreadableFile(f"The file is neither XML nor a JSON object. Bring {FORMATS}.")


def _xml(content: str) -> Told:
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableFile("The file declares a document type or entities, which are refused.") from error
    except (ParseError, ValueError) as error:
        raise UnreadableFile("The file is broken XML.") from error
    read = _XML.get(root.tag)
    if read is None:
        raise UnreadableFile(f"XML with the root “{str(root.tag)[:60]}” is not known here. Bring {FORMATS}.")
    return read(root)


def _json(content: str) -> Told:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("The file is broken JSON.") from error
    if _depth(document) > _DEPTH_MAX:
        raise UnreadableFile("The file is nested more deeply than any such report.")
    if document.get("bomFormat") == "CycloneDX":
        return read_cyclonedx(document)
    if isinstance(document.get("runs"), list) and "version" in document:
        return read_sarif(document)
    if isinstance(document.get("totals"), dict):
        return read_coverage_json(document)
    raise UnreadableFile(f"The JSON is no report that is known here. Bring {FORMATS}.")


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= _DEPTH_MAX:
        deepest += 1
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(inner, dict | list)
        ]
    return deepest


def bound_to(told: Told, files: Mapping[str, bytes], trees: Mapping[str, str]) -> tuple[str, str]:
    """The tree that the evidence is about, empty where nothing binds it; and one sentence that says why.

    `trees`: check -> the tree that it would measure now. An audit is bound by its content: it names every pinned package.
    """
    if named := told.revisions & set(trees.values()):
        return trees.get(told.check, next(iter(named))), f"It names the tree {next(iter(named))[:12]}."
    if told.check == DEPENDENCIES and told.packages:
        pinned = _pinned(files.get("requirements.txt", b""))
        absent = sorted(f"{name} {version}" for name, version in pinned - told.packages)
        if pinned and not absent:
            return trees.get(told.check, ""), f"It names all {len(pinned)} pinned packages with their versions."
        return "", f"Not bound to these files: it does not name {', '.join(absent[:3]) or 'any pinned package'}."
    return "", "Not bound to these files: it names no tree of this run, so it decides nothing."


def _pinned(requirements: bytes) -> set[tuple[str, str]]:
    lines = requirements.decode("utf-8", "replace").splitlines()
    found = [_PINNED.match(line.strip()) for line in lines]
    return {(m[1].lower().replace("_", "-").replace(".", "-"), m[2]) for m in found if m}
