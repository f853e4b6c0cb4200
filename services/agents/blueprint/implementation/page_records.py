"""The records of step 5, counted and read from the page's own plan and files."""

from collections.abc import Mapping

from services.agents.blueprint.implementation.page_checks import compressed, contrasts, served
from services.agents.blueprint.implementation.page_plans import PagePlan, columns_of, is_optimistic
from services.agents.blueprint.rules.rule_code import sent_with
from services.agents.engine import Brief
from services.deliverables.discovery import Operation
from services.deliverables.implementation import AccessibilityCheck, Call, PageBudget, Screen
from services.features import words
from services.features.understanding import Resource, RuleKind

# Over slow 4G (1.6 Mbit/s) the compressed bytes take a fifth of a second.
RAW_KB, WIRE_KB, REQUESTS = 120, 40, 30
_VITALS = (
    ("Largest Contentful Paint", "2.5 s"),
    ("Interaction to Next Paint", "200 ms"),
    ("Cumulative Layout Shift", "0.1"),
)
_LIST, _ONE = (
    ("loading", "empty", "nothing fits", "ready", "more", "error", "offline", "denied", "switched off"),
    ("loading", "ready", "gone", "error", "offline", "denied"),
)
_STALE = "changed by somebody else"
_FORM = ("typing", "not valid", "saving", "refused", _STALE, "offline", "error")
PROBLEMS = {
    401: "asks who it is",
    403: "says which role may not",
    404: "says that the record is gone",
    409: "says why it is not possible now and shows the newest values",
    412: "shows both values of each field and lets the person choose",
    422: "shows each message at its field",
    429: "says how often is allowed",
}
NO_ANSWER = "no answer in 10 s: keeps what was typed and offers to try again"
_BROWSER = "the picture check"


def screens_of(brief: Brief, page: PagePlan) -> tuple[Screen, ...]:
    roles = tuple(dict.fromkeys(role for op in page.design.operations for role in op.roles))
    made = [
        Screen(
            route="sign-in",
            purpose="says who somebody is",
            stories=(),
            roles=roles,
            shows=("user name", "role"),
            operations=(),
            states=("typing", "not valid", "elsewhere", "error"),
        )
    ]
    for resource in page.plan.resources:
        made += _screens(brief, page, resource)
    return tuple(made)


def _screens(brief: Brief, page: PagePlan, resource: Resource) -> list[Screen]:
    """Place -> what it is for, what is done there, what it shows, what can be met."""
    domain, label = page.domain, resource.label.lower()
    verbs = list(dict.fromkeys(v for v, _, _ in resource.transitions))
    taken = {v: tuple(sent_with(domain, resource.name, v)) for v in verbs}
    acts = ("delete", *(v for v in verbs if not taken[v]))
    fields, state = tuple(f.name for f in resource.fields), ("state",) if resource.states else ()
    hidden = domain.hidden(resource.name)
    shown = (*state, *(f for f in fields if hidden.get(f) != "left out"), "created_at", "changed_at")
    fixed = {f for r in domain.of(resource.name, RuleKind.FIXED) for f in r.fields}
    one = words.article(label)
    places: list[tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
        ("", f"finds {words.plural(label)}", ("list", "export", *acts), (*columns_of(resource, domain), *state), _LIST),
        ("/{id}", f"shows {one} and what may be done", ("get", "history", *acts), shown, _ONE),
        ("/new", f"creates {one}", ("create",), fields, tuple(s for s in _FORM if s != _STALE)),
        ("/{id}/update", f"changes {one}", ("update",), tuple(f for f in fields if f not in fixed), _FORM),
        *(
            (f"/{{id}}/{verb}", f"takes what is needed to {verb.replace('_', ' ')} {one}", (verb,), taken[verb], _FORM)
            for verb in verbs
            if taken[verb]
        ),
    ]
    return [_screen(brief, page, resource, *place) for place in places]


def _screen(
    brief: Brief,
    page: PagePlan,
    resource: Resource,
    at: str,
    purpose: str,
    acts: tuple[str, ...],
    shows: tuple[str, ...],
    states: tuple[str, ...],
) -> Screen:
    operations = {op.verb: op for op in page.operations(resource.name)}
    used = [operations[a] for a in acts if a in operations]
    stories = {s for op in used for s in op.stories}
    return Screen(
        route=f"#/{resource.plural.replace('_', '-')}{at}",
        purpose=purpose,
        stories=tuple(s.id for s in brief.understanding.stories if s.id in stories),
        roles=used[0].roles,
        shows=shows,
        operations=tuple(op.id for op in used),
        states=states,
    )


def calls_of(page: PagePlan) -> tuple[Call, ...]:
    return tuple(_call(page, op) for op in page.design.operations)


def _call(page: PagePlan, op: Operation) -> Call:
    told = [f"{code} {PROBLEMS[code]}" for code in op.errors if code in PROBLEMS]
    is_safe = op.method == "GET"
    again = (
        "twice, with full jitter"
        if is_safe
        else "twice, with the same Idempotency-Key"
        if op.verb == "create"
        else "never"
    )
    return Call(
        operation=op.id,
        optimistic=is_optimistic(page, page.domain.resource(op.resource), op),
        retry=again,
        on_failure="; ".join([*told, NO_ANSWER]),
    )


def components_of(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Each module says in its first line what it is for."""
    modules = {path: data.decode().split("\n", 1)[0] for path, data in served(files).items() if path.endswith(".js")}
    return tuple(f"{path.removeprefix('web/')}: {line.removeprefix('// ')}" for path, line in sorted(modules.items()))


def accessibility_of(files: Mapping[str, bytes], *, is_deleting: bool) -> tuple[AccessibilityCheck, ...]:
    found = contrasts(files["web/styles.css"].decode())
    text = ", ".join(f"{scheme} {ratio:.1f}:1" for scheme, (ratio, _) in found.items())
    edges = ", ".join(f"{scheme} {ratio:.1f}:1" for scheme, (_, ratio) in found.items())
    rows = (
        ("1.3.1", "every input has a visible label; hint and error are tied to it; lists are tables with headers, also at phone width", _BROWSER),
        ("1.3.5", "inputs for a person's own name and address say so", "a person"),
        ("1.4.1", "a state is a word in a frame; a wrong field has a text and a thicker edge, not a colour alone", "a person"),
        ("1.4.3", f"lowest contrast of text: {text}; 4.5:1 is asked for", f"counted from styles.css; {_BROWSER}"),
        ("1.4.10", "at 320 pixels rows become blocks and nothing scrolls sideways", _BROWSER),
        ("1.4.11", f"lowest contrast of edges: {edges}; 3:1 is asked for", "counted from styles.css"),
        ("2.1.1", "every act is a link, a button or an input; there is no other", _BROWSER),
        ("2.4.1", "a link leads past the head to the content", _BROWSER),
        ("2.4.2", "the title names the place", _BROWSER),
        ("2.4.3", "after a change of place the heading has the focus; after an act the same record keeps it", _BROWSER),
        ("2.4.7", "an outline of 3 pixels shows the focus", _BROWSER),
        ("2.5.8", "targets are at least 24 by 24 pixels; buttons are 36 to 44 high", _BROWSER),
        ("2.3.3", "nothing moves where the system asks for less motion", "a person"),
        ("3.3.1", "the first wrong field has the focus, its message is beside it", _BROWSER),
        ("3.3.2", "what is required says so in words, and why where another value makes it so", "a person"),
        ("3.3.4", f"{'deleting asks first; ' if is_deleting else ''}a change that meets another one is compared field by field", _BROWSER),
        ("4.1.3", "loading, saving and what came of it are announced politely, problems at once", _BROWSER),
    )  # fmt: skip
    return tuple(AccessibilityCheck(criterion=criterion, how=how, checked_by=by) for criterion, how, by in rows)


def budgets_of(files: Mapping[str, bytes]) -> tuple[PageBudget, ...]:
    sent = served(files)
    raw, wire = sum(map(len, sent.values())) / 1000, sum(map(compressed, sent.values())) / 1000
    return (
        _budget("bytes, as they are", RAW_KB, raw, "kB"),
        _budget("bytes, compressed (gzip -9 per file)", WIRE_KB, wire, "kB"),
        _budget("requests for the page itself", REQUESTS, len(sent), ""),
        *(
            PageBudget(metric=name, limit=f"below {limit}", value="not measured", verdict="open")
            for name, limit in _VITALS
        ),
    )


def _budget(metric: str, limit: int, value: float, unit: str) -> PageBudget:
    told = f"{value:.1f} {unit}" if unit else f"{value:.0f}"
    return PageBudget(
        metric=metric,
        limit=f"at most {limit} {unit}".strip(),
        value=told,
        verdict="kept" if value <= limit else "broken",
    )
