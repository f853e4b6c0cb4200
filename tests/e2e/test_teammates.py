"""Owner, member and viewer look at one run, each in a browser of their own."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opener
from tests.e2e.steps import create_owner, describe_feature, invite, join, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TEXT = "Members reserve a book with a date. Librarians approve or reject a reservation."


def test_a_teammate_decides_and_everybody_sees_it(open_on_empty_home: Opener) -> None:
    ada, ben, vera = (open_on_empty_home() for _ in range(3))
    create_owner(ada)
    sign_in(ada)
    join(ben, invite(ada, "member"), "Ben")
    join(vera, invite(ada, "viewer"), "Vera")
    describe_feature(ada, "Reservations", TEXT)
    ada.get_by_role("button", name="Start run").click()
    at_gate(ada)
    address = ada.url
    expect(ada.get_by_text("your own approval does not count")).to_be_visible()
    expect(ada.get_by_role("button", name="Approve phase")).to_have_count(0)
    for page in (ben, vera):
        page.goto(address)
        at_gate(page)
    expect(vera.get_by_text("Your role may look, not decide.")).to_be_visible()
    expect(vera.get_by_text("Ask for changes instead")).to_have_count(0)
    ask_for_changes(ben, "Say who may cancel a reservation.")
    for page in (ada, ben, vera):
        page.get_by_text("Ben asked for changes, ").wait_for()
        page.get_by_text("revision 2").filter(visible=True).first.wait_for(timeout=60_000)
    # Whoever asked for the last change does not count either; of two people the other one does.
    expect(ben.get_by_text("You asked for the last change")).to_be_visible()
    ada.get_by_role("button", name="Approve phase").click()
    for page in (ada, ben, vera):
        page.get_by_text("Gate 2:").wait_for(timeout=60_000)
        assert page.locator('[data-testid="stException"]').count() == 0


def at_gate(page: Page) -> None:
    page.get_by_text("Gate 1:").wait_for(timeout=60_000)


def ask_for_changes(page: Page, remark: str) -> None:
    page.get_by_text("Ask for changes instead").click()
    box = page.get_by_role("textbox", name="Remark on business analysis")
    box.fill(remark)
    box.press("Tab")
    page.get_by_role("button", name="Request changes").click()
