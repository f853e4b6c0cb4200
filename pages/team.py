"""Who is in the team, in which role, what it asks for and may spend; owners invite, change and disable, and set all that."""

from collections.abc import Callable

import streamlit as st

from pages.components import money, policies
from pages.components.session import signed_in
from pages.components.webhooks import draw_webhooks
from services.actors import Discipline, Role
from services.errors import UserError
from services.people import accounts, teams
from services.people.permissions import Action, may

deps, actor = signed_in()
manages = may(actor, Action.MANAGE_TEAM)
members = teams.list_members(deps, actor)

st.title("Team", anchor=False)
st.text(teams.current_team(deps, actor).name)
st.dataframe(
    [
        {
            "Name": m.name,
            "User name": m.username,
            "Role": m.role.value,
            "Disciplines": ", ".join(m.disciplines),
            "Active": m.is_active,
        }
        for m in members
    ],
    hide_index=True,
    alt="Members of the team",
)


def show_link(kind: str, make: Callable[[], str]) -> None:
    """The link is shown once; it cannot be read back."""
    try:
        secret = make()
    except UserError as error:
        st.error(str(error))
        return
    base = (st.context.url or "").split("/team")[0]
    st.session_state["team_link"] = f"{base}/?{kind}={secret}"


def draw_invitation() -> None:
    with st.form("team_invite"):
        st.markdown("##### Invite somebody")
        role = st.selectbox("Role", list(Role), index=1, format_func=lambda r: r.value, key="team_invite_role")
        disciplines = st.multiselect("Disciplines", [d.value for d in Discipline], key="team_invite_disciplines")
        if st.form_submit_button("Make a link", type="primary"):
            show_link(
                "invite",
                lambda: accounts.invite(deps, actor, role=role or Role.VIEWER, disciplines=tuple(disciplines)),
            )


def draw_member() -> None:
    st.markdown("##### Change a member")
    by_id = {m.user_id: m for m in members}
    chosen = by_id[st.selectbox("Member", list(by_id), format_func=lambda id_: by_id[id_].name, key="team_member")]
    with st.form(f"team_change_{chosen.user_id}"):
        role = st.selectbox("Role", list(Role), index=list(Role).index(chosen.role), format_func=lambda r: r.value)
        disciplines = st.multiselect("Disciplines", [d.value for d in Discipline], default=list(chosen.disciplines))
        active = st.checkbox("May sign in to this team", value=chosen.is_active)
        if st.form_submit_button("Save"):
            try:
                given = tuple(Discipline(d) for d in disciplines)
                teams.change_member(
                    deps, actor, user_id=chosen.user_id, role=role or chosen.role, disciplines=given, is_active=active
                )
                st.rerun()
            except UserError as error:
                st.error(str(error))
    if st.button("One-time link for a forgotten password", key="team_reset"):
        show_link("reset", lambda: teams.new_password_link(deps, actor, user_id=chosen.user_id))


def draw_new_team() -> None:
    with st.form("team_new", clear_on_submit=True):
        st.markdown("##### Another team")
        name = st.text_input("Name of the new team", key="team_new_name")
        if st.form_submit_button("Create team"):
            try:
                teams.create_team(deps, actor, name=name)
                st.rerun()
            except UserError as error:
                st.error(str(error))


if manages:
    left, right = st.columns(2, gap="medium")
    with left:
        draw_invitation()
    with right:
        draw_member()
    if "team_link" in st.session_state:
        st.markdown("Send this link. It works once, and is not shown again.")
        st.code(st.session_state.pop("team_link"), language=None)
    draw_webhooks(deps, actor)
money.draw_team_limits(deps, actor, manages=manages)
policies.draw_policies(deps, actor, manages=manages)
policies.draw_ledger(deps, actor)
draw_new_team()
