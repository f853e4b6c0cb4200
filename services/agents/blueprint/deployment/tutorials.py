"""The tutorial: the first five calls after `make run`, in an order in which each of them works."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.discovery.contracts import json_value, sent_of
from services.agents.blueprint.rules.examples import NOW, Reference, solve
from services.agents.blueprint.rules.rule_plan import Plan
from services.agents.blueprint.rules.trial_basics import by_others, change_of, ready_state
from services.deliverables.discovery import Architecture, Operation
from services.features import words
from services.features.speech import done

_BASE = "http://127.0.0.1:8000"
_READ = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"{name}\"])'"
_NOW = "d.datetime.now(d.timezone.utc).replace(tzinfo=None)"
# Functions of the shell that tell a time so many seconds, or a day so many days, from now.
_CLOCKS = (
    (
        "$(at ",
        'at() { python3 -c "import datetime as d; print(('
        + _NOW
        + " + d.timedelta(seconds=$1)).isoformat(timespec='seconds') + 'Z')\"; }\n",
    ),
    ("$(day ", 'day() { python3 -c "import datetime as d; print((' + _NOW + ' + d.timedelta(days=$1)).date())"; }\n'),
)


@dataclass(frozen=True)
class Step:
    heading: str
    shell: str
    tells: str


def tutorial(plan: Plan, design: Architecture, document: Mapping[str, Any], title: str) -> str:
    main = design.entities[0]
    steps = steps_of(plan, design, document)
    shown = "\n\n".join(
        f"## {n}. {s.heading}\n\n```sh\n{s.shell}\n```\n\n{s.tells}" for n, s in enumerate(steps, start=1)
    )
    return (
        f"# First steps: {markdown.text(title)}\n\nTutorial, for whoever starts the service for the first time. Five minutes; you need Python 3.11 or newer, and curl.\n\n"
        f"```sh\nmake run\n```\n\nLeave it running and open a second window for what follows. At the end you have made {markdown.text(words.article(main.label.lower()))} and seen a rule say no.\n\n"
        f"{shown}\n\n## From here\n\n- [User guide](user-guide.md): the same on the page\n- [API](api.md): every operation\n- [Integration guide](integration.md): tokens, repeats and events for a system that calls this one\n"
    )


def steps_of(plan: Plan, design: Architecture, document: Mapping[str, Any]) -> list[Step]:
    main = design.entities[0].name
    ops = {op.verb: op for op in design.operations if op.resource == main}
    maker = ops["create"].roles[0]
    found = [_sign_in(maker), _create(plan, design, document, ops["create"]), _look(ops["get"], maker)]
    found.append(_act(plan, ops, maker))
    steps = [*found, _refused(ops, plan)]
    clock = "".join(text for mark, text in _CLOCKS if any(mark in s.shell for s in steps))
    return [replace(steps[0], shell=clock + steps[0].shell), *steps[1:]]


def _sign_in(role: str) -> Step:
    shell = (
        "sign_in() {\n"
        f"  curl -s -X POST {_BASE}/sign-in -H 'Content-Type: application/json' \\\n"
        '    -d "{\\"user\\": \\"$1\\", \\"role\\": \\"$2\\"}" | ' + _READ.format(name="token") + "\n}\n"
        f"TOKEN=$(sign_in ana '{_plain(role)}')"
    )
    return Step(
        f"Sign in as {markdown.text(words.article(role.replace('_', ' ')))}",
        shell,
        "`/sign-in` exists only where SIGN_IN=local, as `make run` sets it. Elsewhere your identity provider gives the token.",
    )


def _create(plan: Plan, design: Architecture, document: Mapping[str, Any], op: Operation) -> Step:
    lines: list[str] = []
    made: dict[str, str] = {}
    name = _make(plan, design, document, op.resource, lines, made)
    label = design.entity(op.resource).label.lower()
    before = [design.entity(other).label.lower() for other in made if other != op.resource]
    needs = (
        f"It refers to {markdown.text(' and '.join(words.article(b) for b in before))}, so that is made first. "
        if before
        else ""
    )
    return Step(
        f"Make {markdown.text(words.article(label))}",
        "\n".join([*lines, f"echo ${name}"]),
        f"{needs}The answer is 201 with the record; its id is kept for the next calls.",
    )


def _make(
    plan: Plan, design: Architecture, document: Mapping[str, Any], resource: str, lines: list[str], made: dict[str, str]
) -> str:
    """Shell that makes a record and everything it refers to; gives the name of the variable with its id."""
    if resource in made:
        return made[resource]
    op = next(o for o in design.operations if o.resource == resource and o.verb == "create")
    schema = _body_schema(document, op)
    references = {n: v.resource for n, v in (solve(plan.domain, resource) or {}).items() if isinstance(v, Reference)}
    ids = {
        field: _make(plan, design, document, other, lines, made)
        for field, other in references.items()
        if other != resource
    }
    body = json.dumps(sent_of(plan, op, document, schema), ensure_ascii=True).replace("'", "\\u0027")
    for field, variable in ids.items():
        body = body.replace(f'"{field}": 1', f"\"{field}\": '${variable}'")
    body = _moving(body, solve(plan.domain, resource) or {})
    variable = "ID" if resource == design.entities[0].name else resource.upper()
    token = f"$(sign_in ana '{_plain(op.roles[0])}')"
    lines.append(
        f"{variable}=$(curl -s -X POST {_BASE}{op.path} -H \"Authorization: Bearer {token}\" \\\n  -H 'Content-Type: application/json' -d '{body}' | {_READ.format(name='id')})"
    )
    made[resource] = variable
    return variable


def _moving(body: str, values: Mapping[str, Any]) -> str:
    """Times as distances from now, so that the call works on any day: `at` and `day` are functions of the first step."""
    for name, value in values.items():
        if isinstance(value, dt.datetime):
            seconds = int((value - NOW).total_seconds())
            body = body.replace(json.dumps({name: json_value(value)})[1:-1], f'"{name}": "\'$(at {seconds})\'"')
        elif isinstance(value, dt.date):
            body = body.replace(
                json.dumps({name: json_value(value)})[1:-1], f'"{name}": "\'$(day {(value - NOW.date()).days})\'"'
            )
    return body


def _body_schema(document: Mapping[str, Any], op: Operation) -> Mapping[str, Any]:
    item = document["paths"][op.path][op.method.lower()]
    found: Mapping[str, Any] = item["requestBody"]["content"]["application/json"]["schema"]
    return found


def _look(op: Operation, role: str) -> Step:
    token = "$TOKEN" if role in op.roles else f"$(sign_in ana '{_plain(op.roles[0])}')"
    return Step(
        "Read it back",
        f'curl -s {_BASE}{op.path.replace("{id}", "$ID")} -H "Authorization: Bearer {token}"',
        "The same values, with `version` 1.",
    )


def _act(plan: Plan, ops: Mapping[str, Operation], maker: str) -> Step:
    """The first step of its life that a new record can take; a change of a field where it has none."""
    resource = ops["create"].resource
    moves = [
        verb
        for verb, source, _ in plan.domain.resource(resource).transitions
        if source == plan.domain.resource(resource).states[0] and verb not in plan.domain.blocked(resource, verb)
    ]
    needing = {r.act for r in plan.domain.of(resource) if r.kind.value == "required" and r.act}
    verb = next((v for v in moves if v in ops and v not in needing), "")
    if not verb or ready_state(plan.domain, resource, verb) is None:
        return _change(plan, ops["update"], maker)
    op, label = ops[verb], plan.domain.resource(resource).label.lower()
    user = "bob" if by_others(plan.domain, resource, verb) or op.roles[0] != maker else "ana"
    why = " by somebody else, since nobody may do it to an own one" if by_others(plan.domain, resource, verb) else ""
    shell = f"curl -s -X POST {_BASE}{op.path.replace('{id}', '$ID')} \\\n  -H \"Authorization: Bearer $(sign_in {user} '{_plain(op.roles[0])}')\""
    target = plan.domain.target(resource, verb).replace("_", " ")
    return Step(
        f"Have it {markdown.text(done(verb))}",
        shell,
        f"Done as {markdown.text(words.article(op.roles[0].replace('_', ' ')))}{why}. The {markdown.text(label)} is {markdown.text(target)} from now on.",
    )


def _change(plan: Plan, op: Operation, maker: str) -> Step:
    role = maker if maker in op.roles else op.roles[0]
    values = change_of(plan.domain, op.resource)
    body = {n: json_value(v) for n, v in values.items()}
    told = _moving(json.dumps(body, ensure_ascii=True).replace("'", "\\u0027"), values)
    shell = f"curl -s -X PATCH {_BASE}{op.path.replace('{id}', '$ID')} -H \"Authorization: Bearer $(sign_in ana '{_plain(role)}')\" \\\n  -H 'If-Match: \"1\"' -H 'Content-Type: application/json' -d '{told}'"
    return Step(
        "Change it",
        shell,
        "`If-Match` names the version that you read. The answer has `version` 2; the same call again is refused with 412.",
    )


def _refused(ops: Mapping[str, Operation], plan: Plan) -> Step:
    """A call that has to be refused: a role that may not, else a caller whom nobody knows."""
    everyone = plan.domain.understanding.actors
    for op in ops.values():
        other = next((role for role in everyone if role not in op.roles), None)
        if other and op.method == "POST":
            path = op.path.replace("{id}", "$ID")
            body = " -H 'Content-Type: application/json' -d '{}'" if op.verb == "create" else ""
            shell = f"curl -s -X POST {_BASE}{path}{body} \\\n  -H \"Authorization: Bearer $(sign_in eve '{_plain(other)}')\""
            return Step(
                "See a rule say no",
                shell,
                f"403: {markdown.text(op.id)} is for {markdown.text(' or '.join(op.roles))} only, and eve is {markdown.text(words.article(other.replace('_', ' ')))}. The problem document says so.",
            )
    return Step(
        "See a rule say no",
        f"curl -s {_BASE}{ops['list'].path}",
        "401: without a token nobody is known. The problem document says so.",
    )


def _plain(role: str) -> str:
    return "".join(c for c in role if c.isalnum() or c in " _-")
