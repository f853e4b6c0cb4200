"""Why each gate of a run is open, from the ledger alone.

Of the database only the run's phase and status are taken, as what has to be explained. Whoever moves them past the services
leaves a gate that no entry explains.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.queries.runs import find_run
from db.tables.run import RunStatus
from services import ledger
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.ledger import Entry
from services.people.permissions import Action, require
from services.reviews.policies import HOLDING
from services.workflow.tasks import PHASES


@dataclass(frozen=True)
class Explanation:
    """Why a gate is open. `entries`: numbers in the ledger: the approvals, then what opened it. `problems`: what is wrong
    with it; a gate is explained when there are none."""

    phase: int
    sentence: str
    entries: tuple[int, ...]
    problems: tuple[str, ...]

    @property
    def is_explained(self) -> bool:
        return not self.problems


def explain_gates(deps: Deps, actor: Actor, *, run_id: UUID) -> tuple[Explanation, ...]:
    """One per gate that the run has passed. Raises: NotFound."""
    require(actor, Action.VIEW)
    with deps.reading() as session:
        run = find_run(session, actor.team_id, run_id)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        passed = len(PHASES) if run.status is RunStatus.FINISHED else run.phase - 1
    entries, report = ledger.read(deps, actor)
    mine = [entry for entry in entries if entry.payload.get("run") == str(run_id)]
    found = [explain(mine, phase) for phase in range(1, passed + 1)]
    broken = () if report.is_whole else (report.sentence,)
    return tuple(Explanation(e.phase, e.sentence, e.entries, (*e.problems, *broken)) for e in found)


def explain(entries: Sequence[Entry], phase: int) -> Explanation:
    """`entries`: whole, of one run, oldest first."""
    opening = next((e for e in reversed(entries) if "opens" in e.payload and e.payload["phase"] == phase), None)
    if opening is None:
        return Explanation(phase, f"No entry opens gate {phase}.", (), (f"No entry opens gate {phase}.",))
    opens = opening.payload["opens"]
    cited = [e for e in entries if e.act == "approve" and e.payload["decision"] in opens["stands_on"]]
    problems = (
        *_closed_again(entries, opening, phase),
        *_wrong_approvals(opens, cited, opening, phase),
        *_too_few(opens, cited),
        *_uncounted(entries, opening, cited),
        *(
            f"The criterion {criterion} did not hold."
            for criterion in opens["policy"]["criteria"]
            if opens["criteria"].get(criterion) not in {outcome.value for outcome in HOLDING}
        ),
    )
    names = ", ".join(_name(e) for e in cited)
    act = {
        "approve": "by the last approval",
        "open_gate": f"by {_name(opening)}",
        "carry_over": "because they still count",
    }
    alone = ", who approves alone" if opens["policy"]["approves_alone"] else ""
    sentence = f"Gate {phase} stands on the approval{'s' if len(cited) > 1 else ''} of {names}{alone}; opened {act[opening.act]}."
    return Explanation(phase, sentence, tuple(dict.fromkeys([*(e.number for e in cited), opening.number])), problems)


def _closed_again(entries: Iterable[Entry], opening: Entry, phase: int) -> list[str]:
    """A change shuts every gate from the phase on to which the run went back."""
    return [
        f"Entry {entry.number} changed the work afterwards."
        for entry in entries
        if entry.number > opening.number and entry.payload.get("back_to", phase + 1) <= phase
    ]


def _wrong_approvals(opens: Mapping[str, Any], cited: Sequence[Entry], opening: Entry, phase: int) -> list[str]:
    known = {e.payload["decision"] for e in cited}
    said = [f"There is no approval {id_}." for id_ in opens["stands_on"] if id_ not in known]
    said += [
        f"Entry {e.number} approved something else."
        for e in cited
        if e.payload["about_hash"] != opens["about_hash"] or e.payload["phase"] != phase
    ]
    return said + [f"Entry {e.number} came later." for e in cited if e.number > opening.number]


def _too_few(opens: Mapping[str, Any], cited: Sequence[Entry]) -> list[str]:
    policy = opens["policy"]
    people = {e.payload["by"] for e in cited} - set(policy["does_not_count"])
    signed = {discipline for e in cited for discipline in e.payload["disciplines"]}
    said = [f"Nobody signed for {d}." for d in policy["disciplines"] if d not in signed]
    if len(people) < max(1, policy["approvals"]):
        said.append(f"{policy['approvals']} approvals were asked for, {len(people)} count.")
    return said


def _uncounted(entries: Iterable[Entry], opening: Entry, cited: Sequence[Entry]) -> list[str]:
    """Whoever asked for the last change is no approver, whatever the entry says, unless alone or signing only."""
    policy = opening.payload["opens"]["policy"]
    asked = [e for e in entries if e.act == "request_changes" and e.number < opening.number]
    if not asked or policy["approves_alone"]:
        return []
    last = asked[-1].payload["by"]
    counts = last not in policy["does_not_count"] and last in {e.payload["by"] for e in cited}
    return [f"{_name(asked[-1])} asked for the last change and counted."] if counts else []


def _name(entry: Entry) -> str:
    return entry.actor.split(":", 2)[2].rpartition(" (")[0]
