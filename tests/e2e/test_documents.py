"""A PDF and a mock-up, from the form to the people who decide."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import describe_feature, pick, settle
from tests.uploads import a_pdf, a_picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
TEXT = "Members reserve a book with a date. Librarians approve or reject a reservation."


def add(page: Page, name: str, kind: str, data: bytes) -> None:
    pick(page, "Kind", kind)
    settle(page)
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "", "buffer": data})
    page.get_by_test_id("stFileUploader").get_by_text(name, exact=True).wait_for()
    settle(page)
    page.get_by_role("button", name="Add document").click()


def picture(page: Page) -> Locator:
    return page.get_by_test_id("stMain").locator('[data-testid="stImage"] img')


def is_drawn(image: Locator) -> bool:
    image.wait_for()
    return bool(image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"))


def test_a_pdf_and_a_mock_up_stay_in_the_form_and_are_shown_with_the_run(page: Page) -> None:
    describe_feature(page, "Library reservations", TEXT)
    add(page, "rules.pdf", "business", a_pdf("A reservation must have a date.", "Dates lie in the future."))
    page.get_by_text("rules.pdf (business, PDF").wait_for()
    add(page, "scan.pdf", "business", a_pdf(""))
    expect(page.get_by_text("scan.pdf has no text, only pictures of pages")).to_be_visible()
    add(page, "mock-up.png", "interface", a_picture(size=(900, 600), color=(10, 120, 110)))
    page.get_by_text("mock-up.png (interface, picture").wait_for()
    page.reload()
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_value("Library reservations")
    page.get_by_text("rules.pdf (business, PDF").wait_for()
    assert is_drawn(picture(page))
    page.get_by_role("button", name="Start run").click()
    page.wait_for_url("**/run?run=*")
    page.get_by_text("Context documents", exact=True).click()
    page.get_by_text("Gate 1:").wait_for(timeout=60_000)  # the run goes on, and what was opened stays open
    expect(page.get_by_test_id("stCode").get_by_text("A reservation must have a date.")).to_be_visible()
    choice = page.get_by_role("combobox", name="2 documents")
    choice.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list that opens while the page scrolls is closed again
    choice.click()
    page.get_by_role("option", name="mock-up.png").click()
    page.get_by_text("The blueprint engine reads no pictures.").wait_for()
    assert is_drawn(picture(page))
    with page.expect_download() as download:
        page.get_by_role("button", name="The picture as it was uploaded").click()
    assert download.value.suggested_filename == "mock-up.png"
    assert page.locator('[data-testid="stException"]').count() == 0
