"""YAML from data, with the line that says where it came from."""

import yaml

_ORIGIN = "# Made by the blueprint engine; no model was called.\n"


def as_yaml(*documents: object) -> bytes:
    """Keys in their order, lines never folded, so that an expression stays on one line."""
    text = yaml.safe_dump_all(documents, sort_keys=False, width=1000, allow_unicode=True)
    return (_ORIGIN + text).encode()
