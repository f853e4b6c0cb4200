"""Markdown from data. Everything that people typed is escaped: it is shown as typed and never becomes markup."""

import re
from collections.abc import Iterable, Sequence

from services.features.request import Document

# What Markdown, GitHub's form of it and Streamlit read as markup, each only where it would be: a colon before a letter or a
# slash begins a directive (`:red[`, `:smile:`) or ends the scheme of a link; an underscore inside a word is only itself.
_SPECIAL = re.compile(
    r"""([\\`*\[\]<|~$]
      | \{(?=[{%]) | (?<!\w:):(?=[A-Za-z_+/-])
      | (?<![^\W_])_ | _(?![^\W_])
      | (?<=\])\( | (?<![\s=-])(?<!^)> | !(?=\[)
      | &(?=\#?\w+;)
      | (?<!\S)\#
      | ^(?:> | [-+](?=[\s+-]) | =(?==))
    )""",
    re.VERBOSE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_LABEL = 60
ORIGIN = "*Made by the blueprint engine from the request. No model was called.*"


def text(value: object, limit: int = 400) -> str:
    """One line of plain text, its special characters escaped, cut with an ellipsis at the limit."""
    plain = " ".join(str(value).split())
    cut = plain if len(plain) <= limit else plain[: limit - 1] + "…"
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", cut))


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Empty without rows."""
    body = ["| " + " | ".join(text(cell) for cell in row) + " |" for row in rows]
    if not body:
        return ""
    return "\n".join(["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers), *body])


def bullets(items: Iterable[object]) -> str:
    return "\n".join(f"- {text(item)}" for item in items)


def documents(given: Iterable[Document]) -> str:
    """A bullet for each context document; of a picture it says that this engine sees none."""
    unseen = "a picture; shown to reviewers, not read by this engine"
    return bullets(f"{d.name}: {unseen}" if d.media_type.is_picture else d.name for d in given)


def mermaid(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```"])


def label(value: object) -> str:
    """A name inside a diagram: letters, digits, spaces and a little punctuation only, cut at a word."""
    plain = " ".join(re.sub(r"[^A-Za-z0-9 _./-]", " ", str(value)).split())
    return (plain if len(plain) <= _LABEL else plain[: _LABEL + 1].rsplit(" ", 1)[0][:_LABEL]) or "feature"


def report(
    title: str, summary: str, sections: Iterable[tuple[str, str]], remarks: Iterable[tuple[str, str]] = ()
) -> str:
    """Summary first, then the sections that hold something, then what became of remarks."""
    parts = [f"# {text(title)}", text(summary, 600), ORIGIN]
    parts += [f"## {heading}\n\n{body}" for heading, body in sections if body]
    answered = table(("Remark", "What became of it"), remarks)
    if answered:
        parts.append(f"## Remarks and what became of them\n\n{answered}")
    return "\n\n".join(parts) + "\n"
