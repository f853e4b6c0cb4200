"""Runs in the sandbox: parses the PromQL of `queries.json`, a list of texts; writes what each asks for, or why it is none."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser

_INSIDE = ("lhs", "rhs", "expr", "param", "vector_selector")


def selectors(node: Any) -> Iterator[Any]:
    if type(node).__name__ == "VectorSelector":
        yield node
        return
    for name in _INSIDE:
        inner = getattr(node, name, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from selectors(inner)
    for inner in getattr(node, "args", None) or ():
        yield from selectors(inner)


def asked(text: str) -> dict[str, Any]:
    try:
        tree = promql_parser.parse(text)
    except ValueError as error:
        return {"error": str(error).splitlines()[0][:200]}
    found = [(s.name or "", sorted({m.name for m in s.matchers.matchers})) for s in selectors(tree)]
    return {"selectors": found}


def main() -> None:
    texts = json.loads(Path("queries.json").read_text(encoding="utf-8"))
    Path("found.json").write_text(json.dumps({"answers": [asked(text) for text in texts]}), encoding="utf-8")


if __name__ == "__main__":
    main()
