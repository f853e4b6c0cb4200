"""What happened in a run or a team, as sentences: a table from the kind of an event to the words for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.queries.events import activity_of, count_activity, names_of, numbers_of
from db.queries.runs import find_run
from db.tables import Event
from services.actors import Actor
from services.deps import Deps
from services.errors import NotFound
from services.people.permissions import Action, require
from services.runs.events import LIVE_TEXT
from services.workflow.criteria import find_criterion
from services.workflow.tasks import title_of

PAGE_SIZE = 30
# Every step and check of every run would bury what people did in a team.
TOO_FINE_FOR_A_TEAM = (
    "task.started",
    "task.done",
    "task.kept",
    "task.failed",
    "task.parked",
    "check.done",
    "repair.asked",
)


@dataclass(frozen=True)
class ActivityView:
    """`run_id` and `run_number` are None for what concerns the team as a whole."""

    at: datetime
    sentence: str
    run_id: UUID | None
    run_number: int | None


@dataclass(frozen=True)
class ActivityPage:
    """`rows` newest first; page `page` of `pages`."""

    rows: tuple[ActivityView, ...]
    page: int
    pages: int


@dataclass(frozen=True)
class _Told:
    """An event with what its words need. `data` answers "" for what an older event does not hold."""

    who: str
    step: str
    person: str
    data: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        value = self.data.get(name)
        return "" if value is None else str(value)

    @property
    def criterion(self) -> str:
        found = find_criterion(self["criterion"])
        return (found.title if found else self["criterion"]).lower()

    @property
    def gate(self) -> str:
        return f"gate {self['phase']}" if self.data.get("phase") else "every gate"

    @property
    def by(self) -> str:
        return f" by {self['due']}" if self["due"] else ""

    @property
    def reason(self) -> str:
        return f": {self['reason'] or self['comment']}" if self["reason"] or self["comment"] else "."


def list_activity(deps: Deps, actor: Actor, *, run_id: UUID | None = None, page: int = 1) -> ActivityPage:
    """Of one run, or of the whole team. `page` counts from 1. Raises: NotFound, also for another team's run."""
    require(actor, Action.VIEW)
    hidden = (LIVE_TEXT,) if run_id else (LIVE_TEXT, *TOO_FINE_FOR_A_TEAM)
    with deps.reading() as session:
        if run_id is not None and find_run(session, actor.team_id, run_id) is None:
            raise NotFound("This run does not exist in your team.")
        pages = max(1, -(-count_activity(session, actor.team_id, run_id, hidden) // PAGE_SIZE))
        page = min(max(page, 1), pages)
        events = activity_of(session, actor.team_id, run_id, hidden, offset=PAGE_SIZE * (page - 1), limit=PAGE_SIZE)
        numbers = numbers_of(session, {event.run_id for event in events if event.run_id})
        people = names_of(session, {UUID(event.data["user_id"]) for event in events if event.data.get("user_id")})
    rows = tuple(
        ActivityView(
            event.at, describe(event, people), event.run_id, numbers.get(event.run_id) if event.run_id else None
        )
        for event in events
    )
    return ActivityPage(rows, page, pages)


def describe(event: Event, people: Mapping[UUID, str]) -> str:
    """One sentence. `people`: names of those that events speak of by id."""
    user_id = event.data.get("user_id")
    person = people.get(UUID(user_id), "") if user_id else ""
    told = _Told(event.actor_name, title_of(event.task_key or "").lower(), person or "a member", event.data)
    words = SENTENCES.get(event.kind)
    return words(told) if words else f"{told.who}: {event.kind.replace('.', ' ').replace('_', ' ')}."


def _remarked(told: _Told) -> str:
    steps = ", ".join(title_of(key).lower() for key in told.data.get("remarks") or {})
    return f"{told.who} asked for changes at {told.gate}" + (f": {steps}." if steps else ".")


def _usd(amount: str) -> str:
    return f"{float(amount):.2f} USD" if amount else "none"


def _limited_team(told: _Told) -> str:
    after = told.data.get("after") or {}
    month, run = (_usd(str(after.get(name) or "")) for name in ("month_usd", "run_usd"))
    return f"{told.who} set the team's cap for a month to {month}, the limit of new runs to {run}."


def _approved(told: _Told) -> str:
    note = f", {told['channel']}" if told["channel"] not in ("", "browser") else ""
    return f"{told.who} approved {told.gate}{note}."


def _finished_step(told: _Told) -> str:
    count = told.data.get("files")
    files = f", with {count} file{'' if count == 1 else 's'}" if count else ""
    return f"{told.who} finished {told.step}, revision {told['revision']}{files}."


def _asked_to_repair(told: _Told) -> str:
    count = told.data.get("findings")
    what = "1 thing" if count == 1 else f"{count} things"
    steps = ", ".join(title_of(key).lower() for key in told.data.get("tasks") or {})
    return f"Checks found {what} to repair in {steps}: round {told['round']} of {told['rounds']} before {told.gate}."


def _vouched(told: _Told) -> str:
    what = f"{told.criterion} {told['item']}".strip()
    return f"{told.who} vouched {'for' if told.data.get('holds') else 'against'} {what}{told.reason}"


def _changed_member(told: _Told) -> str:
    if told.data.get("is_active") is False:
        return f"{told.who} shut {told.person} out of the team."
    return f"{told.who} changed {told.person}: {', '.join([told['role'], *told.data.get('disciplines', [])])}."


SENTENCES: dict[str, Callable[[_Told], str]] = {
    "run.started": lambda t: f"{t.who} started the run.",
    "run.finished": lambda _t: "The run is finished; every gate is approved.",
    "run.cancelled": lambda t: f"{t.who} cancelled the run.",
    "run.retried": lambda t: f"{t.who} had what failed tried again.",
    "run.resumed": lambda t: (
        f"The run went on by itself: {t['models']} {'is tried' if t.data.get('tries') else 'answers'} again."
    ),
    "run.archived": lambda t: f"{t.who} put the run into the archive.",
    "run.unarchived": lambda t: f"{t.who} took the run out of the archive.",
    "run.deleted": lambda t: f"{t.who} deleted run {t['number']}, {t['title']}.",
    "run.failed": lambda t: f"The run failed{t.reason}",
    "run.parked": lambda t: f"The run is parked{t.reason}",
    "gate.reached": lambda t: f"The run stands at {t.gate}, {t['title']}.",
    "gate.approved": _approved,
    "gate.opened": lambda t: f"{t.who} opened {t.gate}, for which nothing was missing any more.",
    "gate.carried_over": lambda t: f"The approvals of {t.gate} still count, so the run went on.",
    "task.kept": lambda t: f"{t.who} kept revision {t['revision']} of {t.step}: nothing that it read has changed.",
    "run.limit": lambda t: f"{t.who} set the spending limit of the run to {_usd(t['after'])}.",
    "team.limits": _limited_team,
    "gate.changes_requested": _remarked,
    "step.rerun": lambda t: f"{t.who} had {t.step} made again, as revision {t['revision']}.",
    "report.edited": lambda t: f"{t.who} edited the report of {t.step}; it is revision {t['revision']} now.",
    "policy.set": lambda t: f"{t.who} changed what {t.gate} asks for.",
    "thread.started": lambda t: f"{t.who} began thread {t['number']} about {t['about']} of {t.step}.",
    "thread.replied": lambda t: f"{t.who} wrote in thread {t['number']}.",
    "thread.edited": lambda t: f"{t.who} changed what they wrote in thread {t['number']}.",
    "thread.resolved": lambda t: f"{t.who} resolved thread {t['number']}.",
    "thread.reopened": lambda t: f"{t.who} opened thread {t['number']} again.",
    "thread.answered": lambda t: f"{t.who} answered in thread {t['number']}, with revision {t['revision']}.",
    "reviewers.assigned": lambda t: f"{t.who} asked {t['names']} to review {t.gate}{t.by}.",
    "reviewers.unassigned": lambda t: f"{t.who} no longer asks {t['names']} to review {t.gate}.",
    "task.started": lambda t: f"{t.who} began {t.step}, revision {t['revision']}.",
    "task.done": _finished_step,
    "task.failed": lambda t: f"{t.step.capitalize()} failed{t.reason}",
    "task.parked": lambda t: f"{t.step.capitalize()} is parked{t.reason}",
    "check.done": lambda t: f"Checked {t['check'].replace('_', ' ')}, {t['outcome'].replace('_', ' ')}{t.reason}",
    "question.asked": lambda t: f"{t.who} asked the team question {t['number']}, about {t.step}.",
    "question.answered": lambda t: f"{t.who} answered question {t['number']}, about {t.step}.",
    "repair.asked": _asked_to_repair,
    "criterion.assigned": lambda t: f"{t.who} gave {t.criterion} to {t['owner'] or 'nobody'}{t.by}.",
    "criterion.commented": lambda t: f"{t.who} commented on {t.criterion}.",
    "criterion.attest": _vouched,
    "criterion.ask_for_waiver": lambda t: f"{t.who} asked to do without {t.criterion} for {t['days']} days{t.reason}",
    "criterion.grant_waiver": lambda t: f"{t.who} granted the waiver of {t.criterion} for {t['days']} days.",
    "criterion.refuse_waiver": lambda t: f"{t.who} refused the waiver of {t.criterion}.",
    "evidence.brought": lambda t: f"{t.who} brought evidence of {t['check'].replace('_', ' ')} from another machine.",
    "feature.deleted": lambda t: f"{t.who} deleted the feature {t['title']} with {t['runs']} runs.",
    "house_rules.set": lambda t: (
        f"{t.who} {'took back' if t.data.get('is_empty') else 'changed'} the house rules of {t['agent']}."
    ),
    "member.invited": lambda t: f"{t.who} invited somebody as {t['role']}.",
    "member.joined": lambda t: f"{t.who} joined the team, invited by {t['invited_by']}.",
    "member.changed": _changed_member,
    "member.password_link_made": lambda t: f"{t.who} made a link for a new password of {t.person}.",
    "webhook.added": lambda t: f"{t.who} added the webhook {t['name']}.",
    "webhook.removed": lambda t: f"{t.who} removed the webhook {t['name']}.",
    "webhook.secret_renewed": lambda t: f"{t.who} renewed the secret of the webhook {t['name']}.",
}
