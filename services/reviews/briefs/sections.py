"""What stands in a brief beside the critical changes: what failed, risks, assumptions, remarks, what waits for a person. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from services.criteria.traceability import Line as Trace
from services.reviews.briefs.changes import KINDS, critical_changes
from services.reviews.briefs.fitting import Brief, Item, Line, Section, fit, shortened
from services.reviews.briefs.in_evidence import MEASURED, place_of
from services.reviews.briefs.renames import Names
from services.reviews.briefs.seen import Made, Seen, Show, Source
from services.workflow.criteria import CRITERIA
from services.workflow.tasks import title_of

_TITLES = {criterion.id: criterion.title for criterion in CRITERIA}
_DUE = {criterion.id: criterion.phase for criterion in CRITERIA}
_CITED = re.compile(r"\b(?:AC|OP|US)-[\w.]*\w")
_RISKS_MAX = 5
_OF_EACH_MAX = 3
_REPAIRS_MAX = 4


@dataclass(frozen=True)
class Approved:
    """The last approval of the person who reads."""

    phase: int
    at: datetime


@dataclass(frozen=True)
class Unheeded:
    """A remark that changed nothing, and why as far as it is known."""

    task: str
    text: str
    why: str


@dataclass(frozen=True)
class Situation:
    """`before` is empty for whoever has approved nothing. `undecided`: ids of acceptance criteria that wait for a person.

    `to_vouch`: (criterion, end of the sentence); `waivers`: (criterion, who asks, why). `repairs`: (task, revision, how many
    findings it was to mend), oldest first.
    """

    phase: int
    approved: Approved | None
    before: Seen
    after: Seen
    traces: tuple[Trace, ...] = ()
    unheeded: tuple[Unheeded, ...] = ()
    undecided: tuple[str, ...] = ()
    to_vouch: tuple[tuple[str, str], ...] = ()
    waivers: tuple[tuple[str, str, str], ...] = ()
    repairs: tuple[tuple[str, int, int], ...] = ()


def write(case: Situation) -> Brief:
    critical = tuple(_critical(case))
    again = [key for key, made in case.after.made.items() if _is_other(case.before.made.get(key), made)]
    new = [key for key in case.after.made if key not in case.before.made]
    return fit(
        _lead(case, is_changed=bool(again), is_critical=bool(critical)),
        (*(_steps(case, again, new) if case.approved else ()), *_repairs(case)),
        Section("Look at this first", critical),
        [
            Section("Failed or not measured", tuple(_failures(case))),
            Section("Risks with the widest reach", tuple(_risks(case))),
            _first_of_each("Assumed or still open", tuple(_assumed(case))),
            Section("Remarks without effect", tuple(_remarks(case))),
            Section("For a person to decide", tuple(_decisions(case))),
        ],
    )


def _lead(case: Situation, *, is_changed: bool, is_critical: bool) -> str:
    if case.approved is None:
        return "You have approved nothing in this run yet, so this is about all of it."
    if not is_changed:
        return "Nothing that you approved has changed."
    since = f"You approved phase {case.approved.phase} on {case.approved.at:%-d %B}. Since then something has changed"
    return f"{since}." if is_critical else f"{since}, but nothing critical."


def _steps(case: Situation, again: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    if again:
        was = case.before.made
        items = (Item(title_of(key), "", Source(key, Show.REVISIONS, against=was[key].number)) for key in again)
        yield Line("Made again with another result", tuple(items))
    if new:
        yield Line("New since your approval", tuple(Item(title_of(k), "", Source(k, Show.REPORT)) for k in new))


def _repairs(case: Situation) -> Iterator[Line]:
    """One line, whatever a person has approved: nobody but programs has asked for these revisions."""
    if case.repairs:
        items = tuple(
            Item(
                title_of(key),
                f"revision {number}, {_findings(count)}",
                Source(key, Show.REVISIONS, number, against=number - 1),
            )
            for key, number, count in case.repairs[:_REPAIRS_MAX]
        )
        yield Line("Repaired after failed checks", items, len(case.repairs) - len(items))


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"


def _is_other(before: Made | None, after: Made) -> bool:
    return before is not None and before.output_hash != after.output_hash


def _first_of_each(title: str, lines: Sequence[Line]) -> Section:
    """Some lines of each sort, so that many of one do not hide the next."""
    counts: dict[str, int] = {}
    kept = []
    for line in lines:
        name = line.items[0].name
        counts[name] = counts.get(name, 0) + 1
        if counts[name] <= _OF_EACH_MAX:
            kept.append(line)
    return Section(title, tuple(kept), len(lines) - len(kept))


def _critical(case: Situation) -> Iterator[Line]:
    for kind, group in groupby(critical_changes(case.before, case.after), key=lambda change: change.kind):
        items = tuple(
            Item(
                shortened(change.name, words=9, characters=90),
                shortened(change.said, words=16, characters=140),
                change.source,
            )
            for change in group
        )
        yield Line(KINDS[kind], items)


def _failures(case: Situation) -> Iterator[Line]:
    """What fails first; criteria that are not due at this gate are no news."""
    for name, check in case.after.checks.items():
        if check.outcome == "failed":
            source = place_of(check.findings[0]) if check.findings else MEASURED
            yield _sentence(f"Check of {_plain(name)}", check.reason, source)
    judged = case.after.verdicts
    not_met = [id_ for id_, (outcome, _) in judged.items() if outcome == "not_met"]
    if not_met:
        yield Line("Criteria not met", tuple(Item(_TITLES.get(id_, id_), "", MEASURED) for id_ in not_met))
    unknown = [name for name, check in case.after.checks.items() if check.outcome == "not_measured"]
    unjudged = [id_ for id_, (outcome, _) in judged.items() if outcome == "not_measured" and _DUE[id_] <= case.phase]
    if unknown:
        why = shortened(case.after.checks[unknown[0]].reason, words=14)
        yield Line("Checks that could not measure", tuple(Item(_plain(n), why if n == unknown[0] else "", MEASURED) for n in unknown))  # fmt: skip
    if unjudged:
        yield Line("Criteria without a measurement", tuple(Item(_TITLES[id_], "", MEASURED) for id_ in unjudged))


def _risks(case: Situation) -> Iterator[Line]:
    """Of those that the person has not seen as they are: by score and by how much hangs on them."""
    tables = (("business", "risks", "risk"), ("risk", "threats", "threat"))
    found = []
    names = Names(case.before, case.after)
    texts = {key: _json(made.records) for key, made in case.after.made.items()}
    for task, table, words in tables:
        seen = {names.old(_json(row)) for row in case.before.rows(task, table)}
        for row in case.after.rows(task, table):
            score = in_numbers(row, "likelihood") * in_numbers(row, "impact")
            if score and names.new(_json(row)) not in seen:
                others = [text for key, text in texts.items() if key != task]
                reach = _reach(row, case.traces, others)
                found.append((score * (1 + sum(reach)), score, row, words, task, reach))
    found.sort(key=lambda one: (-one[0], str(one[2].get("id"))))
    for _, score, row, words, task, reach in found[:_RISKS_MAX]:
        said = f"{shortened(str(row.get(words, '')), words=18)} (risk {score} of 25{_reach_words(reach)})"
        yield Line("", (Item(str(row.get("id", "")), said, case.after.in_records(task)),))


def in_numbers(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else 0


def _reach(row: Mapping[str, Any], traces: Sequence[Trace], texts: Sequence[str]) -> tuple[int, int, int]:
    """How many criteria, files and other steps trace to a risk: by the ids that it cites, and by who cites it."""
    cited = set(_CITED.findall(_json(row)))
    lines = [line for line in traces if cited & {line.criterion, line.story, *line.operations}]
    files = {place.split("::")[0] for line in lines for place in line.code}
    own = re.compile(rf"\b{re.escape(str(row.get('id', '')))}\b(?!\.)")
    steps = sum(bool(own.search(text)) for text in texts)
    return len(lines), len(files), steps


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), ensure_ascii=False)


def _reach_words(reach: tuple[int, int, int]) -> str:
    names = (("criterion", "criteria"), ("file", "files"), ("other step", "other steps"))
    told = [f"{n} {names[i][n != 1]}" for i, n in enumerate(reach) if n]
    return f"; touches {' and '.join([', '.join(told[:-1]), told[-1]] if told[1:] else told)}" if told else ""


def _assumed(case: Situation) -> Iterator[Line]:
    """Worst first: what will not be there, what was not understood, what nobody has answered, what was guessed."""
    tables = (
        ("Not built", "business", "not_built"),
        ("Not understood", "business", "not_understood"),
        ("Condition", "risk", "conditions"),
        ("Open question", "business", "questions"),
        ("Open question", "risk", "unknowns"),
        ("Assumed", "business", "assumptions"),
        ("Assumed", "architecture", "assumptions"),
    )
    told: set[str] = set()
    for words, task, table in tables:
        seen = set(case.before.texts(task, table))
        for text in case.after.texts(task, table):
            asked = text.removeprefix("Not understood: ")
            if text not in seen and asked not in told:
                told.add(asked)
                yield _sentence(words, text, case.after.in_records(task))


def _remarks(case: Situation) -> Iterator[Line]:
    for remark in case.unheeded:
        said = f"“{shortened(remark.text, words=12)}” {remark.why}"
        yield _sentence(f"On {title_of(remark.task)}", said, Source(remark.task, Show.REVISIONS))


def _decisions(case: Situation) -> Iterator[Line]:
    for criterion, who, why in case.waivers:
        yield _sentence(_TITLES.get(criterion, criterion), f"{who} asks to do without it: {why}", MEASURED)
    if case.undecided:
        items = tuple(Item(id_, "", MEASURED) for id_ in case.undecided[:6])
        more = len(case.undecided) - len(items)
        yield Line("No test can decide, so a person has to", items, more)
    for criterion, what in case.to_vouch:
        yield _sentence(_TITLES.get(criterion, criterion), f"somebody has to vouch that {what}.", MEASURED)


def _sentence(name: str, said: str, source: Source) -> Line:
    return Line("", (Item(name, shortened(said, words=24), source),))


def _plain(name: str) -> str:
    return name.replace("_", " ")
