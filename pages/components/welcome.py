"""What somebody sees before they are signed in: first visit, invitation, new password, sign-in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
import streamlit_authenticator as stauth

from services.deps import Deps
from services.errors import UserError
from services.people import accounts, setup


@contextmanager
def narrow() -> Iterator[None]:
    """One column in the middle, with the logo over it."""
    with st.container(horizontal_alignment="center"), st.container(width=440):
        st.image("static/logo.svg", width=72)
        yield


def first_visit(deps: Deps) -> None:
    st.title("Welcome to Greenlight", anchor=False)
    st.markdown("This installation is empty. Create your account and your team; you will own both.")
    with st.form("setup", border=True):
        team = st.text_input("Team name", key="setup_team", placeholder="Payments")
        name = st.text_input("Your name", key="setup_name")
        username = st.text_input("User name", key="setup_username", help="2 to 64 letters, digits or . _ - @")
        password = st.text_input("Password", type="password", key="setup_password", help="At least 12 characters")
        code = st.text_input("One-time code from the console", key="setup_code") if setup.needs_code(deps) else ""
        if st.form_submit_button("Create account and team", type="primary"):
            try:
                setup.create_owner(deps, username=username, name=name, password=password, team_name=team, code=code)
            except UserError as error:
                st.error(str(error))
            else:
                st.session_state["setup_done"] = True
                st.rerun()


def invitation(deps: Deps, secret: str) -> None:
    st.title("Join your team", anchor=False)
    st.markdown("Create your account. If you have one already, enter its user name and password to join with it.")
    with st.form("invite", border=True):
        name = st.text_input("Your name", key="invite_name")
        username = st.text_input("User name", key="invite_username", help="2 to 64 letters, digits or . _ - @")
        password = st.text_input("Password", type="password", key="invite_password", help="At least 12 characters")
        if st.form_submit_button("Join", type="primary"):
            _finish(
                lambda: accounts.accept_invitation(deps, secret=secret, username=username, name=name, password=password)
            )


def new_password(deps: Deps, secret: str) -> None:
    st.title("Set your password", anchor=False)
    with st.form("reset", border=True):
        password = st.text_input("New password", type="password", key="reset_password", help="At least 12 characters")
        if st.form_submit_button("Set password", type="primary"):
            _finish(lambda: accounts.set_password_by_link(deps, secret=secret, password=password))


def sign_in_form(authenticator: stauth.Authenticate) -> None:
    if st.session_state.get("setup_done"):  # stays: the cookie component reruns this page at once
        st.success("Your account is ready. Sign in to begin.")
    authenticator.login(fields={"Form name": "Sign in", "Login": "Sign in", "Username": "User name"})
    if st.session_state.get("authentication_status") is False:
        st.error("User name or password is wrong, or the account is locked for 15 minutes after five failures.")


def _finish(act: Callable[[], object]) -> None:
    try:
        act()
    except UserError as error:
        st.error(str(error))
    else:
        st.query_params.clear()
        st.session_state["setup_done"] = True
        st.rerun()
