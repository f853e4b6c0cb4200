"""What stands around every page: who I am, in which team, and the way out."""

import streamlit as st
import streamlit_authenticator as stauth

from pages.components import session
from services.actors import Actor
from services.deps import Deps
from services.people import sign_in, teams


def draw_sidebar(deps: Deps, actor: Actor, authenticator: stauth.Authenticate) -> None:
    st.logo("static/logo.svg", size="medium")
    with st.sidebar:
        mine = teams.my_teams(deps, actor)
        if len(mine) > 1:
            names = {team.id: team.name for team in mine}
            chosen = st.selectbox(
                "Team",
                list(names),
                format_func=lambda id_: names[id_],
                index=list(names).index(actor.team_id),
                key="frame_team",
            )
            if chosen != actor.team_id:
                sign_in.switch_team(deps, actor, sid=st.session_state[session.SID], team_id=chosen)
                st.query_params.clear()
                st.rerun()
        else:
            st.text(mine[0].name if mine else "")
        st.text(f"{actor.name} ({actor.role.value if actor.role else ''})")
        st.button("Sign out", key="frame_sign_out", on_click=session.sign_out, args=(authenticator,))


def plain(text: object) -> str:
    """People's text inside Markdown: shown as typed, never as markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#!|~$:" else c for c in " ".join(str(text).split()))
