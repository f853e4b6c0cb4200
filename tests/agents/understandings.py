"""Understandings by hand: one that holds every kind of rule at once, and small ones."""

from collections.abc import Iterable, Sequence

from services.features.understanding import (
    AcceptanceCriterion,
    Condition,
    DataField,
    FieldType,
    Integration,
    Resource,
    Rule,
    RuleKind,
    Story,
    Understanding,
)

F, K = FieldType, RuleKind
DAY = 86400


def field(name: str, type_: FieldType = F.STRING, *, required: bool = False, **more: object) -> DataField:
    return DataField.model_validate({"name": name, "type": type_, "required": required, **more})


def rule(kind: RuleKind, resource: str = "expense", **more: object) -> Rule:
    return Rule.model_validate({"kind": kind, "resource": resource, **more})


def when(name: str, operator: str, value: str) -> Condition:
    return Condition(field=name, operator=operator, value=value)


def understanding(
    resources: Sequence[Resource],
    rules: Iterable[Rule | tuple[Rule, ...]],
    actors: Sequence[str] = ("employee", "manager", "auditor"),
) -> Understanding:
    """One stated criterion per rule, or per group of rules."""
    groups = [r if isinstance(r, tuple) else (r,) for r in rules]
    criteria = tuple(
        AcceptanceCriterion(
            id=f"AC-S{n}",
            story="US-1",
            text=f"Demand {n}: {' and '.join(r.kind.value for r in group)}.",
            rules=group,
            stated=True,
        )
        for n, group in enumerate(groups, start=1)
    )
    main = resources[0]
    story = Story(id="US-1", actor=actors[0], goal=f"create {main.name}", benefit="it is known", resource=main.name)
    return Understanding(
        name="trial", title="Trial", actors=tuple(actors), resources=tuple(resources), use_cases=(), integrations=(), quantities=(),
        stories=(story,), criteria=criteria, out_of_scope=(), assumptions=(), questions=(),
    )  # fmt: skip


EXPENSE = Resource(
    name="expense", plural="expenses", label="Expense",
    fields=(
        field("title", required=True), field("amount", F.MONEY, required=True), field("category", required=True, choices=("travel", "meal", "other")),
        field("comment", F.TEXT), field("reason", F.TEXT), field("receipt", F.URL), field("contact", F.EMAIL), field("serial", required=True, maximum=30),
        field("urgent", F.BOOLEAN, default="false"), field("card_number", required=True), field("spent_on", F.DATE, required=True), field("pin"),
        field("priority", choices=("low", "normal", "high")), field("received_on", F.DATE),
    ),
    states=("draft", "submitted", "approved", "rejected", "paid", "archived"),
    transitions=(("submit", "draft", "submitted"), ("approve", "submitted", "approved"), ("reject", "submitted", "rejected"), ("reject", "approved", "rejected"),
                 ("pay", "approved", "paid")),
)  # fmt: skip
BOOKING = Resource(
    name="booking", plural="bookings", label="Booking",
    fields=(
        field("room_id", F.REFERENCE, required=True, refers_to="room"), field("starts_at", F.DATETIME, required=True), field("ends_at", F.DATETIME, required=True),
        field("people", F.INTEGER, required=True), field("note", F.TEXT),
    ),
    states=("requested", "confirmed", "cancelled"),
    transitions=(("confirm", "requested", "confirmed"), ("cancel", "requested", "cancelled"), ("cancel", "confirmed", "cancelled")),
)  # fmt: skip
ROOM = Resource(
    name="room",
    plural="rooms",
    label="Room",
    fields=(field("name", required=True), field("seats", F.INTEGER, required=True), field("share", F.NUMBER)),
)
EXPENSE_RULES: tuple[Rule | tuple[Rule, ...], ...] = (
    rule(K.ALLOWED, act="create", actors=("employee",)),
    rule(K.ALLOWED, act="update", actors=("employee",)),
    rule(K.ALLOWED, act="delete", actors=("employee",)),
    rule(K.ALLOWED, act="list", actors=("auditor",)),
    rule(K.ALLOWED, act="get", actors=("manager",)),
    rule(K.ALLOWED, act="approve", actors=("manager",)),
    rule(K.ONLY, act="approve", actors=("manager",)),
    rule(K.ONLY, act="pay", actors=("auditor", "manager")),
    rule(K.OWN, actors=("employee",)),
    rule(K.NOT_OWN, act="approve"),
    rule(K.REQUIRED, fields=("title",)),
    rule(K.REQUIRED, fields=("comment",), condition=when("amount", ">", "50000")),
    rule(K.OPTIONAL, fields=("pin",)),
    rule(K.REQUIRED, fields=("reason",), act="reject"),
    rule(K.REQUIRED, fields=("receipt",), condition=when("category", "==", "travel")),
    (rule(K.REQUIRED, fields=("title",)), rule(K.RANGE, fields=("title",), minimum=3, maximum=120)),
    rule(K.RANGE, fields=("amount",), minimum=1, maximum=1_000_000),
    rule(K.CHOICES, fields=("category",), values=("travel", "meal", "other")),
    (rule(K.FORMAT, fields=("contact",)), rule(K.FORMAT, fields=("receipt",))),
    rule(K.UNIQUE, fields=("serial",)),
    rule(K.DEFAULT, fields=("priority",), values=("normal",)),
    rule(K.DEFAULT),
    rule(K.COMPARE, fields=("spent_on",), operator="<="),
    rule(K.COMPARE, fields=("received_on", "spent_on"), operator=">="),
    rule(K.FIXED, fields=("category",)),
    rule(K.LOCKED, states=("approved", "paid")),
    rule(K.TRANSITION, act="submit", states=("draft", "submitted")),
    rule(K.TRANSITION, act="reject", states=("submitted", "approved", "rejected")),
    rule(K.BLOCKED, act="delete", states=("submitted",)),
    rule(K.BLOCKED, act="pay", states=("draft",)),
    rule(K.NOTIFY, act="submit", actors=("manager",), channel="email"),
    rule(K.NOTIFY, act="approve", actors=("owner", "auditor"), channel="slack"),
    rule(K.CALL, act="pay", channel="Kafka", values=("publish",)),
    rule(K.CALL, act="submit", channel="Stripe", values=("charge", "EUR")),
    rule(K.FILTER, fields=("category", "state")),
    rule(K.FILTER, fields=("spent_on",)),
    rule(K.SORT, fields=("amount",), operator=">"),
    rule(K.SORT, fields=("received_on",)),
    rule(K.SEARCH, fields=("title", "comment")),
    rule(K.PAGE, maximum=25),
    rule(K.EXPORT),
    rule(K.COUNT, maximum=3, states=("submitted",)),
    rule(K.RATE, act="create", maximum=10, seconds=3600),
    rule(K.HISTORY),
    rule(K.RETENTION, seconds=90 * DAY, states=("rejected", "paid")),
    rule(K.EXPIRY, seconds=14 * DAY, states=("draft", "archived")),
    rule(K.HIDDEN, fields=("pin",)),
    rule(K.HIDDEN, fields=("card_number",), channel="masked"),
)
BOOKING_RULES: tuple[Rule | tuple[Rule, ...], ...] = (
    rule(K.COMPARE, "booking", fields=("ends_at", "starts_at"), operator=">"),
    rule(K.COMPARE, "booking", fields=("starts_at",), operator=">", seconds=3600),
    rule(K.OVERLAP, "booking", fields=("room_id", "starts_at", "ends_at")),
    rule(K.REQUIRED, "booking", fields=("note",), condition=when("state", "==", "confirmed")),
    rule(K.COUNT, "booking", maximum=5),
    rule(K.RATE, "booking", act="cancel", maximum=2, seconds=DAY),
    rule(K.NOT_OWN, "booking", act="confirm"),
    rule(K.RETENTION, "booking", seconds=365 * DAY),
    rule(K.SORT, "booking", fields=("starts_at",)),
    rule(K.FILTER, "booking", fields=("room_id",)),
    rule(K.LOCKED, "booking", states=("confirmed",)),
)
ROOM_RULES: tuple[Rule | tuple[Rule, ...], ...] = (
    rule(K.UNIQUE, "room", fields=("name", "seats")),
    rule(K.ONLY, "room", act="delete", actors=("manager",)),
    rule(K.RANGE, "room", fields=("seats",), maximum=100),
    rule(K.HISTORY, "room"),
    rule(K.NOTIFY, "room", act="", actors=("auditor",), channel="app"),
    rule(K.CALL, "room", act="delete", channel="accounting system", values=("ask",), seconds=DAY),
)
SYSTEMS = tuple(
    Integration(name=name, kind=kind, purpose=f"for {kind}")
    for name, kind in (("Kafka", "queue"), ("Stripe", "payment"), ("accounting system", "service"))
)


def everything() -> Understanding:
    """Every kind of rule, over three resources that refer to each other."""
    found = understanding((EXPENSE, BOOKING, ROOM), (*EXPENSE_RULES, *BOOKING_RULES, *ROOM_RULES))
    return found.model_copy(update={"integrations": SYSTEMS})


def plain() -> Understanding:
    """One resource without a single rule."""
    note = Resource(name="note", plural="notes", label="Note", fields=(field("text", F.TEXT, required=True),))
    return understanding((note,), ())
