"""Which paths a workspace accepts. Everything that agents or people name is untrusted.

Source: git's own rules for protected names on Windows and macOS, and limits measured with hostile trees.
"""

import re

from dulwich.index import validate_path, validate_path_element_hfs, validate_path_element_ntfs

from services.errors import InvalidInput

PATH_MAX = 200
NAME_BYTES_MAX = 255  # of common file systems
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')


def check_path(path: str) -> None:
    """Raises InvalidInput when a path could escape the workspace, or is no path on some system."""
    problem = _problem(path)
    if problem:
        raise InvalidInput({"path": f"{path[:80]!r} {problem}."})


def _problem(path: str) -> str | None:
    parts = path.split("/")
    encoded = path.encode("utf-8", "surrogatepass")
    rules = (
        (not path or path.startswith("/") or path.endswith("/"), "is not a file below the workspace"),
        (len(path) > PATH_MAX, f"is longer than {PATH_MAX} characters"),
        (_FORBIDDEN.search(path) is not None, "holds a character that some systems refuse"),
        (any(part in ("", ".", "..") for part in parts), "has an empty part or leaves its folder"),
        (any(_RESERVED.match(part) or part.endswith((" ", ".")) for part in parts), "has a name that Windows reserves"),
        (parts[-1].lower() in (".gitmodules", ".gitattributes"), "would configure git"),
        (
            any(len(part.encode("utf-8", "surrogatepass")) > NAME_BYTES_MAX for part in parts),
            "has a name that is too long",
        ),
        (not validate_path(encoded, validate_path_element_ntfs), "has a name that git protects"),
        (not validate_path(encoded, validate_path_element_hfs), "has a name that git protects"),
    )
    return next((sentence for broken, sentence in rules if broken), None)
