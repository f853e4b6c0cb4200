"""A careful look at Mermaid diagrams, without drawing them: what is found broken here is broken, the rest is not known."""

import re
from collections.abc import Sequence

KINDS = ("flowchart", "graph", "sequenceDiagram", "erDiagram", "stateDiagram", "stateDiagram-v2", "classDiagram", "gantt", "pie",
         "C4Context", "C4Container", "journey", "timeline", "mindmap", "gitGraph", "quadrantChart", "requirementDiagram")  # fmt: skip
_PAIRS = {")": "(", "]": "[", "}": "{"}
_QUOTED = re.compile(r'"[^"\n]*"')
_ARROWS = re.compile(r"--?>>?|-\.->|==>|<--|[|}o][|{o]?(?:--|\.\.)[|{o]?[|{o]|--[)x]|-[)x]")
_BLOCKS = ("subgraph", "loop", "alt", "opt", "par", "critical", "rect")


def diagram_fault(lines: Sequence[str]) -> str | None:
    """One sentence, or None where nothing wrong was seen."""
    content = [line.strip() for line in lines if line.strip() and not line.strip().startswith("%%")]
    if not content:
        return "The diagram is empty."
    kind = content[0].split()[0]
    if kind not in KINDS:
        return f"“{kind[:40]}” is no kind of diagram."
    if len(content) == 1:
        return "The diagram has a kind and nothing in it."
    if any(line.count('"') % 2 for line in content):
        return "A quotation mark is not closed."
    if kind != "erDiagram" and (fault := _brackets(content)):
        return fault
    if kind in ("flowchart", "graph", "sequenceDiagram") and (fault := _ends(content)):
        return fault
    return None


def _brackets(content: Sequence[str]) -> str | None:
    """Whether what is opened in a line is closed in it; arrows may end in a bracket, and quoted text may hold any."""
    for line in content:
        opened: list[str] = []
        for sign in _ARROWS.sub(" ", _QUOTED.sub("_", line)):
            if sign in _PAIRS.values():
                opened.append(sign)
            elif sign in _PAIRS and line != "}" and (not opened or opened.pop() != _PAIRS[sign]):
                return f"A bracket is closed that was not opened: {line[:80]}"
        if opened and not line.endswith("{"):
            return f"A bracket is not closed: {line[:80]}"
    return None


def _ends(content: Sequence[str]) -> str | None:
    depth = 0
    for line in content:
        word = line.split()[0]
        depth += (word in _BLOCKS) - (word == "end")
        if depth < 0:
            return "An “end” closes nothing."
    return "A block is not closed by “end”." if depth else None
