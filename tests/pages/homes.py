"""What is in the homes that the tests of pages begin with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import Run, Team, User
from services.actors import Actor, ActorKind, Role, TeamId
from services.deps import Deps
from services.evidence import optimisations, registry
from services.evidence.measurements import Measurement
from services.people.users import actor_for_command_line
from tests.builders import REQUEST, a_member, a_team
from tests.conftest import RecordingDispatcher
from tests.runs.building import a_run, approve, work_off

MARKUP = (
    "<b>bold</b> **strong** :red[red] ![pixel](http://127.0.0.1:9/p.png) [link](http://127.0.0.1:9) $x$ `code` # head"
)
TITLE = f"Expenses {MARKUP}"
PASSWORD = "correct horse battery"

MEASURED = Measurement(
    check="tests",
    tool="pytest",
    tool_version="9.2.0",
    isolation="bubblewrap",
    enforced={"network": "network namespace, loopback only"},
    outcome="passed",
    reason=f"29 of 29 tests pass; coverage 91.50 %, 80 % asked for. {MARKUP}",
    figures={
        "tests": [], "passed": 29, "failed": 0, "skipped": 0, "coverage_percent": 91.5, "coverage_minimum": 80,
        "coverage_by_file": {"app/main.py": 88.0, "app/rules.py": 95.0},
        "criteria": {"AC-2.1": {"outcome": "covered", "reason": "1 test passed.", "tests": ["tests/test_x.py::test_y"]},
                     "AC-3.1": {"outcome": "not_covered", "reason": "test_z asserts nothing.", "tests": []}},
    },
    log=f"29 passed in 3.1 s {MARKUP}",
    duration_seconds=3.25,
)  # fmt: skip

_COSTS = {"status": 200, "statements": 5, "instructions": 100, "bytes": 1_276, "milliseconds": 10.5}
COMPARED = replace(
    MEASURED,
    check=optimisations.CHECK,
    tool=optimisations.TOOL,
    reason="1 kind of request is answered as before, for less: database calls 5 to 3.",
    figures={
        "requests": [
            {"name": f"update {MARKUP}", "is_same": True, "before": _COSTS, "after": {**_COSTS, "statements": 3}}
        ]
    },
)


@dataclass(frozen=True)
class People:
    """Everybody by user name, and the runs: `run` of Ada's team, `other_run` of Otto's."""

    deps: Deps
    ada: Actor
    ben: Actor
    vera: Actor
    otto: Actor
    run: UUID | None
    other_run: UUID | None

    @property
    def the_run(self) -> UUID:
        assert self.run is not None
        return self.run


def _nobody(deps: Deps) -> None:
    """As it was made."""


def _people(deps: Deps) -> None:
    first = a_team(deps, f"Payments {MARKUP}"[:120])
    a_member(deps, first.team_id, username="ada", role=Role.OWNER)
    a_member(deps, first.team_id, username="ben", role=Role.MEMBER)
    a_member(deps, first.team_id, username="vera", role=Role.VIEWER)
    second = a_team(deps, "Others")
    a_member(deps, second.team_id, username="otto", role=Role.OWNER)
    with deps.session() as session:
        for user in session.exec(select(User).where(col(User.username).in_(["ada", "ben"]))):
            user.name = f"{user.username.title()} **strong** :red[red] <b>bold</b>"
            session.add(user)
        for user in session.exec(select(User).where(col(User.username).startswith("owner-"))):
            user.is_active = False
            session.add(user)
        session.commit()


def _gate(deps: Deps) -> None:
    deps = replace(deps, dispatcher=RecordingDispatcher())
    _people(deps)
    people = find_people(deps)
    run_id = a_run(deps, people.ada, REQUEST.model_copy(update={"title": TITLE}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "measure_tests", lambda files, **_: MEASURED)
        patch.setattr(optimisations, "measure_change", lambda before, after, **_: COMPARED)
        for _ in range(2):
            work_off(deps, run_id)
            approve(deps, people.ben, run_id)
        work_off(deps, run_id)
    work_off(deps, a_run(deps, people.otto))


HOMES: dict[str, Callable[[Deps], None]] = {"empty": _nobody, "people": _people, "gate": _gate}


def find_people(deps: Deps) -> People:
    def person(username: str) -> Actor:
        actor = actor_for_command_line(deps, username)
        return replace(actor, kind=ActorKind.PERSON, channel="browser")

    ada, otto = person("ada"), person("otto")
    runs = {team_id: _run_of(deps, team_id) for team_id in (ada.team_id, otto.team_id)}
    return People(deps, ada, person("ben"), person("vera"), otto, runs[ada.team_id], runs[otto.team_id])


def _run_of(deps: Deps, team_id: TeamId) -> UUID | None:
    with deps.reading() as session:
        run = session.exec(select(Run).where(Run.team_id == team_id)).first()
        return run.id if run else None


def team_name(deps: Deps, actor: Actor) -> str:
    with deps.reading() as session:
        return session.exec(select(Team.name).where(Team.id == actor.team_id)).one()
