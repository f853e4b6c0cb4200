"""Owner, member and viewer look at one run, each in a browser of their own."""

import pytest
from playwright.sync_api import Page, expect

from services.runs.start import start_run
from tests.builders import a_feature, a_team
from tests.e2e.conftest import Screens, Site
from tests.e2e.steps import invite, join
from tests.e2e.viewers import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_a_teammate_decides_and_everybody_sees_it(site: Site, screens: Screens) -> None:
    owner = a_team(site.deps)
    address = f"/run?run={start_run(site.deps, owner, feature_id=a_feature(site.deps, owner).id)}"
    ada, ben, vera = (screens.open(site.address, cookie) for cookie in (cookie_of(site.deps, owner), "", ""))
    join(ben, invite(ada, "member"), "Ben")
    join(vera, invite(ada, "viewer"), "Vera")
    ada.goto(address)
    at_gate(ada)
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
