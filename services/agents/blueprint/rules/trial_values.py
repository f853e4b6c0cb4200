"""Trials of rules about values: bodies at the boundary, one that is taken and one that is refused."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.agents.blueprint.rules.domain import NUMBERS, TEXTS, Domain, typed
from services.agents.blueprint.rules.examples import (
    ABSENT,
    Values,
    candidates,
    compared,
    holds,
    limits,
    moment,
    overlaps,
    solve,
    variants,
    with_defaults,
)
from services.agents.blueprint.rules.rule_code import Code, required_at
from services.agents.blueprint.rules.trial_basics import (
    CannotProve,
    Trial,
    field_named,
    fits,
    must_be_ready,
    needed,
    ready_state,
    whole,
)
from services.features.understanding import DataField, FieldType, Rule, RuleKind


def _required(domain: Domain, code: Code) -> Trial:
    rule, field = code.rule, field_named(domain, code.rule)
    if code.asked == "annotation":
        if not field.required:
            raise CannotProve(
                "its reference leads in a circle" if field.type is FieldType.REFERENCE else "it has a default"
            )
        body = needed(solve(domain, rule.resource), "no values satisfy all rules at once")
        return {"way": "always", "body": body, "without": {k: v for k, v in body.items() if k != field.name}}
    if field.required:
        raise CannotProve("another rule asks for it always")
    if field.default is not None:
        raise CannotProve("it has a default, so it is never missing")
    if rule.condition and rule.condition.field != "state" and rule.act in ("", "create"):
        return {"way": "create", **_required_when(domain, rule)}
    return {
        "way": "act",
        "tries": [
            _required_at(domain, rule, field, act)
            for act in required_at(domain, rule)
            if act != "update" or rule.act == "update"
        ],
    }


def _required_at(domain: Domain, rule: Rule, field: DataField, act: str) -> Trial:
    """The record has none yet; the act is refused without a value and done with it."""
    when = {}
    if rule.condition and rule.condition.field != "state":
        when = _required_when(domain, rule)["refused"]
        when = {rule.condition.field: when[rule.condition.field]}
    if act == "create":
        with_it = needed(
            solve(domain, rule.resource, fixed={field.name: _given(domain, rule, field)}), "no values satisfy it"
        )
        return {"act": act, "body": {k: v for k, v in with_it.items() if k != field.name}, "value": with_it[field.name]}
    must_be_ready(domain, rule.resource, act)
    body = solve(domain, rule.resource, fixed={**when, field.name: ABSENT}, without=[rule])
    body = needed(body, f"{field.name} is always there before")
    given = _given(domain, rule, field)
    needed(
        solve(domain, rule.resource, fixed=whole(domain, rule.resource, {**body, field.name: given}), act=act),
        f"no {field.name} can be given",
    )
    return {"act": act, "body": body, "value": given}


def _given(domain: Domain, rule: Rule, field: DataField) -> Any:
    found = [
        v for v in candidates(field, domain.of(rule.resource)) if solve(domain, rule.resource, fixed={field.name: v})
    ]
    if not found:
        raise CannotProve(f"no value of {field.name} satisfies all rules at once")
    return found[0]


def _required_when(domain: Domain, rule: Rule) -> Trial:
    condition = rule.condition
    assert condition is not None
    source_field = next((f for f in domain.resource(rule.resource).fields if f.name == condition.field), None)
    if source_field is None:
        raise CannotProve(f"{rule.resource} has no field {condition.field}")
    wanted = typed(source_field, condition.value)
    near = _near(source_field, wanted, candidates(source_field, domain.of(rule.resource)))
    yes = [v for v in near if holds(condition, source_field, {condition.field: v})]
    no = [v for v in near if v not in yes]
    name = rule.fields[0]
    spared = _first(domain, rule, [{condition.field: v, name: ABSENT} for v in no])
    refused = _first(domain, rule, [{condition.field: v, name: ABSENT} for v in yes], without=[rule])
    if spared is None or refused is None:
        raise CannotProve(f"its condition is always or never true of {condition.field}")
    given = needed(
        solve(
            domain,
            rule.resource,
            fixed={condition.field: refused[condition.field], **_giving(domain, rule)},
            others=[spared],
        ),
        "nothing satisfies it",
    )
    return {"spared": spared, "refused": refused, "given": given}


def _giving(domain: Domain, rule: Rule) -> Values:
    return {rule.fields[0]: candidates(field_named(domain, rule), domain.of(rule.resource), 1)[0]}


def _first(domain: Domain, rule: Rule, tries: Sequence[Values], **more: Any) -> Values | None:
    found = (solve(domain, rule.resource, fixed=fixed, **more) for fixed in tries)
    return next((values for values in found if values is not None), None)


def _near(field: DataField, wanted: Any, others: Sequence[Any]) -> list[Any]:
    """Values around a limit, the nearest first."""
    if field.type in NUMBERS:
        low, high = limits(field)
        return [v for v in (wanted, wanted - 1, wanted + 1) if low <= v <= high]
    if field.type is FieldType.DATE:
        return [wanted + dt.timedelta(days=n) for n in (0, -1, 1)]
    if field.type is FieldType.DATETIME:
        return [wanted + dt.timedelta(seconds=n) for n in (0, -1, 1)]
    if field.type in (FieldType.STRING, FieldType.TEXT) and not field.choices:
        return [wanted, *others]
    return list(others)


def _optional(domain: Domain, code: Code) -> Trial:
    field = field_named(domain, code.rule)
    if field.required or field.default is not None:
        raise CannotProve(f"another rule wants {field.name} to be there")
    given = needed(solve(domain, code.rule.resource), "no values satisfy all rules at once")
    without = {name: value for name, value in given.items() if name != field.name}
    body = needed(
        without if fits(domain, code.rule.resource, without) else None, f"other rules want {field.name} to be given"
    )
    return {"body": body, "wrong": {**body, field.name: {"not": "this"}}}


def _range(domain: Domain, code: Code) -> Trial:
    rule, field = code.rule, field_named(domain, code.rule)
    low, high = limits(field)
    is_text = field.type in TEXTS
    if (rule.minimum not in (None, field.minimum)) or (rule.maximum not in (None, field.maximum)):
        raise CannotProve(f"another rule gives {field.name} other limits")
    base = needed(solve(domain, rule.resource), "no values satisfy all rules at once")
    taken: list[Values] = []
    refused: list[Values] = []
    for limit, step in ((rule.minimum, -1), (rule.maximum, 1)):
        if limit is None:
            continue
        is_again = bool(taken) and rule.minimum == rule.maximum
        if is_text and field.type in (FieldType.EMAIL, FieldType.URL):
            raise CannotProve("addresses have a form of their own")
        at: Any = "x" * limit if is_text else float(limit) if field.type is FieldType.NUMBER else limit
        beyond: Any = "x" * (limit + step) if is_text else at + step
        given = None if is_again else solve(domain, rule.resource, fixed={field.name: at}, others=taken)
        if not is_again:
            taken.append(needed(given, f"other rules leave no example with {field.name} at its limit"))
        if not (is_text and limit + step < 0):
            refused.append({**base, field.name: beyond})
    if not refused:
        raise CannotProve("nothing is outside of it")
    return {"taken": taken, "refused": refused, "low": low, "high": high}


def _choices(domain: Domain, code: Code) -> Trial:
    rule, field = code.rule, field_named(domain, code.rule)
    if set(field.choices) != set(rule.values):
        raise CannotProve(f"another rule gives {field.name} other values")
    taken: list[Values] = []
    for value in rule.values:
        given = solve(domain, rule.resource, fixed={field.name: value}, others=taken)
        taken.append(needed(given, f"other rules leave no example where {field.name} is {value}"))
    return {"taken": taken, "refused": [{**taken[0], field.name: "none of these"}]}


def _format(domain: Domain, code: Code) -> Trial:
    field = field_named(domain, code.rule)
    base = needed(
        solve(domain, code.rule.resource, fixed=_giving(domain, code.rule)), "no values satisfy all rules at once"
    )
    bad = {
        FieldType.EMAIL: ("nobody", "a@b", "a b@example.org"),
        FieldType.URL: ("example.org", "ftp://example.org", "https://"),
    }
    return {"taken": [base], "refused": [{**base, field.name: v} for v in bad[field.type]]}


def _default(domain: Domain, code: Code) -> Trial:
    rule, resource = code.rule, domain.resource(code.rule.resource)
    if not rule.fields:
        base = needed(solve(domain, rule.resource), "no values satisfy all rules at once")
        return {"body": base, "field": "state", "value": resource.states[0], "other": {}}
    field = field_named(domain, rule)
    if field.default != rule.values[0] or field.required:
        raise CannotProve(f"another rule says otherwise of {field.name}")
    value = typed(field, rule.values[0])
    if not _is_within(field, value):
        raise CannotProve("its value is not allowed by another rule")
    body = needed(solve(domain, rule.resource, fixed={field.name: ABSENT}), "the default breaks another rule")
    others = [v for v in candidates(field, domain.of(rule.resource), 1) if v != value]
    other = _first(domain, rule, [{field.name: v} for v in others], others=[with_defaults(resource, body)])
    return {"body": body, "field": field.name, "value": value, "other": other or {}}


def _is_within(field: DataField, value: Any) -> bool:
    if field.choices:
        return value in field.choices
    if field.type in (*NUMBERS, *TEXTS):
        low, high = limits(field)
        return bool(low <= (len(value) if field.type in TEXTS else value) <= high)
    return True


def _unique(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    examples = variants(domain, rule.resource)
    if len(examples) < 4:
        raise CannotProve(f"there are too few different values of {' and '.join(rule.fields)}")
    own = [f for f in rule.fields if f != "created_by"]
    same = {f: examples[0][f] for f in own if f in examples[0]}
    if not own or len(same) < len(own):
        raise CannotProve("one of its fields can be empty only")
    again = solve(domain, rule.resource, fixed=same, others=[examples[0]], without=[rule])
    again = needed(again, "another rule keeps them apart already")
    is_own = "created_by" in rule.fields
    change = {} if is_own else _taken_over(domain, rule, examples)
    return {"first": examples[0], "again": again, "apart": examples[1], "change": change, "is_own": is_own}


def _taken_over(domain: Domain, rule: Rule, examples: Sequence[Values]) -> Values:
    """A change that would take the first example's values over, and breaks no other rule; empty: there is none."""
    fixed = {f for r in domain.of(rule.resource, RuleKind.FIXED) for f in r.fields}
    same = {f: examples[0][f] for f in rule.fields}
    changed = whole(domain, rule.resource, {**examples[1], **same})
    found = solve(domain, rule.resource, fixed=changed, others=[examples[0]], without=[rule])
    is_possible = found is not None and not fixed & set(rule.fields)
    return same if is_possible and _is_free_at_first(domain, rule.resource) else {}


def _compare(domain: Domain, code: Code) -> Trial:
    rule, field = code.rule, field_named(domain, code.rule)
    types = {f.name: f.type for f in domain.resource(rule.resource).fields}
    unit: Any = dt.timedelta(days=1) if field.type is FieldType.DATE else dt.timedelta(seconds=1)
    unit = 1 if field.type in NUMBERS else unit
    base = needed(solve(domain, rule.resource, fixed=_other_given(domain, rule)), "no values satisfy all rules at once")
    rights = (
        [moment(rule, field.type)]
        if len(rule.fields) == 1
        else [base[rule.fields[1]], *candidates(field_named(domain, rule, 1), domain.of(rule.resource))]
    )
    for right in rights:
        more = {rule.fields[1]: right} if len(rule.fields) > 1 else {}
        lefts = [right, right - unit, right + unit]
        yes = [v for v in lefts if compared(rule, {**more, field.name: v}, types)]
        taken = _first(domain, rule, [{**more, field.name: v} for v in yes])
        refused = _first(domain, rule, [{**more, field.name: v} for v in lefts if v not in yes], without=[rule])
        if taken is not None and refused is not None:
            return {"taken": [taken], "refused": [refused]}
    raise CannotProve("other rules leave no example on both sides of it")


def _other_given(domain: Domain, rule: Rule) -> Values:
    if len(rule.fields) == 1:
        return {}
    field = field_named(domain, rule, 1)
    for value in candidates(field, domain.of(rule.resource)):
        if solve(domain, rule.resource, fixed={field.name: value}):
            return {field.name: value}
    return {}


def _fixed(domain: Domain, code: Code) -> Trial:
    rule, changes = code.rule, []
    must_be_ready(domain, rule.resource, "update")
    base = needed(solve(domain, rule.resource), "no values satisfy all rules at once")
    stored = with_defaults(domain.resource(rule.resource), base)
    for position, name in enumerate(rule.fields):
        options = candidates(field_named(domain, rule, position), domain.of(rule.resource), 1)
        possible = [v for v in options if v != stored[name] and fits(domain, rule.resource, {**base, name: v})]
        if not possible:
            raise CannotProve(f"there is no other value of {name}")
        changes.append({name: possible[0]})
    return {"body": base, "changes": changes}


def _hidden(domain: Domain, code: Code) -> Trial:
    rule = code.rule
    body = needed(
        solve(domain, rule.resource, fixed={n: _plain(domain, rule, i) for i, n in enumerate(rule.fields)}),
        "no values satisfy all rules at once",
    )
    if any(
        domain.hidden(rule.resource)[n] != ("masked" if rule.channel == "masked" else "left out") for n in rule.fields
    ):
        raise CannotProve("another rule hides it in another way")
    masked = {
        n: "*" * (len(str(body[n])) - 4) + str(body[n])[-4:] if len(str(body[n])) > 4 else "*" * len(str(body[n]))
        for n in rule.fields
    }
    return {"body": body, "masked": masked if rule.channel == "masked" else {}}


def _plain(domain: Domain, rule: Rule, position: int) -> Any:
    field = field_named(domain, rule, position)
    if field.type is FieldType.STRING and not field.choices:
        low, high = (int(n) for n in limits(field))
        return "4111222233334444"[:high].ljust(low, "0")
    return candidates(field, domain.of(rule.resource))[0]


def _overlap(domain: Domain, code: Code) -> Trial:
    rule, (same, start, end) = code.rule, code.rule.fields
    examples = variants(domain, rule.resource)
    if len(examples) < 4 or any(f not in examples[0] for f in rule.fields):
        raise CannotProve("there are too few spans that do not overlap")
    first = examples[0]
    length = first[end] - first[start]
    tries = (
        [first[start] + n * length / 2 for n in (1, -1, 0)] if isinstance(first[start], dt.datetime) else [first[start]]
    )
    crossing = [{same: first[same], start: t, end: t + length} for t in tries]
    again = needed(
        _first(domain, rule, crossing, others=[first], without=[rule]), "other rules keep them apart already"
    )
    touching = [
        {same: first[same], start: first[end], end: first[end] + length},
        {same: first[same], start: first[start] - length, end: first[start]},
    ]
    after = needed(_first(domain, rule, touching, others=[first]), "other rules leave no span beside another")
    assert overlaps(rule, again, first)
    return {
        "first": first,
        "again": again,
        "after": after,
        "change": {start: again[start], end: again[end]} if _may_move(domain, rule) else {},
    }


def _may_move(domain: Domain, rule: Rule) -> bool:
    fixed = {f for r in domain.of(rule.resource, RuleKind.FIXED) for f in r.fields}
    return not fixed & set(rule.fields) and _is_free_at_first(domain, rule.resource)


def _is_free_at_first(domain: Domain, resource: str) -> bool:
    """A new record can be changed."""
    return ready_state(domain, resource, "update") in ("", *domain.resource(resource).states[:1])


VALUE_TRIALS: Mapping[RuleKind, Callable[[Domain, Code], Trial]] = {
    RuleKind.REQUIRED: _required, RuleKind.OPTIONAL: _optional, RuleKind.RANGE: _range, RuleKind.CHOICES: _choices, RuleKind.FORMAT: _format, RuleKind.UNIQUE: _unique,
    RuleKind.DEFAULT: _default, RuleKind.COMPARE: _compare, RuleKind.FIXED: _fixed, RuleKind.HIDDEN: _hidden, RuleKind.OVERLAP: _overlap,
}  # fmt: skip
