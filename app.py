"""One file, two roles: the launcher when `streamlit run` imports it, the router when Streamlit runs it as a script.

To add a screen: one file in `pages/` and one line in PAGES.
"""

from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

    from services.actors import Actor
    from services.deps import Deps

# section, file, title, icon, address
PAGES = (
    ("", "home", "Home", "home", ""),
    ("", "inbox", "Inbox", "inbox", "inbox"),
    ("", "configure", "Configure feature", "edit_note", "configure"),
    ("", "run", "Run", "play_circle", "run"),
    ("Results", "criteria", "Success criteria", "checklist", "criteria"),
    ("Results", "metrics", "Metrics", "monitoring", "metrics"),
    ("Organisation", "agents", "Agents", "smart_toy", "agents"),
    ("Organisation", "team", "Team", "group", "team"),
    ("Organisation", "account", "Account", "person", "account"),
)


def navigation_pages(unread: int = 0) -> dict[str, list[Any]]:
    """Section -> its pages. `unread`: what stands behind the title of the inbox."""
    pages: dict[str, list[Any]] = {}
    for section, file, title, icon, address in PAGES:
        shown = f"{title} ({unread})" if file == "inbox" and unread else title
        page = st.Page(
            f"pages/{file}.py", title=shown, icon=f":material/{icon}:", url_path=address, default=not address
        )
        pages.setdefault(section, []).append(page)
    return pages


def navigate(deps: "Deps", actor: "Actor | None") -> "Page":
    """The page of the address; beside it the way to all others, for whoever is signed in."""
    from services.notifications import inbox

    pages = navigation_pages(inbox.pulse(deps, actor).unread if actor else 0)
    return st.navigation(pages, position="hidden" if actor is None else "sidebar")


def main() -> None:
    from pages.components import session, welcome
    from services.people import setup

    st.set_page_config(page_title="Greenlight", page_icon="static/favicon.png", layout="wide")
    deps = session.get_deps()
    if setup.is_empty(deps):
        st.navigation(navigation_pages(), position="hidden")
        with welcome.narrow():
            welcome.first_visit(deps)
        return
    secret = {name: st.query_params.get(name) for name in ("invite", "reset")}
    actor = session.current_actor(deps)
    # Pages come before anything that can ask for a rerun: one that overtakes them would end on Home, and every page is
    # registered before the sign-in, so that a deep link survives it.
    navigation = navigate(deps, actor)
    with st.container():  # a place of its own: what is drawn below it never moves under somebody's hands
        authenticator = session.authenticator(deps)
        if actor is None:
            actor = session.actor_by_cookie(deps, authenticator)
            if actor is None and not any(secret.values()):
                with welcome.narrow():
                    welcome.sign_in_form(authenticator)
                actor = session.current_actor(deps)
            if actor is not None:
                navigation = navigate(deps, actor)
    if actor is not None:
        from pages.components import frame

        frame.draw_sidebar(deps, actor, authenticator)
        navigation.run()
    elif secret["invite"]:
        with welcome.narrow():
            welcome.invitation(deps, secret["invite"])
    elif secret["reset"]:
        with welcome.narrow():
            welcome.new_password(deps, secret["reset"])


if __name__ == "__main__":
    main()
else:
    from pages.components import server

    app = st.App(__file__, lifespan=server.lifespan, middleware=server.middleware(), routes=server.routes())
