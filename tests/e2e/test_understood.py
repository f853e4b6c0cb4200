"""What is understood beside the form: corrected by buttons, kept over a reload, and never lost to an early press."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import choose, describe_feature, pick, settle, type_into

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TEXT = (
    "Employees submit expenses with an amount, a category and a receipt link. Managers approve or reject an expense. "
    "An approved expense must not be changed. Amounts above 500 EUR need a comment."
)
# Presses a button in the moment in which it appears, before the fields beside it show what they hold.
PRESS_AT_ONCE = """(() => {
  const press = () => {
    const found = [...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Start run');
    if (found && !found.disabled && !window.pressed) { window.pressed = true; found.click(); }
  };
  new MutationObserver(press).observe(document, {childList: true, subtree: true});
})()"""


def test_what_is_understood_is_corrected_beside_the_form(page: Page) -> None:
    describe_feature(page, "Expense approvals", TEXT)
    page.get_by_text("proven by a test").wait_for()
    settle(page)
    page.get_by_text(re.compile("^Acceptance criteria: ")).click()
    page.get_by_text("a test: comment is required when amount is above 500.00").wait_for()
    page.get_by_role("button", name="A person decides this").nth(1).click()
    page.get_by_text("A person decides AC-S2.").wait_for()
    expect(page.get_by_text("a test: comment is required when amount is above 500.00")).to_have_count(0)
    expect(page.get_by_text("a test: nothing of an expense changes")).to_be_visible()  # what was unfolded stays so
    page.get_by_text(re.compile("^Expense: ")).click()
    pick(page, "Correct it", "Rename it")
    type_into(page, "New name", "claim")
    page.get_by_text("rename thing expense to claim").first.wait_for()
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_text("Expense is called claim now.").wait_for()
    corrections = page.get_by_role("textbox", name="Corrections, one a line")
    expect(corrections).to_have_value("a person decides AC-S2\nrename thing expense to claim")
    page.mouse.move(400, 500)
    page.mouse.wheel(0, 600)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 300")
    place = page.locator(".st-key-configure_right").bounding_box()
    assert place is not None
    assert 0 <= place["y"] < 120, place  # it stays in view beside the form
    settle(page)
    page.reload()
    expect(corrections).to_have_value("a person decides AC-S2\nrename thing expense to claim")
    expect(page.get_by_text(re.compile("^Claim: "))).to_be_visible()
    assert page.locator('[data-testid="stException"]').count() == 0


def test_a_press_before_the_reloaded_form_is_filled_loses_nothing(page: Page) -> None:
    page.goto("/configure")
    type_into(page, "Title", "Kept")
    page.wait_for_url("**/configure?feature=*")
    type_into(page, "Description", TEXT)
    choose(page, "tdd")  # without a complexity nothing starts, and the form stays
    settle(page)
    page.wait_for_timeout(500)
    page.add_init_script(PRESS_AT_ONCE)
    for _ in range(5):
        page.reload()
        page.wait_for_function("() => window.pressed")
        settle(page)
        page.wait_for_timeout(300)
        expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_value("Kept")
        expect(page.get_by_role("textbox", name="Description", exact=True)).to_have_value(TEXT)
        expect(page.get_by_role("radio", name="tdd", exact=True)).to_be_checked()
