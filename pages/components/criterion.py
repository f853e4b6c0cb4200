"""One success criterion: its verdict, what it rests on, who sees to it, and what a person can do about it."""

from collections.abc import Callable, Mapping
from uuid import UUID

import streamlit as st

from pages.components import badges
from pages.components.evidence import draw_evidence
from pages.components.frame import plain
from services.actors import Actor
from services.criteria import assignments, vouching
from services.criteria.views import AcceptanceView, CriterionView, WaiverView
from services.deps import Deps
from services.errors import UserError
from services.people.permissions import Action, may
from services.runs.views import EvidenceView
from services.workflow.criteria import ATTESTATION_DAYS, WAIVER_DAYS_MAX, Outcome


def draw_criterion(
    deps: Deps,
    actor: Actor,
    run_id: UUID,
    view: CriterionView,
    evidence: Mapping[str, EvidenceView],
    people: Mapping[UUID, str],
) -> None:
    with st.container(border=True):
        st.markdown(f"**{view.title}** {badges.badge(view.outcome.value)}  \n{plain(view.reason)}")
        st.markdown(f":small[:gray[{view.rule}{_seen_to(view)}]]")
        if view.word:
            st.markdown(f":small[:gray[{plain(view.word)}]]")
        if view.waiver and view.waiver.is_granted is None:
            _draw_open_waiver(deps, actor, run_id, view.waiver)
        _draw_grounds(view, evidence)
        _draw_acts(deps, actor, run_id, view, people)


def _seen_to(view: CriterionView) -> str:
    owner = f" · {plain(view.owner)} sees to it" if view.owner else ""
    return owner + (f" · due {view.due_on:%Y-%m-%d}" if view.due_on else "")


def _draw_grounds(view: CriterionView, evidence: Mapping[str, EvidenceView]) -> None:
    found = [evidence[id_] for id_ in view.evidence if id_ in evidence]
    if found:
        with st.expander("Evidence"):
            for item in found:
                draw_evidence(item)


def _draw_history(view: CriterionView) -> None:
    for at, phase, outcome in view.history:
        st.markdown(f":small[{at:%Y-%m-%d %H:%M} UTC · gate {phase}] {badges.badge(outcome.value)}")


def _draw_comments(deps: Deps, actor: Actor, run_id: UUID, view: CriterionView) -> None:
    for name, at, text in view.comments:
        st.markdown(f":small[:gray[{plain(name)}, {at:%Y-%m-%d %H:%M} UTC]]")
        st.text(text)
    if not may(actor, Action.DECIDE):
        return
    with st.form(f"criteria_comment_{view.id}", clear_on_submit=True, border=False):
        text = st.text_area("Comment", key=f"criteria_comment_text_{view.id}", max_chars=assignments.COMMENT_MAX)
        if st.form_submit_button("Comment"):
            act(lambda: assignments.comment(deps, actor, run_id=run_id, criterion=view.id, text=text))


def _draw_open_waiver(deps: Deps, actor: Actor, run_id: UUID, waiver: WaiverView) -> None:
    st.info(
        f"{plain(waiver.asked_by)} asks to do without this for {waiver.days} days: {plain(waiver.reason)} "
        "A second person has to agree."
    )
    if not may(actor, Action.DECIDE):
        return
    with st.container(horizontal=True):
        if waiver.asked_id != actor.user_id and st.button("Grant", key=f"criteria_grant_{waiver.id}"):
            act(lambda: vouching.decide_waiver(deps, actor, run_id=run_id, waiver_id=waiver.id, grants=True))
        word = "Take back" if waiver.asked_id == actor.user_id else "Refuse"
        if st.button(word, key=f"criteria_refuse_{waiver.id}"):
            act(lambda: vouching.decide_waiver(deps, actor, run_id=run_id, waiver_id=waiver.id, grants=False))


def _draw_acts(deps: Deps, actor: Actor, run_id: UUID, view: CriterionView, people: Mapping[UUID, str]) -> None:
    decides, is_judged = may(actor, Action.DECIDE), bool(view.history)
    with st.container(horizontal=True, gap="xsmall"):
        if decides and is_judged and view.attested:
            with st.popover("Vouch"):
                _draw_vouching(deps, actor, run_id, view.id, view.basis, view.attested)
        if decides and is_judged and view.outcome in (Outcome.NOT_MET, Outcome.NOT_MEASURED):
            with st.popover("Waive"):
                _draw_waiving(deps, actor, run_id, view)
        if decides:
            with st.popover("Assign"):
                _draw_assignment(deps, actor, run_id, view, people)
        if decides or view.comments:
            with st.popover(f"Comments {len(view.comments) or ''}".strip()):
                _draw_comments(deps, actor, run_id, view)
        if len(view.history) > 1:
            with st.popover("History"):
                _draw_history(view)


def _draw_vouching(
    deps: Deps, actor: Actor, run_id: UUID, criterion: str, basis: str, what: str, item: str = ""
) -> None:
    key = f"{criterion}_{item}" if item else criterion
    with st.form(f"criteria_vouch_{key}", border=False):
        st.markdown(f"Is it so that {plain(what)}? Your name and your words go into the ledger.")
        holds = st.radio("Your word", (True, False), format_func=lambda v: "It is so" if v else "It is not so",
                         key=f"criteria_holds_{key}", horizontal=True)  # fmt: skip
        comment = st.text_area("What it rests on", key=f"criteria_word_{key}", max_chars=vouching.TEXT_MAX)
        st.markdown(f":small[:gray[It holds for exactly these files, for {ATTESTATION_DAYS} days.]]")
        if st.form_submit_button("Give my word", type="primary"):
            act(
                lambda: vouching.attest(
                    deps, actor, run_id=run_id, criterion=criterion, item=item, holds=bool(holds), comment=comment,
                    shown_basis=basis,
                )
            )  # fmt: skip


def _draw_waiving(deps: Deps, actor: Actor, run_id: UUID, view: CriterionView) -> None:
    with st.form(f"criteria_waive_{view.id}", border=False):
        reason = st.text_area(
            "Why the team can do without it", key=f"criteria_why_{view.id}", max_chars=vouching.TEXT_MAX
        )
        days = st.number_input("Days", 1, WAIVER_DAYS_MAX, 14, key=f"criteria_days_{view.id}")
        st.markdown(":small[:gray[A second person has to agree. It is shown as waived, never as met.]]")
        if st.form_submit_button("Ask for a waiver", type="primary"):
            act(
                lambda: vouching.ask_for_waiver(
                    deps, actor, run_id=run_id, criterion=view.id, reason=reason, days=int(days)
                )
            )


def _draw_assignment(deps: Deps, actor: Actor, run_id: UUID, view: CriterionView, people: Mapping[UUID, str]) -> None:
    with st.form(f"criteria_assign_{view.id}", border=False):
        ids: list[UUID | None] = [None, *people]
        owner = st.selectbox(
            "Who sees to it",
            ids,
            index=ids.index(view.owner_id) if view.owner_id in ids else 0,
            format_func=lambda id_: people[id_] if id_ else "nobody",
            key=f"criteria_owner_{view.id}",
        )
        due = st.date_input("Due", view.due_on, key=f"criteria_due_{view.id}")
        if st.form_submit_button("Assign", type="primary"):
            act(
                lambda: assignments.assign(
                    deps, actor, run_id=run_id, criterion=view.id, owner_id=owner, due_on=due or None
                )
            )


def draw_open_words(deps: Deps, actor: Actor, run_id: UUID, basis: str, acceptance: tuple[AcceptanceView, ...]) -> None:
    """The acceptance criteria that no test can decide, one by one, for whoever may vouch."""
    for one in (a for a in acceptance if a.is_for_people):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            said = f"  \n:small[:gray[{plain(one.word)}]]" if one.word else ""
            st.markdown(f"**{one.id}** {plain(one.text)}{said}")
            if may(actor, Action.DECIDE):
                with st.popover("Vouch"):
                    _draw_vouching(deps, actor, run_id, "acceptance_criteria", basis, f"this holds: {one.text}", one.id)


def act(do: Callable[[], object]) -> None:
    try:
        do()
    except UserError as error:
        st.error(str(error))
    else:
        st.rerun()
