"""Three requests of different domains with what a perfect reader understands of them, for the tests of the papers."""

from dataclasses import dataclass

from services.agents.blueprint.engine import GENERATORS
from services.agents.engine import Brief, Draft, Result
from services.features.request import Document, FeatureRequest
from services.features.understanding import (
    AcceptanceCriterion,
    Condition,
    CriterionKind,
    DataField,
    FieldType,
    Integration,
    Quantity,
    Resource,
    Rule,
    RuleKind,
    Sensitivity,
    Story,
    Understanding,
    UseCase,
)
from services.workflow.options import Complexity, DeploymentStrategy, Methodology
from services.workflow.tasks import tasks_for

K, T = RuleKind, FieldType


@dataclass(frozen=True)
class Case:
    request: FeatureRequest
    understanding: Understanding
    documents: tuple[Document, ...] = ()


def request_of(title: str, description: str, **options: object) -> FeatureRequest:
    given = {"methodology": Methodology.TRADITIONAL, "complexity": Complexity.SIMPLE, **options}
    return FeatureRequest.model_validate({"title": title, "description": description, **given})


def _finder(request: FeatureRequest):  # type: ignore[no-untyped-def]
    text = f"{request.title}\n{request.description}"

    def find(words: str) -> tuple[int, int]:
        start = text.index(words)
        return start, start + len(words)

    return find


EXPENSES = request_of(
    "Expense approvals",
    "Employees submit expenses with an amount, a category and a receipt link. Managers approve or reject an expense. "
    "An approved expense must not be changed. Amounts above 500 EUR need a comment. The category is travel, meals or other. "
    "A manager must not approve an own expense. The list can be filtered by category. The page should feel friendly. "
    "95 % of answers come within 200 ms. Card payments are out of scope.",
)


def _expenses() -> Case:
    at = _finder(EXPENSES)
    expense = Resource(
        name="expense", plural="expenses", label="Expense", span=at("expenses"),
        fields=(
            DataField(name="amount", type=T.MONEY, minimum=1, span=at("amount")),
            DataField(name="category", type=T.STRING, choices=("travel", "meals", "other"), span=at("category")),
            DataField(name="receipt_link", type=T.URL, required=False, span=at("receipt link")),
            DataField(name="comment", type=T.TEXT, required=False, span=at("comment")),
        ),
        states=("submitted", "approved", "rejected"),
        transitions=(("approve", "submitted", "approved"), ("reject", "submitted", "rejected")),
    )  # fmt: skip
    stories = (
        Story(id="US-1", actor="employee", goal="submit an expense", benefit="the money comes back", resource="expense", span=at("Employees submit expenses")),
        Story(id="US-2", actor="manager", goal="approve an expense", benefit="only real costs are paid", resource="expense", span=at("Managers approve")),
        Story(id="US-3", actor="manager", goal="reject an expense", benefit="wrong ones stop there", resource="expense", span=at("reject an expense")),
    )  # fmt: skip
    criteria = (
        AcceptanceCriterion(id="AC-1.1", story="US-1", text="An employee can submit an expense.", rules=(Rule(kind=K.ALLOWED, resource="expense", act="create", actors=("employee",)),)),
        AcceptanceCriterion(id="AC-2.1", story="US-2", text="A manager can approve an expense.", rules=(Rule(kind=K.ALLOWED, resource="expense", act="approve", actors=("manager",)), Rule(kind=K.ONLY, resource="expense", act="approve", actors=("manager",)))),
        AcceptanceCriterion(id="AC-3.1", story="US-3", text="A manager can reject an expense.", rules=(Rule(kind=K.TRANSITION, resource="expense", act="reject", states=("submitted", "rejected")),)),
        AcceptanceCriterion(id="AC-S1", story="US-2", text="An approved expense must not be changed.", rules=(Rule(kind=K.LOCKED, resource="expense", states=("approved",)),), stated=True, span=at("An approved expense must not be changed.")),
        AcceptanceCriterion(id="AC-S2", story="US-1", text="Amounts above 500 EUR need a comment.", rules=(Rule(kind=K.REQUIRED, resource="expense", fields=("comment",), condition=Condition(field="amount", operator=">", value="50000")),), stated=True, span=at("Amounts above 500 EUR need a comment.")),
        AcceptanceCriterion(id="AC-S3", story="US-1", text="The category is travel, meals or other.", rules=(Rule(kind=K.CHOICES, resource="expense", fields=("category",), values=("travel", "meals", "other")),), stated=True, span=at("The category is travel, meals or other.")),
        AcceptanceCriterion(id="AC-S4", story="US-2", text="A manager must not approve an own expense.", rules=(Rule(kind=K.NOT_OWN, resource="expense", act="approve"),), stated=True, span=at("A manager must not approve an own expense.")),
        AcceptanceCriterion(id="AC-S5", story="US-1", text="The list can be filtered by category.", rules=(Rule(kind=K.FILTER, resource="expense", fields=("category",)),), stated=True, span=at("The list can be filtered by category.")),
        AcceptanceCriterion(id="AC-S6", story="US-1", text="The page should feel friendly.", kind=CriterionKind.QUALITY, stated=True, span=at("The page should feel friendly.")),
    )  # fmt: skip
    found = Understanding(
        name="expense_approvals", title="Expense approvals", actors=("employee", "manager"), resources=(expense,),
        use_cases=(
            UseCase(actor="employee", verb="submit", resource="expense", text="Employees submit expenses", span=at("Employees submit expenses")),
            UseCase(actor="manager", verb="approve", resource="expense", text="Managers approve an expense", span=at("Managers approve")),
            UseCase(actor="manager", verb="reject", resource="expense", text="reject an expense", span=at("reject an expense")),
        ),
        integrations=(), quantities=(Quantity(kind="latency", value=200, unit="ms", percentile=95, text="95 % of answers come within 200 ms", span=at("95 % of answers come within 200 ms")),),
        stories=stories, criteria=criteria, out_of_scope=("Card payments",), assumptions=("The amount is in euros everywhere.",),
        questions=("May an employee withdraw an expense?",),
    )  # fmt: skip
    return Case(EXPENSES, found)


CLINIC = request_of(
    "Appointment booking",
    "Patients book appointments with a doctor, a start, an end, a reason and an email. Doctors confirm or cancel an appointment. "
    "No two appointments of the same doctor may overlap. Patients see only their own appointments. Reminders are sent by SMS through Twilio. "
    "The diagnosis is added by the doctor and is never shown in lists. Appointments are kept for 2 years. Every change is recorded with who made it. "
    "99.9 % availability. It should be easy for elderly people. A patient has at most 3 confirmed appointments. Waiting rooms hum softly.",
    complexity=Complexity.EPIC,
    methodology=Methodology.DDD,
    deployment_strategy=DeploymentStrategy.CANARY,
)


def _clinic() -> Case:
    at = _finder(CLINIC)
    appointment = Resource(
        name="appointment", plural="appointments", label="Appointment", span=at("appointments"),
        fields=(
            DataField(name="doctor", type=T.REFERENCE, refers_to="doctor_profile", span=at("a doctor")),
            DataField(name="start", type=T.DATETIME, span=at("a start")),
            DataField(name="end", type=T.DATETIME, span=at("an end")),
            DataField(name="reason", type=T.TEXT, span=at("a reason")),
            DataField(name="email", type=T.EMAIL, sensitive=Sensitivity.PERSONAL, span=at("an email")),
            DataField(name="diagnosis", type=T.TEXT, required=False, sensitive=Sensitivity.HEALTH, span=at("The diagnosis")),
        ),
        states=("requested", "confirmed", "cancelled"),
        transitions=(("confirm", "requested", "confirmed"), ("cancel", "requested", "cancelled"), ("cancel", "confirmed", "cancelled")),
    )  # fmt: skip
    doctor = Resource(
        name="doctor_profile", plural="doctor_profiles", label="Doctor profile",
        fields=(DataField(name="name", type=T.STRING, maximum=120, sensitive=Sensitivity.PERSONAL), DataField(name="speciality", type=T.STRING)),
    )  # fmt: skip
    stories = (
        Story(id="US-1", actor="patient", goal="book an appointment", benefit="a visit is certain", resource="appointment", span=at("Patients book appointments")),
        Story(id="US-2", actor="doctor", goal="confirm an appointment", benefit="the day is planned", resource="appointment", span=at("Doctors confirm")),
        Story(id="US-3", actor="doctor", goal="cancel an appointment", benefit="the slot is free again", resource="appointment", span=at("cancel an appointment")),
    )  # fmt: skip
    rules: tuple[tuple[str, str, str, tuple[Rule, ...]], ...] = (
        ("AC-1.1", "US-1", "", (Rule(kind=K.ALLOWED, resource="appointment", act="create", actors=("patient",)),)),
        ("AC-S1", "US-1", "No two appointments of the same doctor may overlap.", (Rule(kind=K.OVERLAP, resource="appointment", fields=("doctor", "start", "end")),)),
        ("AC-S2", "US-1", "Patients see only their own appointments.", (Rule(kind=K.OWN, resource="appointment", actors=("patient",)),)),
        ("AC-S3", "US-1", "Reminders are sent by SMS through Twilio.", (Rule(kind=K.NOTIFY, resource="appointment", act="confirm", actors=("owner",), channel="sms"),)),
        ("AC-S4", "US-2", "The diagnosis is added by the doctor and is never shown in lists.", (Rule(kind=K.HIDDEN, resource="appointment", fields=("diagnosis",)),)),
        ("AC-S5", "US-1", "Appointments are kept for 2 years.", (Rule(kind=K.RETENTION, resource="appointment", seconds=63_072_000),)),
        ("AC-S6", "US-2", "Every change is recorded with who made it.", (Rule(kind=K.HISTORY, resource="appointment"),)),
        ("AC-S7", "US-1", "It should be easy for elderly people.", ()),
        ("AC-S8", "US-1", "A patient has at most 3 confirmed appointments.", (Rule(kind=K.COUNT, resource="appointment", maximum=3, states=("confirmed",)),)),
    )  # fmt: skip
    criteria = tuple(
        AcceptanceCriterion(
            id=id_, story=story, text=text or "A patient can book an appointment.", rules=found, stated=bool(text), span=at(text) if text else None,
            kind=CriterionKind.FUNCTIONAL if found else CriterionKind.QUALITY, source="clinic-rules.pdf" if id_ == "AC-S8" else "",
        )
        for id_, story, text, found in rules
    )  # fmt: skip
    found = Understanding(
        name="appointment_booking", title="Appointment booking", actors=("patient", "doctor"), resources=(appointment, doctor),
        use_cases=(
            UseCase(actor="patient", verb="book", resource="appointment", text="Patients book appointments", span=at("Patients book appointments")),
            UseCase(actor="doctor", verb="confirm", resource="appointment", text="Doctors confirm an appointment", span=at("Doctors confirm")),
            UseCase(actor="doctor", verb="cancel", resource="appointment", text="cancel an appointment", span=at("cancel an appointment")),
        ),
        integrations=(Integration(name="Twilio", kind="sms", purpose="reminders", span=at("by SMS through Twilio")),),
        quantities=(
            Quantity(kind="retention", value=2, unit="years", text="kept for 2 years", span=at("kept for 2 years")),
            Quantity(kind="availability", value=99.9, unit="%", text="99.9 % availability", span=at("99.9 % availability")),
        ),
        stories=stories, criteria=criteria, out_of_scope=(), assumptions=("Doctors are known before patients book.",),
        not_understood=("Waiting rooms hum softly.",), questions=("How long before a visit is the reminder sent?",),
    )  # fmt: skip
    return Case(CLINIC, found)


SHOP = request_of(
    "Online orders",
    "Customers place orders with a product, a quantity and a card reference. Clerks ship an order and refund an order. Products have a unique sku, "
    "a name and a price. Payments go through Stripe. At most 20 orders per customer and hour. Orders can be exported as CSV. "
    "The quantity is between 1 and 99. 50 requests per second. The shop also offers a GraphQL interface.",
    complexity=Complexity.COMPLEX,
    deployment_strategy=DeploymentStrategy.A_B_TEST,
)


def _shop() -> Case:
    at = _finder(SHOP)
    order = Resource(
        name="order", plural="orders", label="Order", span=at("orders"),
        fields=(
            DataField(name="product", type=T.REFERENCE, refers_to="product", span=at("a product")),
            DataField(name="quantity", type=T.INTEGER, minimum=1, maximum=99, span=at("a quantity")),
            DataField(name="card_reference", type=T.STRING, maximum=64, sensitive=Sensitivity.PAYMENT, span=at("a card reference")),
        ),
        states=("placed", "shipped", "refunded"), transitions=(("ship", "placed", "shipped"), ("refund", "shipped", "refunded")),
    )  # fmt: skip
    product = Resource(
        name="product", plural="products", label="Product", span=at("Products have"),
        fields=(DataField(name="sku", type=T.STRING, maximum=40, span=at("sku")), DataField(name="name", type=T.STRING, span=at("a name")), DataField(name="price", type=T.MONEY, minimum=0, span=at("a price"))),
    )  # fmt: skip
    stories = (
        Story(id="US-1", actor="customer", goal="place an order", benefit="the goods come home", resource="order", span=at("Customers place orders")),
        Story(id="US-2", actor="clerk", goal="ship an order", benefit="the promise is kept", resource="order", span=at("Clerks ship an order")),
        Story(id="US-3", actor="clerk", goal="refund an order", benefit="disputes end", resource="order", priority="should", span=at("refund an order")),
        Story(id="US-4", actor="clerk", goal="add a product", benefit="there is something to order", resource="product"),
    )  # fmt: skip
    table: tuple[tuple[str, str, str, tuple[Rule, ...]], ...] = (
        ("AC-1.1", "US-1", "", (Rule(kind=K.ALLOWED, resource="order", act="create", actors=("customer",)),)),
        ("AC-2.1", "US-2", "", (Rule(kind=K.ALLOWED, resource="order", act="ship", actors=("clerk",)),)),
        ("AC-S1", "US-4", "Products have a unique sku", (Rule(kind=K.UNIQUE, resource="product", fields=("sku",)),)),
        ("AC-S2", "US-1", "At most 20 orders per customer and hour.", (Rule(kind=K.RATE, resource="order", act="create", maximum=20, seconds=3600),)),
        ("AC-S3", "US-2", "Orders can be exported as CSV.", (Rule(kind=K.EXPORT, resource="order", actors=("clerk",)),)),
        ("AC-S4", "US-1", "The quantity is between 1 and 99.", (Rule(kind=K.RANGE, resource="order", fields=("quantity",), minimum=1, maximum=99),)),
    )  # fmt: skip
    criteria = tuple(
        AcceptanceCriterion(
            id=i, story=s, text=t or "It can be done.", rules=r, stated=bool(t), span=at(t) if t else None
        )
        for i, s, t, r in table
    )
    found = Understanding(
        name="online_orders", title="Online orders", actors=("customer", "clerk"), resources=(order, product),
        use_cases=(
            UseCase(actor="customer", verb="place", resource="order", text="Customers place orders", span=at("Customers place orders")),
            UseCase(actor="clerk", verb="ship", resource="order", text="Clerks ship an order", span=at("Clerks ship an order")),
            UseCase(actor="clerk", verb="refund", resource="order", text="refund an order", span=at("refund an order")),
        ),
        integrations=(Integration(name="Stripe", kind="payment", purpose="payments", span=at("through Stripe")),),
        quantities=(Quantity(kind="throughput", value=50, unit="requests per second", text="50 requests per second", span=at("50 requests per second")),),
        interfaces=("graphql",), stories=stories, criteria=criteria, out_of_scope=(), not_built=("a GraphQL interface",), assumptions=(), questions=(),
    )  # fmt: skip
    return Case(SHOP, found)


CASES = {"expenses": _expenses(), "clinic": _clinic(), "shop": _shop()}


def phase_one(case: Case) -> dict[str, Draft]:
    """Steps 1 to 3 only."""
    return drafts_of_case(case, until="risk")


def drafts_of_case(case: Case, until: str = "") -> dict[str, Draft]:
    """The tasks of a run over an understanding made by hand; each sees what it reads and the files before it."""
    made: dict[str, Draft] = {}
    for task in tasks_for(case.request.methodology):
        brief = Brief(
            task=task, request=case.request, understanding=case.understanding, documents=case.documents,
            inputs={key: Result(made[key].report, made[key].records.model_dump(mode="json")) for key in task.reads},
            files={path: data for draft in made.values() for path, data in draft.files.items()},
        )  # fmt: skip
        made[task.key] = GENERATORS[task.key](brief)
        if task.key == until:
            break
    return made
