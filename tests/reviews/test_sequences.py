"""Random sequences of what people do to runs, policies and roles: no gate opens that the policy keeps shut.

The rules are written here a second time, in their simplest form, over what the test itself has done.
"""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from db.queries.runs import current_revisions, tasks_of
from db.tables import Run
from services import ledger
from services.actors import Actor, Discipline, Role, UserId
from services.deps import Deps
from services.errors import GreenlightError
from services.people import teams
from services.reviews import changes, decisions, team_policies
from services.reviews.explanations import explain_gates
from services.reviews.views import get_gate
from services.workflow.gates import default_policy
from services.workflow.options import Complexity
from tests.builders import a_team, in_role
from tests.reviews.gates import a_waiting_run, new_content, people, same_content, work
from tests.soaking import SEED, slice_of

SECURITY = Discipline.SECURITY
STEPS = ("business", "architecture", "risk", "backend")


@dataclass
class World:
    """A team of three and one run. `given`: (person, gate, content of the phases up to it, policy, held security then)."""

    deps: Deps
    everybody: list[Actor]
    run_id: UUID
    complexity: Complexity
    roles: dict[UserId, Role]
    holds: dict[UserId, bool]
    policies: dict[int, tuple[int, bool]] = field(default_factory=dict)
    given: list[tuple[UserId, int, str, tuple[int, bool], bool]] = field(default_factory=list)
    last_change: UserId | None = None
    shown: dict[UserId, str] = field(default_factory=dict)

    @property
    def owner(self) -> Actor:
        return self.everybody[0]

    def run(self) -> Run:
        with self.deps.reading() as session:
            return session.get_one(Run, self.run_id)

    def content(self, phase: int) -> str:
        with self.deps.reading() as session:
            early = {t.key for t in tasks_of(session, self.run_id).values() if t.phase <= phase}
            made = current_revisions(session, self.run_id)
            return str(sorted((key, r.output_hash) for key, r in made.items() if key in early))

    def asked(self, phase: int) -> tuple[int, bool]:
        default = default_policy(self.complexity, phase)
        return self.policies.get(phase, (default.approvals, SECURITY in default.disciplines))

    def may_be_open(self, phase: int) -> bool:
        """At least one approval of exactly what is there by somebody without a part in it, and what the policy asks for."""
        asked, content = self.asked(phase), self.content(phase)
        deciders = {a.user_id for a in self.everybody if a.user_id and self.roles[a.user_id] is not Role.VIEWER}
        fresh = [g for g in self.given if g[1:4] == (phase, content, asked) and g[0] in deciders]
        parts = [p for p in (self.owner.user_id, self.last_change) if p in deciders]
        free = deciders - set(parts)
        wanted = asked[0] if phase in self.policies else 1
        if len(free) < wanted and len(set(parts)) > 1 and self.owner.user_id:
            free.add(self.owner.user_id)  # never whoever asked for the last change
        if not free and len(deciders) == 1:
            free = deciders
        needed = asked[0] if phase in self.policies else min(asked[0], len(free))
        holders = {u for u in deciders if u and self.holds[u]}
        signs = holders & free or (holders if phase in self.policies else set())
        must_sign = asked[1] and (phase in self.policies or bool(holders & free))
        signed = any(g[0] in signs and g[4] for g in fresh)
        return len({g[0] for g in fresh if g[0] in free}) >= max(1, needed) and (signed or not must_sign)


ACT = st.sampled_from(["look", *["approve"] * 5, "approve old", "open", "change", "change", "policy", "role"])
Moves = list[tuple[str, int, int, bool]]
MOVES = st.lists(st.tuples(ACT, st.integers(0, 2), st.integers(0, 3), st.booleans()), min_size=10, max_size=30)


def do(world: World, act: str, who: Actor, number: int, flag: bool) -> None:
    """One move; what the services refuse changes nothing."""
    deps, run_id = world.deps, world.run_id
    assert who.user_id
    actor = in_role(who, world.roles[who.user_id])
    gate = get_gate(deps, actor, run_id=run_id)
    now = gate.shown_hash if gate else ""
    old = world.shown.get(who.user_id, "0" * 64)
    phase, content = world.run().phase, world.content(world.run().phase)
    if act == "look":
        world.shown[who.user_id] = now
    elif act in ("approve", "approve old"):
        decisions.approve_phase(deps, actor, run_id=run_id, shown_hash=now if act == "approve" else old)
        world.given.append((who.user_id, phase, content, world.asked(phase), world.holds[who.user_id]))
    elif act == "open":
        decisions.open_gate(deps, actor, run_id=run_id, shown_hash=now)
    elif act == "change":
        changes.request_changes(
            deps, actor, run_id=run_id, shown_hash=now, remarks={STEPS[number % len(STEPS)]: "More."}
        )
        world.last_change = who.user_id
    elif act == "policy" and number == 0:
        team_policies.use_default(deps, actor, phase=phase)
        world.policies.pop(phase, None)
    elif act == "policy":
        held = (SECURITY,) if flag else ()
        team_policies.set_policy(deps, actor, phase=phase, approvals=number, disciplines=held)
        world.policies[phase] = (number, flag)
    elif act == "role":
        role = (Role.OWNER, Role.MEMBER, Role.VIEWER)[number % 3]
        teams.change_member(
            deps, in_role(world.owner, world.roles[world.owner.user_id]), user_id=who.user_id, role=role,  # type: ignore[index]
            disciplines=held_by(flag), is_active=True,
        )  # fmt: skip
        world.roles[who.user_id], world.holds[who.user_id] = role, flag


def held_by(flag: bool) -> tuple[Discipline, ...]:
    return (SECURITY,) if flag else ()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=MOVES, complexity=st.sampled_from(Complexity))
def test_no_sequence_opens_a_gate_that_the_policy_keeps_shut(deps: Deps, moves: Moves, complexity: Complexity) -> None:
    go_through(deps, moves, complexity)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@seed(int.from_bytes(SEED.encode()))
@settings(max_examples=slice_of(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=MOVES, complexity=st.sampled_from(Complexity))
def test_no_sequence_of_many_opens_one(deps: Deps, moves: Moves, complexity: Complexity) -> None:
    go_through(deps, moves, complexity)


def go_through(deps: Deps, moves: Moves, complexity: Complexity) -> None:
    world = a_world(deps, complexity)
    for act, person, number, flag in moves:
        before = world.run()
        try:
            do(world, act, world.everybody[person], number, flag)
        except GreenlightError:
            assert world.run().model_dump() == before.model_dump()
            continue
        after = world.run()
        is_new = before.status != "finished"
        opened = list(range(before.phase, 5 if after.status == "finished" else after.phase)) if is_new else []
        assert all(world.may_be_open(phase) for phase in opened), (act, opened)
        if opened:
            assert act in ("approve", "approve old", "open")
        assert [e.problems for e in explain_gates(deps, world.owner, run_id=world.run_id)] == [()] * (
            4 if after.status == "finished" else after.phase - 1
        )
        work(deps, world.run_id, new_content if flag else same_content)
    assert ledger.verify(deps, world.owner).is_whole


def a_world(deps: Deps, complexity: Complexity) -> World:
    owner = a_team(deps)
    tag = owner.team_id.hex[:8]
    everybody = [owner, *people(deps, owner, *[f"{name}-{tag}" for name in ("bob", "eve")])]
    roles = {a.user_id: a.role or Role.VIEWER for a in everybody if a.user_id}
    run_id = a_waiting_run(deps, owner, complexity)
    return World(deps, everybody, run_id, complexity, roles, dict.fromkeys(roles, False))
