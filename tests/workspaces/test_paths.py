"""Which paths a workspace refuses: whatever could escape it, configure git, or is no path on some system."""

import pytest

from services.errors import InvalidInput
from services.workspaces.paths import PATH_MAX, check_path

REFUSED = {
    "nothing": "",
    "absolute": "/etc/passwd",
    "a folder": "app/",
    "parent": "../outside",
    "parent in the middle": "app/../../outside",
    "parent at the end": "app/..",
    "here": "./app/main.py",
    "here in the middle": "app/./main.py",
    "an empty part": "app//main.py",
    "git's own folder": ".git/config",
    "git's own folder below": "app/.git/config",
    "git in capitals": "app/.GIT/config",
    "git as Windows shortens it": "GIT~1/config",
    "git in small letters, shortened": "app/git~1/config",
    "git with a dot that Windows drops": ".git./config",
    "git with a space that Windows drops": ".git /config",
    "git with a stream of NTFS": ".git::$INDEX_ALLOCATION/config",
    "git with a character that macOS ignores": ".g\u200cit/config",
    "submodules": ".gitmodules",
    "submodules below": "app/.gitmodules",
    "submodules in capitals": "app/.GitModules",
    "attributes": ".gitattributes",
    "attributes below": "app/.gitattributes",
    "attributes in capitals": "app/.GITATTRIBUTES",
    "backslash": "app\\main.py",
    "backslash parent": "..\\outside",
    "NUL": "app/a\x00.py",
    "line break": "app/a\n.py",
    "escape": "app/\x1b[31m.py",
    "DEL": "app/\x7f.py",
    "colon": "C:/windows",
    "stream": "app/a.py:hidden",
    "asterisk": "app/*.py",
    "question mark": "app/a?.py",
    "quote": 'app/"a".py',
    "pipe": "app/a|b",
    "angle": "app/<a>",
    "device": "app/con",
    "device with an ending": "app/NUL.txt",
    "device as a folder": "aux/a.py",
    "serial port": "app/com1.py",
    "printer": "LPT9",
    "a dot at the end": "app/main.",
    "a space at the end": "app/main ",
    "201 characters": "a" * (PATH_MAX + 1),
    "a part of more bytes than file systems allow": "app/" + "é" * 190,
    "half a character": "app/\udcff.py",
}
ACCEPTED = [
    "a",
    "app/main.py",
    ".gitignore",
    ".github/workflows/ci.yml",
    "app/.hidden",
    "app/git.py",
    "app/..double",
    "app/console.py",
    "docs/Über uns.md",
    "docs/日本語.md",
    "a" * PATH_MAX,
    "/".join("a" * 100),
]


@pytest.mark.parametrize("path", REFUSED.values(), ids=list(REFUSED))
def test_a_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        check_path(path)


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path[:20])
def test_a_path_is_accepted(path: str) -> None:
    check_path(path)


def test_a_refusal_shows_the_path_without_its_control_characters() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_path("app/\x1b[31m" + "x" * 1000)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 200
