"""What the team asks for at its gates, one row per phase, and whether its ledger is whole."""

import streamlit as st

from pages.components.frame import plain
from services import ledger
from services.actors import Actor, Discipline
from services.deps import Deps
from services.errors import UserError
from services.reviews import team_policies
from services.reviews.team_policies import PolicyView
from services.workflow.criteria import CRITERIA, find_criterion

_DEFAULT, _OWN = "Default", "Own"


def draw_policies(deps: Deps, actor: Actor, *, manages: bool) -> None:
    st.subheader("Gates", anchor=False)
    st.markdown(
        ":small[:gray[What must be there before a gate opens. The default follows the complexity of the request: 1 approval "
        "when simple, up to 2 with architecture, security and operations when epic, and never more than the team has. "
        "Who asked for the run, or for the last change, does not count.]]"
    )
    for view in team_policies.list_policies(deps, actor):
        if manages:
            _draw_form(deps, actor, view)
        else:
            st.markdown(f"**{view.phase} {plain(view.title)}**: {plain(_in_words(view))}")
        for problem in view.problems:
            st.error(plain(problem))
        for warning in view.warnings:
            st.markdown(f":orange[:material/warning:] {plain(warning)}")


def _in_words(view: PolicyView) -> str:
    if view.policy is None:
        return "default by complexity"
    asked = [f"{view.policy.approvals} approval{'s' if view.policy.approvals > 1 else ''}"]
    asked += [d.value for d in view.policy.disciplines]
    asked += [row.title.lower() for id_ in view.policy.criteria if (row := find_criterion(id_))]
    return ", ".join(asked)


def _draw_form(deps: Deps, actor: Actor, view: PolicyView) -> None:
    key, own = f"team_policy_{view.phase}", view.policy
    with st.form(key), st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            f"{view.phase} {plain(view.title)}",
            [_DEFAULT, _OWN],
            index=int(own is not None),
            key=f"{key}_kind",
            width=220,
        )
        approvals = st.number_input("Approvals", 1, 50, own.approvals if own else 1, key=f"{key}_approvals", width=110)
        disciplines = st.multiselect(
            "Disciplines among them",
            list(Discipline),
            default=list(own.disciplines) if own else [],
            format_func=lambda d: d.value,
            key=f"{key}_disciplines",
            width=260,
        )
        early = [c.id for c in CRITERIA if c.phase <= view.phase]
        criteria = st.multiselect(
            "Criteria that must hold",
            early,
            default=[c for c in own.criteria if c in early] if own else [],
            format_func=_title,
            key=f"{key}_criteria",
            disabled=not early,
            placeholder="None" if early else "Measured from phase 3 on",
            width=320,
        )
        if not st.form_submit_button("Save policy", key=f"{key}_save"):
            return
    try:
        if kind == _DEFAULT:
            team_policies.use_default(deps, actor, phase=view.phase)
        else:
            team_policies.set_policy(
                deps,
                actor,
                phase=view.phase,
                approvals=int(approvals),
                disciplines=tuple(disciplines),
                criteria=tuple(criteria),
            )
    except UserError as error:
        st.error(plain(str(error)))
    else:
        st.rerun()


def _title(id_: str) -> str:
    row = find_criterion(id_)
    return row.title if row else id_


def draw_ledger(deps: Deps, actor: Actor) -> None:
    st.subheader("Ledger", anchor=False)
    st.markdown(
        ":small[:gray[Every decision, word, waiver and policy stands in a chain in which each entry seals the one before.]]"
    )
    if st.button("Verify the ledger", key="team_verify", icon=":material/verified:"):
        report = ledger.verify(deps, actor)
        (st.success if report.is_whole else st.error)(plain(report.sentence))
