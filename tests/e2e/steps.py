"""What people do in the browser, in their words."""

from playwright.sync_api import Locator, Page

PASSWORD = "correct horse battery"


def type_into(page: Page, name: str, text: str) -> None:
    box = page.get_by_role("textbox", name=name, exact=True)
    box.fill(text)
    box.press("Tab")


def create_owner(page: Page) -> None:
    page.goto("/")
    page.get_by_role("heading", name="Welcome to Greenlight").wait_for()
    type_into(page, "Team name", "Payments")
    type_into(page, "Your name", "Ada")
    type_into(page, "User name", "ada")
    type_into(page, "Password", PASSWORD)
    page.get_by_role("button", name="Create account and team").click()
    page.get_by_text("Your account is ready").wait_for()


def settle(page: Page) -> None:
    """Until the script has run, and has run once more for the cookie component, which asks for it as soon as it is loaded.

    That second run would interrupt what a button begins before it.
    """
    page.locator("iframe").first.wait_for(state="attached")
    for frame in page.frames[1:]:
        frame.wait_for_load_state()
    page.wait_for_timeout(500)
    page.locator(
        '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
    ).wait_for()


def sign_in(page: Page, username: str = "ada") -> None:
    page.get_by_role("button", name="Sign in").wait_for()
    settle(page)
    type_into(page, "User name", username)
    page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    # The cookie is written by a component a moment later; whoever goes elsewhere before that has to sign in again.
    page.wait_for_function("() => document.cookie.includes('greenlight=')")


def describe_feature(page: Page, title: str, description: str) -> None:
    """Fills the form; the draft has its address after the first field."""
    page.goto("/configure")
    page.get_by_role("heading", name="Configure feature").wait_for()
    type_into(page, "Title", title)
    page.wait_for_url("**/configure?feature=*")
    type_into(page, "Description", description)
    choose(page, "traditional")
    choose(page, "simple")


def choose(page: Page, option: str) -> None:
    page.get_by_role("radio", name=option, exact=True).click()


def pick(page: Page, name: str, option: str) -> None:
    """Chooses from a list, once nothing moves any more: a list that opens while the page scrolls is closed again."""
    choice = page.get_by_role("combobox", name=name)
    choice.scroll_into_view_if_needed()
    settle(page)
    choice.click()
    page.get_by_role("option", name=option, exact=True).click()


def invite(page: Page, role: str) -> str:
    """An owner makes a link for one new person; its address."""
    page.goto("/team")
    page.get_by_role("heading", name="Team", exact=True).wait_for()
    page.get_by_role("combobox", name="Role").first.click()
    page.get_by_role("option", name=role, exact=True).click()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_text("It works once").wait_for()
    return page.locator("code", has_text="invite=").inner_text().strip()


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_role("heading", name="Join your team").wait_for()
    settle(page)
    type_into(page, "Your name", name)
    type_into(page, "User name", name.lower())
    type_into(page, "Password", PASSWORD)
    page.get_by_role("button", name="Join").click()
    sign_in(page, name.lower())


def show_tab(page: Page, name: str) -> None:
    """Report, records, files or revisions of the step that is shown."""
    page.get_by_role("radio", name=name).wait_for()
    settle(page)
    page.get_by_role("radio", name=name).click()


def open_form(page: Page, label: str) -> Locator:
    """Comment or reply: the first form of that name, opened."""
    form = page.locator(f'[class*="st-key-run_{label.lower()}_"]').first
    form.locator("summary").click()
    form.get_by_role("textbox", name="Your words").wait_for()
    return form


def send(form: Locator, words: str) -> None:
    form.get_by_role("textbox", name="Your words").fill(words)
    form.get_by_role("button", name="Send").click()
