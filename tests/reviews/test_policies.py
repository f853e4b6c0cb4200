"""Whose approval counts and when a gate opens: tables over a policy, a team and what its people did; no database."""

from uuid import UUID

import pytest

from services.actors import Actor, ActorKind, Discipline, Role, TeamId, UserId, system_actor
from services.reviews.policies import (
    ASKED_FOR_CHANGE,
    ASKED_FOR_RUN,
    Approval,
    Decider,
    Part,
    Rules,
    line_of,
    missing,
    notes_of,
    rules_of,
    why_not,
)
from services.reviews.problems import problem_before_start, problems_of, warnings_of
from services.workflow.criteria import Outcome
from services.workflow.gates import DEFAULTS, GatePolicy, default_policy
from services.workflow.options import Complexity

TEAM = TeamId(UUID(int=9))
SHORT = {"s": Discipline.SECURITY, "o": Discipline.OPERATIONS, "a": Discipline.ARCHITECTURE}


def who(letter: str) -> UserId:
    return UserId(UUID(int=ord(letter)))


def disciplines(letters: str) -> tuple[Discipline, ...]:
    return tuple(SHORT[letter] for letter in letters)


def team(text: str) -> tuple[Decider, ...]:
    """ "A B:so": A, and B who holds security and operations."""
    words = [word.partition(":") for word in text.split()]
    return tuple(Decider(who(name), name, frozenset(disciplines(held))) for name, _, held in words)


def parts(text: str) -> tuple[Part, ...]:
    """ "AB": A asked for the run, B for the last change; "-B" where nobody asked for the run."""
    whats = (ASKED_FOR_RUN, ASKED_FOR_CHANGE)
    return tuple(Part(who(name), what) for name, what in zip(text, whats, strict=False) if name != "-")


def policy(text: str) -> tuple[GatePolicy, bool]:
    """ "2s": two approvals, one of security; "2s?": the same as a default."""
    bare = text.rstrip("?")
    return GatePolicy(int(bare[0]), disciplines(bare[1:])), text.endswith("?")


def rules(asked: str, people: str, asked_by: str) -> Rules:
    gate_policy, is_default = policy(asked)
    return rules_of(gate_policy, team(people), parts(asked_by), is_default=is_default)


def approvals(text: str, people: str) -> tuple[Approval, ...]:
    """ "B C:s": of B as whoever B is, of C who held security then; "B!" by command line."""
    held = {person.name: person.disciplines for person in team(people)}
    found = []
    for word in text.split():
        name, colon, then = word.rstrip("!").partition(":")
        kind = ActorKind.COMMAND_LINE if word.endswith("!") else ActorKind.PERSON
        had = frozenset(disciplines(then)) if colon else held.get(name, frozenset())
        found.append(Approval(f"d-{word}", who(name), kind, had))
    return tuple(found)


# policy, people, who asked for run and last change, approvals, does the gate open
OPENING = [
    ("1", "A B", "A", "", False),
    ("1", "A B", "A", "B", True),
    ("1", "A B", "A", "A", False),
    ("1", "A B", "A", "A B", True),
    ("1", "A B", "-", "A", True),
    ("1", "A B", "Z", "A", True),  # whoever asked has left
    ("1", "A", "A", "A", True),  # a team of one
    ("1", "A", "A", "A!", True),
    ("1", "A", "A", "", False),
    ("1", "A", "AA", "A", True),
    ("1", "A B", "A", "B!", False),
    ("1", "A B", "A", "Z", False),  # approved, and has left
    ("1", "A B C", "AB", "B", False),
    ("1", "A B C", "AB", "A", False),
    ("1", "A B C", "AB", "C", True),
    ("1", "A B C", "AA", "B", True),
    ("1", "A B", "AB", "A", True),  # nobody else is left: the older part counts again
    ("1", "A B", "AB", "B", False),  # never the newest part
    ("1", "A B", "BA", "B", True),
    ("1", "A B", "BA", "A", False),
    ("1", "A B", "AA", "A", False),
    ("1?", "A B", "AB", "A", True),
    ("1?", "A B", "AB", "B", False),
    ("2", "A B C", "A", "B", False),
    ("2", "A B C", "A", "B C", True),
    ("2", "A B C", "A", "B B", False),  # one person twice
    ("2", "A B C", "A", "A B", False),
    ("2", "A B C D", "AB", "C", False),
    ("2", "A B C D", "AB", "C D", True),
    ("2", "A B C D", "AB", "A C", False),
    ("2", "A B C", "AB", "A C", True),  # a strict policy that only works with the older part
    ("2", "A B C", "AB", "B C", False),
    ("2", "A B C", "AB", "A B", False),
    ("2", "A B", "A", "B", False),  # strict, and too few people: stays shut
    ("2?", "A B", "A", "B", True),  # a default takes what there is
    ("2?", "A B C", "AB", "C", True),
    ("2?", "A B C", "AB", "A", False),
    ("2?", "A B C", "A", "B", False),
    ("2?", "A B C", "A", "B C", True),
    ("2?", "A", "A", "A", True),
    ("1s", "A B:s", "A", "B", True),
    ("1s", "A B:s C", "A", "C", False),
    ("1s", "A B:s C", "A", "B", True),
    ("1s", "A B:s C", "A", "B:", False),  # did not hold it then
    ("1s", "A B C:s", "A", "B:s", False),  # does not hold it any more
    ("1s", "A B C", "A", "B", False),  # strict, and nobody holds it
    ("1s?", "A B C", "A", "B", True),
    ("1s?", "A B:s C", "A", "C", False),
    ("1s?", "A:s B", "A", "B", True),  # only whoever asked holds it: a default does without
    ("1s", "A:s B", "A", "B", False),  # a strict policy waits for the signature
    ("1s", "A:s B", "A", "A", False),
    ("1s", "A:s B", "A", "A B", True),  # the signature counts, the approval does not
    ("1s", "A:s B C:s", "A", "A B", False),  # somebody else can sign
    ("1s", "A:s B C:s", "A", "B C", True),
    ("2s", "A B:s C D", "AB", "C D", False),
    ("2s", "A B:s C D", "AB", "B C", False),
    ("2s", "A B:s C D", "AB", "B C D", True),
    ("1so", "A B:so", "A", "B", True),
    ("1so", "A B:s C:o", "A", "B", False),
    ("1so", "A B:s C:o", "A", "B C", True),
    ("1so?", "A B:s C", "A", "B", True),
    ("1s", "A:s", "A", "A", True),
    ("1s?", "A", "A", "A", True),
    ("2as?", "A B:as C", "A", "B", False),
    ("2as?", "A B:as C", "A", "B C", True),
    ("1", "", "A", "A", False),  # nobody may decide any more
    ("1?", "", "A", "A", False),
]


@pytest.mark.parametrize(("asked", "people", "asked_by", "given", "opens"), OPENING)
def test_a_gate_opens_when_the_policy_says_so(asked: str, people: str, asked_by: str, given: str, opens: bool) -> None:
    shut_by = missing(rules(asked, people, asked_by), approvals(given, people), {})
    assert (not shut_by) is opens, shut_by


def test_the_table_is_long_enough() -> None:
    assert len({case[:4] for case in OPENING}) == len(OPENING) >= 60


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_criterion_holds_when_it_is_met_waived_or_not_applicable(outcome: Outcome) -> None:
    asked = rules_of(GatePolicy(1, (), ("test_coverage",)), team("A B"), parts("A"))
    shut_by = missing(asked, approvals("B", "A B"), {"test_coverage": outcome})
    assert (not shut_by) is (outcome in (Outcome.MET, Outcome.WAIVED, Outcome.NOT_APPLICABLE))


def test_a_criterion_that_was_not_judged_does_not_hold() -> None:
    asked = rules_of(GatePolicy(1, (), ("test_coverage",)), team("A B"), parts("A"))
    assert missing(asked, approvals("B", "A B"), {}) == ("the criterion test coverage, which is not measured",)


@pytest.mark.parametrize("complexity", list(Complexity))
@pytest.mark.parametrize("phase", [1, 2, 3, 4])
@pytest.mark.parametrize("people", ["A", "A B", "A:s B", "A B:s", "A:aso B C", "A B:s C:o", "A B C D:aso"])
@pytest.mark.parametrize("asked_by", ["A", "AB", "BA", "-B", "AA"])
def test_no_default_shuts_a_gate_for_good(complexity: Complexity, phase: int, people: str, asked_by: str) -> None:
    asked = rules_of(default_policy(complexity, phase), team(people), parts(asked_by), is_default=True)
    everybody = [Approval(p.name, p.user_id, ActorKind.PERSON, p.disciplines) for p in team(people)]
    may = [one for one in everybody if why_not(asked, person(one.user_id)) is None]
    assert missing(asked, may, {}) == ()


def test_defaults_grow_with_complexity() -> None:
    approvals_needed = [sum(p.approvals for p in DEFAULTS[c]) for c in Complexity]
    assert approvals_needed == [4, 4, 6, 8]
    assert DEFAULTS[Complexity.SIMPLE] == (GatePolicy(1),) * 4


def person(user_id: UserId, role: Role = Role.MEMBER, kind: ActorKind = ActorKind.PERSON) -> Actor:
    channel = "command line" if kind is ActorKind.COMMAND_LINE else "browser"
    return Actor(kind, TEAM, "somebody", channel, user_id, role)


REFUSED = [
    ("1", "A B", "A", person(who("A")), "You asked for this run, so your own approval does not count"),
    ("1", "A B", "A", person(who("A"), Role.OWNER), "You asked for this run, so your own approval does not count"),
    ("1", "A B C", "AB", person(who("B")), "You asked for the last change, so your own approval does not count"),
    ("1", "A B", "A", person(who("B"), Role.VIEWER), "may look, not decide"),
    ("1", "A", "A", person(who("A"), Role.VIEWER), "may look, not decide"),
    ("1", "A B", "A", person(who("E")), "Only people of this team"),
    ("1", "A B", "A", person(who("B"), kind=ActorKind.COMMAND_LINE), "not signed in"),
    ("1", "A B", "A", person(who("B"), kind=ActorKind.AGENT), "Only people of this team"),
    ("1", "A B", "A", person(who("B"), kind=ActorKind.SYSTEM), "Only people of this team"),
    ("1", "A B", "A", system_actor(TEAM), "may look, not decide"),
]


@pytest.mark.parametrize(("asked", "people", "asked_by", "actor", "said"), REFUSED)
def test_an_approval_that_would_not_count_is_refused(
    asked: str, people: str, asked_by: str, actor: Actor, said: str
) -> None:
    assert said in (why_not(rules(asked, people, asked_by), actor) or "")


@pytest.mark.parametrize(
    ("asked", "people", "asked_by", "actor"),
    [
        ("1", "A B", "A", person(who("B"))),
        ("1", "A B", "A", person(who("B"), Role.OWNER)),
        ("1", "A", "A", person(who("A"))),
        ("1", "A", "A", person(who("A"), kind=ActorKind.COMMAND_LINE)),
        ("1", "A B", "AB", person(who("A"))),
        ("1s", "A:s B", "A", person(who("A"))),  # signs for security only
    ],
)
def test_an_approval_that_counts_is_taken(asked: str, people: str, asked_by: str, actor: Actor) -> None:
    assert why_not(rules(asked, people, asked_by), actor) is None


def test_nobody_approves_twice() -> None:
    asked = rules("2", "A B C", "A")
    assert why_not(asked, person(who("B")), approvals("B", "A B C")) == "You have approved this."


def test_whoever_got_the_discipline_since_may_approve_again() -> None:
    asked = rules("1s", "A B:s", "A")
    assert why_not(asked, person(who("B")), approvals("B:", "A B:s")) is None


# policy, phase, people, criteria, what is said
IMPOSSIBLE = [
    ("1", 1, "", (), "Nobody in this team may decide"),
    ("0", 1, "A", (), "at least one approval"),
    ("2", 1, "A", (), "2 approvals take 3 people who may decide"),
    ("2", 1, "A B", (), "the team has 2"),
    ("1s", 1, "A B", (), "Nobody who may decide holds security"),
    ("1o", 4, "A:s B:s", (), "Nobody who may decide holds operations"),
    ("1", 1, "A B", ("test_coverage",), "Test coverage is measured from phase 3 on"),
    ("1", 3, "A B", ("monitoring",), "gate 3 cannot wait for it"),
    ("1", 3, "A B", ("astrology",), "There is no criterion astrology"),
]


@pytest.mark.parametrize(("asked", "phase", "people", "criteria", "said"), IMPOSSIBLE)
def test_what_nobody_can_satisfy_is_named(
    asked: str, phase: int, people: str, criteria: tuple[str, ...], said: str
) -> None:
    gate_policy = GatePolicy(policy(asked)[0].approvals, policy(asked)[0].disciplines, criteria)
    assert said in " ".join(problems_of(gate_policy, phase, team(people)))


@pytest.mark.parametrize(
    ("asked", "people"),
    [("1", "A"), ("1", "A B"), ("2", "A B C"), ("1s", "A:s"), ("1s", "A B:s"), ("2so", "A B:s C:o")],
)
def test_a_policy_that_can_be_satisfied_opens_whoever_asked(asked: str, people: str) -> None:
    assert problems_of(policy(asked)[0], 4, team(people)) == ()
    for run in [p.name for p in team(people)]:
        for change in ["", *(p.name for p in team(people))]:
            found = rules(asked, people, run + change)
            everybody = approvals(" ".join(p.name for p in team(people)), people)
            may = [a for a in everybody if why_not(found, person(a.user_id)) is None]
            assert missing(found, may, {}) == (), (run, change)


def test_what_hangs_on_one_person_is_said() -> None:
    [said] = warnings_of(policy("1s")[0], team("A B:s"))
    assert said.startswith("Only B holds security")
    assert warnings_of(policy("1s")[0], team("A:s B:s")) == ()


@pytest.mark.parametrize(
    ("asked", "people", "said"),
    [
        ("1", "A B", None),
        ("2", "A B", "only 1 can give one"),
        ("1s", "A B", "nobody who may decide holds it"),
        ("2?", "A", None),
    ],
)
def test_a_gate_that_nobody_could_pass_is_named_before_the_start(asked: str, people: str, said: str | None) -> None:
    gate_policy, is_default = policy(asked)
    found = problem_before_start([(2, gate_policy, is_default)], team(people), parts("A")[0])
    assert (found is None) if said is None else (said in (found or ""))


@pytest.mark.parametrize(
    ("asked", "people", "line"),
    [
        ("1", "A B", "1 approval"),
        ("2", "A B C", "2 approvals"),
        ("1s", "A B:s", "1 approval, from security"),
        ("2s", "A B:s C", "2 approvals, one of them from security"),
        ("2as", "A B:s C:a", "2 approvals, one of them from architecture and one from security"),
        ("1as", "A B:s C:a", "1 approval; architecture and security among those who approve"),
        ("2s?", "A B", "1 approval"),
    ],
)
def test_a_policy_is_one_line(asked: str, people: str, line: str) -> None:
    assert line_of(rules(asked, people, "A"), {}) == line


def test_the_line_names_the_criteria() -> None:
    asked = rules_of(GatePolicy(2, (Discipline.SECURITY,), ("test_coverage",)), team("A B:s C"), parts("A"))
    said = line_of(asked, {"test_coverage": "Test coverage"})
    assert said == "2 approvals, one of them from security; criteria: test coverage"


@pytest.mark.parametrize(
    ("asked", "people", "asked_by", "note"),
    [
        ("1", "A", "A", "A approves alone: nobody else in this team may decide. The ledger says so."),
        ("1", "A B", "AB", "A asked for this run, and counts nevertheless, because nobody else is left."),
        ("1s", "A:s B", "A", "A asked for this run, and can only sign for security."),
    ],
)
def test_an_exception_is_said(asked: str, people: str, asked_by: str, note: str) -> None:
    found = rules(asked, people, asked_by)
    assert notes_of(found) == (note,)
    data = found.as_data()
    assert data["approves_alone"] is (len(team(people)) == 1)
    assert data["let_in"] == ([str(who("A"))] if "nevertheless" in note else [])


def test_the_rules_say_who_does_not_count_and_why() -> None:
    assert rules("1", "A B C", "AB").as_data()["does_not_count"] == {
        str(who("A")): ASKED_FOR_RUN,
        str(who("B")): ASKED_FOR_CHANGE,
    }
