"""Three features with pages that differ: money and steps, references and times, choices and a history."""

from functools import cache

from services.agents.blueprint.discovery import architecture
from services.agents.blueprint.implementation import backend, frontend
from services.agents.engine import Brief, Draft, Result
from services.features.request import FeatureRequest
from services.features.understanding import FieldType as F
from services.features.understanding import Resource, Sensitivity, Understanding
from services.features.understanding import RuleKind as K
from services.workflow.tasks import tasks_for
from tests.agents.chain import files_of
from tests.agents.understandings import field, rule, understanding, when
from tests.builders import REQUEST


def named(title: str, name: str, made: Understanding) -> Understanding:
    return made.model_copy(update={"title": title, "name": name})


def expenses() -> Understanding:
    expense = Resource(
        name="expense", plural="expenses", label="Expense",
        fields=(
            field("title", required=True), field("amount", F.MONEY, required=True), field("category", required=True, choices=("travel", "meals_and_drinks")),
            field("comment", F.TEXT), field("is_urgent", F.BOOLEAN, default="false"), field("card_number", required=True),
        ),
        states=("draft", "submitted", "approved", "rejected"),
        transitions=(("submit", "draft", "submitted"), ("approve", "submitted", "approved"), ("reject", "submitted", "rejected")),
    )  # fmt: skip
    rules = (
        rule(K.ALLOWED, act="create", actors=("employee",)),
        rule(K.ALLOWED, act="update", actors=("employee",)),
        rule(K.ALLOWED, act="delete", actors=("employee",)),
        rule(K.ONLY, act="submit", actors=("employee",)),
        rule(K.ONLY, act="approve", actors=("manager",)),
        rule(K.ONLY, act="reject", actors=("manager",)),
        rule(K.NOT_OWN, act="approve"),
        rule(K.REQUIRED, fields=("comment",), condition=when("amount", ">", "50000")),
        rule(K.REQUIRED, fields=("comment",), act="reject"),
        rule(K.RANGE, fields=("amount",), minimum=1, maximum=1_000_000),
        rule(K.RANGE, fields=("title",), minimum=3, maximum=80),
        rule(K.FIXED, fields=("category",)),
        rule(K.LOCKED, states=("approved", "rejected")),
        rule(K.HIDDEN, fields=("card_number",), channel="masked"),
        rule(K.PAGE, maximum=2),
        rule(K.EXPORT),
    )
    return named(
        "Expense approvals", "expense_approvals", understanding((expense,), rules, actors=("employee", "manager"))
    )


def clinic() -> Understanding:
    patient = Resource(
        name="patient", plural="patients", label="Patient",
        fields=(
            field("name", required=True, sensitive=Sensitivity.PERSONAL), field("birth_date", F.DATE, required=True), field("email", F.EMAIL),
            field("diagnosis", F.TEXT, sensitive=Sensitivity.HEALTH),
        ),
    )  # fmt: skip
    appointment = Resource(
        name="appointment", plural="appointments", label="Appointment",
        fields=(
            field("patient_id", F.REFERENCE, required=True, refers_to="patient"), field("starts_at", F.DATETIME, required=True), field("ends_at", F.DATETIME, required=True),
            field("kind", required=True, choices=("first_visit", "follow_up")), field("fee", F.MONEY, required=True), field("note", F.TEXT),
        ),
        states=("requested", "confirmed", "done", "cancelled"),
        transitions=(("confirm", "requested", "confirmed"), ("finish", "confirmed", "done"), ("cancel", "requested", "cancelled"), ("cancel", "confirmed", "cancelled")),
    )  # fmt: skip
    rules = (
        rule(K.COMPARE, "appointment", fields=("ends_at", "starts_at"), operator=">"),
        rule(K.ONLY, "appointment", act="confirm", actors=("receptionist",)),
        rule(K.SORT, "appointment", fields=("starts_at",)),
        rule(K.FILTER, "appointment", fields=("starts_at",)),
        rule(K.SEARCH, "patient", fields=("name",)),
    )
    return named(
        "Clinic diary", "clinic_diary", understanding((appointment, patient), rules, actors=("receptionist", "doctor"))
    )


def bugs() -> Understanding:
    bug = Resource(
        name="bug_report", plural="bug_reports", label="Bug report",
        fields=(
            field("title", required=True), field("severity", required=True, choices=("low", "high")), field("steps", F.TEXT, required=True),
            field("page_url", F.URL), field("affected_users", F.INTEGER),
        ),
        states=("open", "in_progress", "resolved"),
        transitions=(("start", "open", "in_progress"), ("resolve", "in_progress", "resolved"), ("reopen", "resolved", "open")),
    )  # fmt: skip
    rules = (rule(K.HISTORY, "bug_report"), rule(K.FILTER, "bug_report", fields=("severity",)))
    return named("Bug tracker", "bug_tracker", understanding((bug,), rules, actors=("tester", "developer")))


CASES = {"expenses": expenses, "clinic": clinic, "bugs": bugs}


@cache
def page_of(made: Understanding, request: FeatureRequest = REQUEST) -> dict[str, Draft]:
    """Task key -> draft of the steps that the page needs."""
    request = request.model_copy(update={"title": made.title})
    tasks = {task.key: task for task in tasks_for(request.methodology)}
    drafts: dict[str, Draft] = {}
    for key, generate in (
        ("architecture", architecture.generate),
        ("backend", backend.generate),
        ("frontend", frontend.generate),
    ):
        inputs = {k: Result(d.report, d.records.model_dump(mode="json")) for k, d in drafts.items()}
        drafts[key] = generate(
            Brief(
                task=tasks[key],
                request=request,
                understanding=made,
                documents=(),
                inputs=inputs,
                files=files_of(drafts.values()),
            )
        )
    return drafts
