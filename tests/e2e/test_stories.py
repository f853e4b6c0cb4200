"""Stories in a real browser, from an empty home."""

import re

import pytest
from playwright.sync_api import Page, expect

from app import PAGES
from tests.e2e.steps import choose, create_owner, describe_feature, sign_in, type_into

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TEXT = (
    "Members reserve a book with a date and a number of days. Librarians approve or reject a reservation. "
    "A rejected reservation must not be changed."
)


@pytest.mark.whole_run
def test_from_an_empty_home_to_a_finished_run(page_of_newcomer: Page) -> None:
    page = page_of_newcomer
    create_owner(page)
    sign_in(page)
    describe_feature(page, "Library reservations", TEXT)
    page.get_by_role("button", name="Start run").click()
    page.wait_for_url("**/run?run=*")
    for gate in range(1, 5):
        page.get_by_text(f"Gate {gate}:").wait_for(timeout=60_000)
        page.get_by_role("button", name="Approve phase").click()
    expect(page.get_by_role("button", name="Cancel run")).to_have_count(0)
    expect(page.get_by_text("Ada approved").first).to_be_visible()
    page.goto("/criteria")
    expect(page.get_by_text(re.compile(r"\d+\.\d\d % of lines and branches, 80 % asked for"))).to_be_visible()
    page.goto("/metrics")
    page.get_by_role("heading", name="Duration by step").wait_for()
    page.goto("/agents")
    page.get_by_text("business-analyst").first.wait_for()
    assert page.locator('[data-testid="stException"]').count() == 0


def test_a_cold_request_to_any_page_shows_the_sign_in_and_nothing_else(page: Page) -> None:
    for _section, _file, title, _icon, address in PAGES:
        page.context.clear_cookies()
        page.goto(f"/{address}?run=00000000-0000-0000-0000-000000000000")
        page.get_by_role("button", name="Sign in").wait_for()
        assert page.get_by_role("heading", name=title, exact=True).count() == 0
        assert page.locator('[data-testid="stSidebarNav"]').count() == 0


def test_a_deep_link_survives_the_sign_in_and_signing_out_ends_it(page_of_newcomer: Page) -> None:
    page = page_of_newcomer
    create_owner(page)
    page.goto("/team?x=1")
    sign_in(page)
    page.get_by_role("heading", name="Team", exact=True).wait_for()
    assert "/team" in page.url
    copied = next(c["value"] for c in page.context.cookies() if c["name"] == "greenlight")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    page.context.add_cookies(
        [{"name": "greenlight", "value": copied, "url": page.url}]
    )  # a copied cookie is worth nothing after signing out
    page.goto("/team")
    page.get_by_role("button", name="Sign in").wait_for()


def test_what_is_typed_at_once_after_loading_stays(page: Page) -> None:
    for title in ("One", "Two", "Three", "Four"):
        page.goto("/configure")
        page.get_by_role("heading", name="Configure feature").wait_for()
        type_into(page, "Title", title)
        page.wait_for_timeout(1500)  # the cookie component runs the page once more meanwhile
        expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_value(title)


HARD = "🚀 <b>bold</b> <script>alert(1)</script> ![x](http://127.0.0.1:9/x.png) `code` **x** שלום {{7*7}} $a$ :red[x]"


WRONG = (
    ("Description", "", "Describe the feature"),
    ("Description", "Users write\x07 notes.", "holds control characters (U+0007)"),
    ("Minimum test coverage (percent)", "0", "Enter a whole number from 1 to 100."),
    ("Minimum test coverage (percent)", "101", "Enter a whole number from 1 to 100."),
    ("Performance budget", "fast", "Say a number with a unit"),
    ("Rollout percentage of the first stage", "-1", "Enter a whole number from 1 to 100."),
)


def test_what_cannot_be_used_is_named_at_its_field_in_plain_words(page: Page) -> None:
    describe_feature(page, "Notes", TEXT)
    page.get_by_role("button", name="Save draft").click()
    for name, typed, said in WRONG:
        box = page.get_by_role("textbox", name=name, exact=True)
        before = box.input_value()
        type_into(page, name, typed)
        page.get_by_role("button", name="Start run").click()
        page.get_by_text(said).wait_for()
        expect(box).to_have_value(typed)
        type_into(page, name, before)
        page.get_by_text(said).wait_for(state="detached")
    page.locator('input[type="file"]').set_input_files(
        {"name": "plan.md", "mimeType": "", "buffer": b"\x89PNG\r\n\x1a\n"}
    )
    page.get_by_role("button", name="Add document").click()
    page.get_by_text("plan.md.png is broken and cannot be read as a PNG picture").wait_for()
    assert page.locator('[data-testid="stException"]').count() == 0


def test_hard_input_is_kept_as_typed_and_named_at_its_field(page: Page) -> None:
    describe_feature(page, HARD, HARD + "\n" + "Users create a note with a text. " * 2900)
    for name, wrong in (
        ("Minimum test coverage (percent)", "101"),
        ("Performance budget", "fast"),
        ("Rollout percentage of the first stage", "-1"),
    ):
        type_into(page, name, wrong)
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Start run").click()
    expect(page.get_by_text("Enter a whole number from 1 to 100.")).to_have_count(2)
    page.get_by_text("Say a number with a unit").wait_for()
    page.reload()
    page.get_by_role("heading", name="Configure feature").wait_for()
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_value(HARD)
    expect(page.get_by_role("textbox", name="Minimum test coverage (percent)")).to_have_value("101")
    assert page.get_by_role("textbox", name="Description", exact=True).input_value().startswith(HARD)
    type_into(page, "Minimum test coverage (percent)", "70")
    type_into(page, "Performance budget", "p95 < 200 ms")
    type_into(page, "Rollout percentage of the first stage", "10")
    choose(page, "medium")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Start run").click()
    page.get_by_text("Gate 1:").wait_for(timeout=60_000)
    expect(page.get_by_role("heading", name=HARD, exact=True)).to_be_visible()
    assert page.locator('[data-testid="stException"]').count() == 0
