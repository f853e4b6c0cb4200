"""The bridge between the browser and the services: who is here, and may they see this page?

Every page begins with `deps, actor = signed_in()`. A cold server runs a file of `pages/` without `app.py`, so the page
itself hands over to the router before anything is drawn.
"""

from datetime import datetime, timedelta
from typing import Any

import jwt
import streamlit as st
import streamlit_authenticator as stauth
from streamlit.runtime.pages_manager import PagesManager
from streamlit_authenticator.models import CookieModel
from streamlit_authenticator.models.authentication_model import AuthenticationModel

from pages.components.server import web_settings
from services import bootstrap
from services.actors import Actor
from services.deps import Deps
from services.errors import NotAllowed
from services.people import sign_in
from services.people.permissions import Action, require

COOKIE = "greenlight"
SID = "people_sid"


@st.cache_resource
def get_deps() -> Deps:
    return bootstrap.web_deps(web_settings())


def signed_in(action: Action = Action.VIEW) -> tuple[Deps, Actor]:
    """Deps and the actor of this browser; stops the page when nobody is signed in or the role does not permit it."""
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
    deps = get_deps()
    actor = current_actor(deps)
    if actor is None:
        st.stop()
    try:
        require(actor, action)
    except NotAllowed as error:
        st.warning(str(error))
        st.stop()
    return deps, actor


def current_actor(deps: Deps) -> Actor | None:
    return sign_in.actor_in_browser(deps, st.session_state.get(SID))


def actor_by_cookie(deps: Deps, authenticator: stauth.Authenticate) -> Actor | None:
    """Who this browser was before its page was loaded again; nothing is drawn.

    Whoever was disabled, or signed out elsewhere, is still signed in for the library: that ends here.
    """
    if st.session_state.get("authentication_status"):
        authenticator.logout(location="unrendered")
    authenticator.login(location="unrendered")
    return current_actor(deps)


class _Credentials(AuthenticationModel):  # type: ignore[misc]
    """Passwords are checked by our service: lockout in the database, equal time for unknown names."""

    def check_credentials(self, username: str, password: str) -> bool:
        return sign_in.check_sign_in(get_deps(), username=username, password=password)


class _Cookie(CookieModel):  # type: ignore[misc]
    """The cookie carries a random id whose hash is in the database, so that signing out really ends it."""

    def _token_encode(self) -> str:
        username = st.session_state["username"]
        sid = st.session_state[SID] = sign_in.open_browser(get_deps(), username=username)
        content = {"username": username, "sid": sid, "exp_date": self.exp_date, "exp": int(self.exp_date)}
        return jwt.encode(content, self.cookie_key, algorithm="HS256")

    def get_cookie(self) -> dict[str, Any] | None:
        raw = None if st.session_state.get("logout") else st.context.cookies.get(self.cookie_name)
        try:
            token: dict[str, Any] = jwt.decode(raw, self.cookie_key, algorithms=["HS256"]) if raw else {}
        except jwt.PyJWTError:
            return None
        username = sign_in.username_in_browser(get_deps(), token.get("sid"))
        if not username or username != token.get("username"):
            return None
        st.session_state[SID] = token["sid"]
        return token

    def set_cookie(self) -> None:
        self.exp_date = self._set_exp_date()
        self.cookie_manager.set(
            self.cookie_name,
            self._token_encode(),
            same_site="strict",
            secure=(st.context.url or "").startswith("https"),
            expires_at=datetime.now() + timedelta(days=self.cookie_expiry_days),  # noqa: DTZ005  (the library wants local time)
        )


def authenticator(deps: Deps) -> stauth.Authenticate:
    """streamlit-authenticator over our users: it draws the form and the cookie, the services decide."""
    names = {name: {"name": name, "email": "", "password": "-"} for name in sign_in.list_usernames(deps)}
    key = deps.settings.secret("cookie_key").decode()
    made = stauth.Authenticate(
        {"usernames": names},
        COOKIE,
        key,
        sign_in.SIGNED_IN_FOR / timedelta(days=1),
        auto_hash=False,
        login_sleep_time=0,
    )
    made.authentication_controller.authentication_model.__class__ = _Credentials
    made.cookie_controller.cookie_model.__class__ = _Cookie
    return made


def sign_out(authenticator: stauth.Authenticate) -> None:
    """For a button's on_click: it happens before anything is drawn, so that no rerun can swallow it."""
    sign_in.close_browser(get_deps(), st.session_state.pop(SID, None))
    authenticator.logout(location="unrendered")
