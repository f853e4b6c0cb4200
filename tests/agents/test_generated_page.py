"""The generated page over the generated service, in a real browser: every state that a person can meet."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from services.workflow.options import DeploymentStrategy
from tests.agents.chain import files_of
from tests.agents.page_cases import bugs, clinic, expenses, page_of
from tests.agents.page_service import Caller, opened, service, sign_in
from tests.builders import REQUEST

pytestmark = pytest.mark.browser
MARKUP = '<b onclick="alert(1)">lunch</b> & "wine" שלום 🚀'
EXPENSE = {"title": "Taxi", "amount": 3000, "category": "travel", "card_number": "4111111111111111"}
TRIAL = REQUEST.model_copy(update={"deployment_strategy": DeploymentStrategy.A_B_TEST})


def fill(page: Page, **values: str) -> None:
    for name, text in values.items():
        page.locator(f"#field-{name}").fill(text)


def test_a_person_creates_and_another_decides(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(expenses(), TRIAL).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, events, errors):
        sign_in(page, "ana", "employee")
        assert "No expenses yet" in page.inner_text("main")
        page.click("#create")
        page.click("#save")
        assert page.locator(".error:visible").count() == 4
        assert page.evaluate("document.activeElement.id") == "field-title"
        fill(page, title=MARKUP, amount="12,50", card_number="4111111111111111")
        page.get_by_label("Category").select_option(label="Meals and drinks")
        assert page.locator(".error:visible").count() == 0
        page.click("#save")
        page.get_by_text(f"{MARKUP} is saved.").wait_for()
        assert page.evaluate("document.activeElement.id") == "heading"
        assert [
            part in page.inner_text("dl") for part in (MARKUP, "12.50", "Meals and drinks", "************1111")
        ] == [True] * 4
        page.get_by_role("button", name="Submit").click()
        page.get_by_text(": Submitted.").wait_for()
        assert page.get_by_role("button", name="Approve").count() == 0
        sign_in(page, "max", "manager")
        page.get_by_role("button", name="Approve").click()
        page.get_by_text(": Approved.").wait_for()
        assert page.get_by_role("link", name="Edit").count() == 0
        assert [event["properties"] for event in events] == [{"role": "employee", "variant": "treatment"}]
        assert errors == []


def test_nobody_is_offered_what_the_service_would_refuse(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        record = Caller(address, "ana", "employee").send("POST", "/expenses", EXPENSE)
        Caller(address, "ana", "employee").send("POST", f"/expenses/{record['id']}/submit")
        sign_in(page, "ana", "manager")
        page.get_by_role("link", name="Taxi", exact=True).wait_for()
        assert page.locator("#create").count() == 0
        assert page.get_by_role("button", name="Approve Taxi").count() == 0
        page.get_by_role("button", name="Reject Taxi").click()
        page.get_by_label("Comment").wait_for()
        page.click("#save")
        assert "Fill this in." in page.inner_text("form")
        fill(page, comment="No receipt")
        page.click("#save")
        page.get_by_text("Taxi: Rejected.").wait_for()
        assert errors == []


def test_what_another_value_makes_necessary_is_said_before_sending(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        sign_in(page, "ana", "employee")
        page.click("#create")
        fill(page, title="Conference", amount="500.00", card_number="4111111111111111")
        page.get_by_label("Category").select_option("travel")
        assert "required" not in page.locator("label[for=field-comment]").inner_text()
        fill(page, amount="500.01")
        assert "Amount is above 500.00" in page.locator("label[for=field-comment]").inner_text()
        page.click("#save")
        assert page.evaluate("document.activeElement.id") == "field-comment"
        fill(page, amount="10000.01", comment="Agreed")
        page.click("#save")
        assert "Not above 10,000.00." in page.inner_text("form")
        assert errors == []


def test_two_people_change_one_record_and_the_second_chooses(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        other = Caller(address, "ana", "employee")
        other.send("POST", "/expenses", EXPENSE)
        sign_in(page, "ana", "employee")
        page.get_by_role("link", name="Edit Taxi").click()
        page.get_by_label("Amount").wait_for()
        assert page.get_by_label("Amount").input_value() == "30.00"
        assert page.get_by_label("Category").count() == 0
        other.send("PATCH", "/expenses/1", {"title": "Train", "is_urgent": True})
        fill(page, title="Bus", amount="31")
        page.click("#save")
        page.get_by_text("Somebody changed this meanwhile").wait_for()
        assert page.get_by_label("Yours: Bus").is_checked()
        assert "Taken over from the other change: Urgent" in page.inner_text("#form-trouble")
        page.get_by_label("Theirs: Train").check()
        page.click("#save")
        page.get_by_text("Train is saved.").wait_for()
        stored = other.send("GET", "/expenses/1")
        assert (stored["title"], stored["amount"], stored["is_urgent"]) == ("Train", 3100, True)
        assert errors == []


def test_a_stale_step_shows_the_newest_values_and_why(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        other = Caller(address, "ana", "employee")
        other.send("POST", "/expenses", EXPENSE)
        sign_in(page, "ana", "employee")
        page.get_by_role("button", name="Submit Taxi").wait_for()
        other.send("PATCH", "/expenses/1", {"title": "Train"})
        page.get_by_role("button", name="Submit Taxi").click()
        page.get_by_text("You see the newest values now").wait_for()
        page.get_by_role("button", name="Submit Train").click()
        page.get_by_text("Train: Submitted.").wait_for()
        assert errors == []


def test_a_lost_service_loses_no_input(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(bugs()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        sign_in(page, "tia", "tester")
        page.click("#create")
        fill(page, title="It hangs", steps="Open it", affected_users="3")
        page.get_by_label("Severity").select_option("high")
        page.context.set_offline(True)
        page.get_by_text("You are offline. What you see").wait_for()
        page.click("#save")
        page.get_by_text("Your input is still here").wait_for()
        assert page.get_by_label("Title").input_value() == "It hangs"
        page.context.set_offline(False)
        page.click("#save")
        page.get_by_text("It hangs is saved.").wait_for()
        page.get_by_role("button", name="Start").click()
        page.get_by_text("It hangs: In progress.").wait_for()
        page.get_by_role("button", name="Show what happened").click()
        page.get_by_text("State: Open → In progress").wait_for()
        page.context.set_offline(True)
        page.get_by_role("link", name="All bug reports").click()
        page.get_by_role("button", name="Try again").wait_for()
        page.context.set_offline(False)
        page.locator("table").wait_for()
        assert errors == []


def test_a_list_is_searched_narrowed_ordered_and_paged_by_its_address(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        ana = Caller(address, "ana", "employee")
        for number, title in enumerate(("Taxi", "Train", "Lunch"), start=1):
            ana.send(
                "POST",
                "/expenses",
                {
                    **EXPENSE,
                    "title": title,
                    "amount": number * 100,
                    "category": "meals_and_drinks" if title == "Lunch" else "travel",
                },
            )
        sign_in(page, "ana", "employee")
        assert page.locator("tbody tr").count() == 2
        page.click("#more")
        page.locator("tbody tr").nth(2).wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Lunch"
        page.get_by_role("button", name="Amount").click()
        page.get_by_role("button", name="Amount").click()
        page.locator("th[aria-sort=descending]").wait_for()
        page.locator("tbody tr:first-child >> text=Lunch").wait_for()
        page.get_by_text("More filters").click()
        page.get_by_label("Category").select_option("travel")
        page.locator("tbody tr:first-child >> text=Train").wait_for()
        assert page.locator("tbody tr").count() == 2
        page.get_by_label("Search expenses").fill("nothing like it")
        page.get_by_text("Nothing fits").wait_for()
        assert [part in page.url for part in ("category=travel", "sort=-amount")] == [True, True]
        page.reload()
        page.get_by_text("Nothing fits").wait_for()
        page.locator(".notice").get_by_role("button", name="Clear filters").click()
        page.locator("tbody tr").nth(1).wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download CSV").click()
        assert "Lunch" in download.value.path().read_text()
        assert errors == []


def test_references_are_chosen_by_name_and_times_are_the_persons_own(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = files_of(page_of(clinic()).values())
    with (
        service(files, tmp_path, service_python) as address,
        opened(browser, address, timezone_id="Asia/Tokyo") as (page, _, errors),
    ):
        desk = Caller(address, "rita", "receptionist")
        desk.send("POST", "/patients", {"name": "Zoë Ł.", "birth_date": "1990-02-28"})
        sign_in(page, "rita", "receptionist")
        page.click("#create")
        page.get_by_label("Patient").select_option(label="Zoë Ł.")
        fill(page, starts_at="2026-05-04T09:30", ends_at="2026-05-04T09:00", fee="80")
        page.get_by_label("Kind").select_option("first_visit")
        page.click("#save")
        assert "Must be after or above “Starts at”." in page.inner_text("form")
        fill(page, ends_at="2026-05-04T10:00")
        page.click("#save")
        page.get_by_text("Appointment 1 is saved.").wait_for()
        assert desk.send("GET", "/appointments/1")["starts_at"].startswith("2026-05-04T00:30")
        assert "May 4, 2026, 9:30 AM" in page.inner_text("dl")
        page.get_by_role("link", name="Zoë Ł.").click()
        page.get_by_role("link", name="Appointments with this Patient").click()
        page.locator("tbody tr").first.wait_for()
        assert "Zoë Ł." in page.inner_text("tbody")
        assert errors == []


def test_deleting_asks_first(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(expenses()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        Caller(address, "ana", "employee").send("POST", "/expenses", EXPENSE)
        sign_in(page, "ana", "employee")
        page.get_by_role("button", name="Delete Taxi").click()
        page.keyboard.press("Escape")
        assert page.locator("tbody tr").count() == 1
        page.get_by_role("button", name="Delete Taxi").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.get_by_text("No expenses yet").wait_for()
        assert page.inner_text("#said") == "Taxi is deleted."
        hotel = Caller(address, "ana", "employee").send("POST", "/expenses", {**EXPENSE, "title": "Hotel"})
        page.goto(f"{address}/?again#/expenses/{hotel['id']}")
        page.get_by_role("button", name="Delete Hotel").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.get_by_text("Hotel is deleted.").wait_for()
        page.get_by_text("No expenses yet").wait_for()
        assert errors == []


def test_the_kill_switch_closes_the_page_for_everybody(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(expenses(), TRIAL).values())
    with (
        service(files, tmp_path, service_python, FEATURE_FORCE="off") as address,
        opened(browser, address) as (page, events, errors),
    ):
        assert "Switched off" in page.inner_text("main")
        assert page.locator("#create, #sign-in").count() == 0
        assert events == []
        assert errors == []


def test_who_is_not_in_the_first_stage_is_told_so_and_counted(
    browser: Browser, tmp_path: Path, service_python: Path
) -> None:
    files = dict(files_of(page_of(expenses(), TRIAL).values()))
    path = next(path for path in files if path.startswith("flags/"))
    flags = json.loads(files[path])
    flags["flags"]["expense-approvals"]["targeting"]["fractional"] = [["on", 0], ["off", 100]]
    files[path] = json.dumps(flags).encode()
    with (
        service(files, tmp_path, service_python, FEATURE_FORCE="") as address,
        opened(browser, address) as (page, events, errors),
    ):
        page.get_by_label("User name").fill("ana")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("This feature has not been switched on for you").wait_for()
        assert [event["properties"] for event in events] == [{"role": "employee", "variant": "control"}]
        assert errors == []


def test_a_session_that_ended_asks_again_and_leads_back(browser: Browser, tmp_path: Path, service_python: Path) -> None:
    files = files_of(page_of(bugs()).values())
    with service(files, tmp_path, service_python) as address, opened(browser, address) as (page, _, errors):
        sign_in(page, "tia", "tester")
        page.evaluate(
            "sessionStorage.setItem('session', JSON.stringify({...JSON.parse(sessionStorage.session), token: 'x.e30.y'}))"
        )
        page.goto(f"{address}/?again#/bug-reports/new")
        page.locator("#sign-in").wait_for()
        assert "Your session has ended" in page.inner_text("#said")
        page.get_by_label("User name").fill("tia")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="New bug report").wait_for()
        assert errors == []
