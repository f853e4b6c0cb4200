"""Sentences as people write them, and what each demands."""

import pytest

from services.features.criteria import rules_in
from services.features.scene import Scene, Thing, make_field
from services.features.sentences import cut
from services.features.understanding import FieldType, RuleKind


def a_scene() -> Scene:
    expense = Thing("expense", states=["submitted", "approved", "rejected", "paid"])
    for name in ("amount", "category", "comment", "title", "start_date", "end_date", "quantity", "email", "sku"):
        field = make_field(name, (), (0, 1))
        expense.fields[name] = field
    expense.fields["category"] = expense.fields["category"].model_copy(update={"choices": ("travel", "meals")})
    expense.transitions = [
        ("approve", "submitted", "approved"),
        ("reject", "submitted", "rejected"),
        ("pay", "approved", "paid"),
    ]
    room = Thing("room", fields={"name": make_field("name", (), (0, 1))})
    booking = Thing("booking", states=["open", "cancelled"], transitions=[("cancel", "open", "cancelled")])
    booking.fields = {
        "room_id": make_field("room_id", (), (0, 1)).model_copy(
            update={"type": FieldType.REFERENCE, "refers_to": "room"}
        ),
        "start_time": make_field("start_time", (), (0, 1)),
        "end_time": make_field("end_time", (), (0, 1)),
    }
    return Scene(
        actors=["employee", "manager", "admin", "team lead"],
        things={"expense": expense, "room": room, "booking": booking},
        makers={"expense": ["employee"], "booking": ["employee"]},
    )


K = RuleKind
SENTENCES = (
    ("The amount is required.", K.REQUIRED),
    ("Title, amount and category are mandatory.", K.REQUIRED),
    ("The title must not be empty.", K.REQUIRED),
    ("An expense without an amount is rejected with a clear error message.", K.REQUIRED),
    ("Every expense must have a title and a category.", K.REQUIRED),
    ("Rejecting an expense requires a comment.", K.REQUIRED),
    ("A comment is required when an expense is rejected", K.REQUIRED),
    ("When a manager rejects an expense, a comment must be given.", K.REQUIRED),
    ("Amounts above 500 EUR need a comment.", K.REQUIRED),
    ("Expenses over 500 EUR require a comment", K.REQUIRED),
    ("If the category is travel, a comment is required.", K.REQUIRED),
    ("A comment is required if the amount is above 500 EUR.", K.REQUIRED),
    ("The title has at most 120 characters.", K.RANGE),
    ("Title must be between 3 and 120 characters", K.RANGE),
    ("title: max 120 characters", K.RANGE),
    ("The title must not exceed 120 characters.", K.RANGE),
    ("Quantity must be between 1 and 99.", K.RANGE),
    ("The quantity must be at least 1.", K.RANGE),
    ("Amount must be greater than 0.", K.RANGE),
    ("The amount must be positive.", K.RANGE),
    ("The amount cannot exceed 10,000 EUR.", K.RANGE),
    ("Quantity cannot be negative.", K.RANGE),
    ("Priority is one of low, medium or high.", K.CHOICES),
    ("The category must be one of: travel, meals, other.", K.CHOICES),
    ("Priority can be low, medium or high", K.CHOICES),
    ("The email must be a valid e-mail address.", K.FORMAT),
    ("The SKU must be unique.", K.UNIQUE),
    ("No two expenses may have the same SKU.", K.UNIQUE),
    ("Priority defaults to medium.", K.DEFAULT),
    ("New expenses start as submitted.", K.DEFAULT),
    ("The end date must be after the start date.", K.COMPARE),
    ("End date cannot be before the start date.", K.COMPARE),
    ("The start date cannot be in the past.", K.COMPARE),
    ("The start time must be at least 24 hours in the future.", K.COMPARE),
    ("The SKU cannot be changed after creation.", K.FIXED),
    ("An approved expense must not be changed.", K.LOCKED),
    ("Approved expenses cannot be edited or deleted.", K.LOCKED),
    ("Once approved, an expense can no longer be edited.", K.LOCKED),
    ("An expense can only be edited while it is submitted.", K.LOCKED),
    ("Only approved expenses can be paid.", K.TRANSITION),
    ("An expense can only be paid after it has been approved.", K.TRANSITION),
    ("A rejected expense can be resubmitted.", K.TRANSITION),
    ("Paid expenses cannot be rejected.", K.BLOCKED),
    ("An expense cannot be rejected once it has been paid.", K.BLOCKED),
    ("When a manager approves an expense, its status becomes approved.", K.TRANSITION),
    ("Open bookings are cancelled automatically after 15 minutes.", K.EXPIRY),
    ("A booking expires after 24 hours.", K.EXPIRY),
    ("Expenses are deleted after 90 days.", K.RETENTION),
    ("Rejected expenses are kept for 2 years.", K.RETENTION),
    ("Only managers can approve expenses.", K.ONLY),
    ("Only managers and admins may approve or reject an expense.", K.ONLY),
    ("Expenses can only be approved by managers.", K.ONLY),
    ("Employees cannot approve expenses.", K.ONLY),
    ("Approving an expense is restricted to managers.", K.ONLY),
    ("Employees see only their own expenses.", K.OWN),
    ("Employees can only see their own expenses.", K.OWN),
    ("An employee cannot see other employees' expenses", K.OWN),
    ("Nobody can approve their own expense.", K.NOT_OWN),
    ("A manager cannot approve their own expenses.", K.NOT_OWN),
    ("Employees can submit an expense.", K.ALLOWED),
    ("The employee is notified by e-mail when the expense is approved.", K.NOTIFY),
    ("When an expense is approved, the requester receives an email.", K.NOTIFY),
    ("Managers are notified when an employee submits an expense.", K.NOTIFY),
    ("The requester is informed by e-mail when an expense is approved or rejected.", K.NOTIFY),
    ("Notify the owner when the expense is paid.", K.NOTIFY),
    ("Managers can filter expenses by status and category.", K.FILTER),
    ("The list can be filtered by status, category and date.", K.FILTER),
    ("Expenses are sorted by amount, highest first.", K.SORT),
    ("The newest expenses come first.", K.SORT),
    ("Expenses are listed newest first.", K.SORT),
    ("Managers can search expenses by title.", K.SEARCH),
    ("The list shows 20 expenses per page.", K.PAGE),
    ("20 per page", K.PAGE),
    ("Managers can export the list of expenses as CSV.", K.EXPORT),
    ("An employee may have at most 5 open bookings at a time.", K.COUNT),
    ("At most 3 bookings per employee.", K.COUNT),
    ("At most 10 expenses per minute per user.", K.RATE),
    ("At most 10 expenses per user and minute.", K.RATE),
    ("An employee can submit at most 10 expenses per hour.", K.RATE),
    ("Every change is recorded with who and when.", K.HISTORY),
    ("Each change of an expense must be logged with user and time.", K.HISTORY),
    ("The comment is never shown in responses.", K.HIDDEN),
    ("A room cannot be booked twice at the same time.", K.OVERLAP),
    ("Bookings of the same room must not overlap.", K.OVERLAP),
    ("Given a submitted expense, when a manager approves it, then its status is approved.", K.TRANSITION),
    ("Given an approved expense, when an employee edits it, then the change is rejected.", K.LOCKED),
    ("Given a paid expense\nWhen a manager rejects it\nThen an error is shown", K.BLOCKED),
    ("When an employee submits an expense without an amount, then it is rejected.", K.REQUIRED),
    ("The screen is easy to use on a phone.", None),
    ("Legal has reviewed the texts.", None),
    ("An approved expense must not be changed unless an admin reopens it.", None),
    ("The system should be fast and reliable.", None),
    ("The title must have at most 5000000 characters.", None),
    ("Expenses are deleted after 99999999 years.", None),
)


@pytest.mark.parametrize(("text", "kind"), SENTENCES, ids=[text[:60] for text, _ in SENTENCES])
def test_a_sentence_is_understood_as(text: str, kind: RuleKind | None) -> None:
    (sentence,) = cut(text)
    rules = rules_in(sentence, a_scene())
    assert ([] if kind is None else [kind]) == list(dict.fromkeys(rule.kind for rule in rules)), rules
