"""Who does what, as sentences tell it."""

import pytest

from services.features.cases import story_of, use_cases
from services.features.sentences import cut


def told(text: str) -> list[str]:
    return [f"{c.actor} {c.verb} {c.resource}" for c in use_cases(cut(text))]


CLAUSES = (
    ("Employees submit an expense and managers approve or reject it.", ["employee submit expense", "manager approve expense", "manager reject expense"]),
    ("An employee files an expense with an amount, submits it, and a manager approves it.", ["employee file expense", "employee submit expense", "manager approve expense"]),
    ("Only a head of department can approve an order.", ["head of department approve order"]),
    ("A hiring manager can make an offer.", ["hiring manager make offer"]),
    ("IT technicians assign an asset.", ["it technician assign asset"]),
    ("Tenant admins manage a workspace.", ["tenant admin manage workspace"]),
    ("Door staff cancel an order.", ["door staff cancel order"]),
    ("An order has a total. Team leads can approve or reject.", ["team lead approve order", "team lead reject order"]),
    ("An expense is approved by a manager.", ["manager approve expense"]),
    ("As a carer I want to read the requests so that they find a home.", ["carer read request"]),
    ("As a colleague I'd like to reserve a room, so that nobody throws me out.", ["colleague reserve room"]),
    ("Mechanics can start a work order and complete it.", ["mechanic start work_order", "mechanic complete work_order"]),
    ("Only shop assistants can mark an order as shipped.", ["shop assistant ship order"]),
    ("An order has a total. Buyers mark it as ordered.", ["buyer order order"]),
    ("Clerks mark a loan as overdue.", ["clerk mark_overdue loan"]),
    ("Clerks set an order to done.", ["clerk finish order"]),
    ("Door staff checks the order in.", ["door staff check_in order"]),
    ("An order has a total. A clerk checks it in and a manager signs it off.", ["clerk check_in order", "manager sign_off order"]),
    ("Dispatchers may plan trips or call them off.", ["dispatcher plan trip", "dispatcher call_off trip"]),
    ("As a customer I want to look at my orders.", ["customer see order"]),
    ("A booking has a title. Receptionists see all of them.", ["receptionist see booking"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "cases"), CLAUSES)
def test_clauses_are_read_as_who_does_what(text: str, cases: list[str]) -> None:
    assert told(text) == cases


NOTHING = (
    "The requester is notified when the request is approved or rejected.",
    "A policyholder has access to nothing.",
    "The report is for the accountant.",
    "After an application was accepted, it can no longer be withdrawn.",
    "People trust that it is anonymous.",
    "Whoever posted the idea is told.",
    "As a team lead I want to see who is away so that I can plan.",
    "Users cannot delete an order.",
    "Agents pick it up.",
    "It was handed in on Monday.",
    "Callers in the office are told.",
    "## Out of scope\nManagers approve orders.",
    "- Agents find it as easy as answering a mail.",
)


@pytest.mark.parametrize("text", NOTHING)
def test_no_act_is_read_where_nobody_acts(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("As a shift supervisor I want to see what is open.", "shift supervisor"),
        ("**As a** consultant\n**I want** to enter hours", "consultant"),
        ("As a dispatcher,\nI want to plan trips,\nso that no van is promised twice.", "dispatcher"),
        ("As a colleague I'd like to reserve a room", "colleague"),
    ],
)
def test_stories_name_their_teller(text: str, actor: str) -> None:
    (sentence,) = cut(text)
    story = story_of(sentence)
    assert story is not None
    assert story[0] == actor
