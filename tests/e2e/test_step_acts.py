"""In a real browser: a step runs again by hand, and its report is put into own words."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import describe_feature

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TEXT = "Members reserve a book with a date. Librarians approve or reject a reservation."


def change(page: Page, act: str) -> None:
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("menuitem", name=act, exact=True).click()


def test_a_step_runs_again_and_its_report_is_edited(page: Page) -> None:
    describe_feature(page, "Library reservations", TEXT)
    page.get_by_role("button", name="Start run").click()
    page.get_by_text("Gate 1:").wait_for(timeout=60_000)
    change(page, "Run again")
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_text("Runs again: Business analysis.")).to_be_visible()
    dialog.get_by_role("button", name="Run again", exact=True).click()
    expect(page.get_by_text("Business analysis, revision 2").filter(visible=True)).to_be_visible()
    expect(page.get_by_text("Technical architecture, revision 1").filter(visible=True)).to_be_visible()
    change(page, "Edit report")
    report = page.get_by_role("textbox", name="Report, in Markdown")
    report.fill("Our own words.")
    page.get_by_role("button", name="Save report").click()
    expect(page.get_by_text("Business analysis, revision 3").filter(visible=True)).to_be_visible()
    expect(page.get_by_text("Our own words.")).to_be_visible()
    assert page.locator('[data-testid="stException"]').count() == 0
