"""Requests that nobody would type and somebody will: English that understanding takes apart, with hostile pieces in it.

Every hostile piece carries `zq` or a product, so that it is recognised wherever it comes out again.
"""

from typing import Any

from hypothesis import strategies as st

from services.features.request import DESCRIPTION_MAX, TITLE_MAX, Document, FeatureRequest
from services.workflow.options import DocumentKind
from tests.corpus.options import option_rows

PRODUCT = "7919*7907"
EVALUATED = str(7919 * 7907).encode()
MARKS = (
    f"{{{{ {PRODUCT} }}}}",
    "{% raw %}",
    "{% for zq in range(9) %}",
    "{# zq #}",
    f"${{{PRODUCT}}}",
    "{% endraw %}",
    "{{zq",
    "{%zq",
)
MARKUP = (
    '<zq onclick="zq()">', "<script>zq()</script>", "</script><zq>", "</title><zq>", "-->", "<!-- zq", '" onmouseover="zq()',
    "' onfocus='zq()", "<svg/onload=zq()>", "&lt;zq&gt;", "[zq](javascript:zq())", "![zq](http://zq.invalid/zq.png)", "<http://zq.invalid>", "| zq | zq |",
)  # fmt: skip
CODE = (
    '"""', "'''", "\\", '\\"', "\\N{DASH}", "\\u0041\\x", "%s %(zq)s %n", "{zq} {0} {", "`zq`", "```", "$(zq)", "; zq #", "EOF",
    "'; DROP TABLE zq; --", "'zq' OR 1=1", "*/ zq /*", "// zq", "\\n zq: zq", "!!python/object:zq", "&zq *zq", "yes", "1e999", "~", "0o17",
)  # fmt: skip
PATHS = ("../../zq", "..\\..\\zq", "/etc/zq", "C:\\zq", "./", "con", "nul.txt", ".git/zq", "~/zq", "zq/" * 40)
UNICODE = (
    "\u202ezq",
    "zq\u2028zq",
    "zq\u200b",
    "\ufeffzq",
    "Größe",
    "Straße",
    "предмет",
    "注文",
    "طلب",
    "🚀🚀",
    "e\u0301e\u0301",
    "ﬁ",
    "İ",
    "ǆ",
)
HOSTILE = st.sampled_from(MARKS + MARKUP + CODE + PATHS + UNICODE) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=30
)

ACTORS = (
    "employee",
    "manager",
    "customer",
    "admin",
    "class teacher",
    "user",
    "guest",
    "on-call engineer",
    "anyone",
    "system",
)
NOUNS = (
    "expense", "order", "class", "import", "group", "select", "user", "table", "index", "session", "metadata", "registry", "record", "list", "history",
    "state", "person", "series", "bus", "city", "child", "data", "change", "notification", "use", "main", "test", "purchase order", "API key", "e-mail", "async",
    "None", "property", "type", "field", "listing", "flag", "2fa token", "naïve café",
)  # fmt: skip
FIELDS = (
    "title", "amount", "price", "date", "due date", "start", "end", "email", "link", "status", "state", "id", "version", "name", "class", "from", "metadata",
    "type", "password", "card number", "is urgent", "created at", "number of guests", "schema", "model config", "json", "copy", "self", "owner", "registry",
)  # fmt: skip
VERBS = (
    "create",
    "submit",
    "approve",
    "reject",
    "cancel",
    "delete",
    "import",
    "list",
    "get",
    "update",
    "close",
    "return",
    "raise",
    "export",
    "pass",
    "archive",
)
SHAPES = (
    "{Actor}s {verb} {noun}s with a {field}, a {other} and a {third}.", "Only {actor}s can {verb} a {noun}.", "A {noun} has a {field} and an optional {other}.",
    "The {field} must be at least {small} and at most {large}.", "The {field} must have at most {large} characters.", "A {noun} is deleted after {small} days.",
    "Nobody may {verb} their own {noun}.", "Amounts above {large} EUR need a {field}.", "The {field} is one of {verb}, {noun} or {hostile}.",
    "A {noun} can only be {verb}d while it is {verb} or {noun}.", "When a {noun} is {verb}d, the {actor} gets an e-mail.", "The {field} and the {other} must be unique.",
    "{Actor}s can search {noun}s by {field} and sort them by {other}.", "Every list shows {small} {noun}s a page.", "A {actor} has at most {small} {noun}s.",
    "No two {noun}s of one {field} overlap.", "The {field} must never be shown to {actor}s.", "{Actor}s see only their own {noun}s.", "The {field} must be after the {other}.",
    "As a {actor} I want to {verb} a {noun} so that {hostile}.", "# {Noun}\n\n- [ ] {Actor}s can {verb} a {noun}\n- {hostile}", "| {field} | {other} |\n|---|---|\n| {hostile} | {small} |",
    "Given a {noun} {hostile}, when a {actor} {verb}s it, then it is {verb}d.", "We use {hostile} to {verb} {noun}s.", "{hostile}", "{noun} {hostile} {field}.",
)  # fmt: skip


@st.composite
def sentences(draw: st.DrawFn) -> str:
    word = {
        "actor": draw(st.sampled_from(ACTORS)),
        "noun": draw(st.sampled_from(NOUNS)),
        "verb": draw(st.sampled_from(VERBS)),
        "small": draw(st.integers(0, 30)),
        "large": draw(st.integers(31, 10**12)),
        "hostile": draw(HOSTILE),
    }
    word |= dict(zip(("field", "other", "third"), draw(st.permutations(FIELDS))[:3], strict=True))
    word |= {"Actor": str(word["actor"]).capitalize(), "Noun": str(word["noun"]).capitalize()}
    return draw(st.sampled_from(SHAPES)).format(**word)


@st.composite
def descriptions(draw: st.DrawFn) -> str:
    said = draw(st.lists(sentences(), min_size=1, max_size=12))
    text = draw(st.sampled_from((" ", "\n", "\n\n- ", "\r\n", "; "))).join(said)
    return (text * draw(st.sampled_from((1, 1, 1, 1, 1, 40))))[: DESCRIPTION_MAX // 4]


@st.composite
def requests(draw: st.DrawFn) -> tuple[FeatureRequest, tuple[Document, ...]]:
    title = draw(st.one_of(sentences(), HOSTILE, st.sampled_from(NOUNS), st.just("zq" * 100)))[:TITLE_MAX]
    row: dict[str, Any] = draw(st.sampled_from(option_rows(48)))
    request = FeatureRequest(
        title=title if title.strip() else "Title",
        description=draw(descriptions().filter(str.strip)),
        corrections=draw(st.sampled_from(("", "")) | sentences()),
        **row,
    )
    kinds = draw(st.lists(st.sampled_from(list(DocumentKind)), max_size=2, unique=True))
    names = (draw(st.sampled_from(("rules.md", f"{{{{ {PRODUCT} }}}}.md", "<zq>.txt", "../zq.md"))) for _ in kinds)
    return request, tuple(
        Document(name=n, kind=kind, text=draw(sentences())) for kind, n in zip(kinds, names, strict=True)
    )
