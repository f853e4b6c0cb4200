"""Opens a page as somebody, and reads what stands on the screen."""

from collections.abc import Iterator

from streamlit.testing.v1 import AppTest

from app import PAGES
from pages.components.session import SID
from services.deps import Deps
from services.people.sign_in import open_browser
from services.settings import ROOT

FILES = [file for _section, file, *_rest in PAGES]
TITLES = {file: title for _section, file, title, *_rest in PAGES}
# What Streamlit reads as Markdown; anything else shows its text as it is.
MARKDOWN = ("markdown", "title", "header", "subheader", "caption", "warning", "error", "info", "success")
# Parts of homes.MARKUP that would be drawn as something else, if they were not made harmless.
FRAGMENTS = ("<b>", "**strong**", ":red[red", "![pixel]", "[link](", "$x$", "`code`")
LABELLED = ("button", "expander", "toggle", "checkbox", "selectbox", "text_area", "text_input", "multiselect", "metric")


def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)


def alone(file: str) -> AppTest:
    """The file of a page, run without app.py."""
    return AppTest.from_file(str(ROOT / "pages" / f"{file}.py"), default_timeout=20)


def browser(deps: Deps, username: str) -> AppTest:
    """A browser in which somebody has signed in."""
    at = app()
    at.session_state[SID] = open_browser(deps, username=username)
    at.session_state["username"], at.session_state["authentication_status"] = username, True
    return at


def open_page(deps: Deps, username: str, file: str, **query: str) -> AppTest:
    at = browser(deps, username).run()
    assert not at.exception, at.exception
    if file != "home":
        at.switch_page(f"pages/{file}.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def buttons(at: AppTest) -> set[str]:
    return {button.label for button in at.button}


def press(at: AppTest, label: str) -> AppTest:
    found = [button for button in at.button if button.label == label]
    assert len(found) == 1, (label, buttons(at))
    at = found[0].click().run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    """Every sentence that is shown as a message."""
    return "\n".join(message.value for kind in (at.warning, at.error, at.info, at.success) for message in kind)


def seen(at: AppTest) -> str:
    """Every text on the screen but tables."""
    texts = [*markdown(at), *(text.value for text in at.text), *(code.value for code in at.code)]
    return "\n".join(texts)


def markdown(at: AppTest) -> Iterator[str]:
    """Every text that Streamlit would read as Markdown, labels included."""
    for kind in MARKDOWN:
        yield from (str(element.value) for element in getattr(at, kind))
    for kind in LABELLED:
        yield from (str(getattr(element, "label", "")) for element in getattr(at, kind))


def plain_text(escaped: str) -> str:
    """What a reader sees of text whose markup was made harmless by backslashes."""
    return escaped.replace("\\", "")
