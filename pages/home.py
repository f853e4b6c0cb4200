"""What waits for me, what runs, what was done lately."""

from collections.abc import Callable

import streamlit as st

from pages.components import badges, times
from pages.components.frame import plain
from pages.components.session import signed_in
from services.errors import UserError
from services.features import store
from services.people.permissions import Action, may
from services.reviews.views import get_gate
from services.runs import control
from services.runs.views import RunSummary, list_runs

deps, actor = signed_in()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title("Home", anchor=False, width="content")
    if may(actor, Action.EDIT_FEATURE) and st.button("Describe a feature", type="primary", key="home_new"):
        st.switch_page("pages/configure.py")
archived = st.toggle("Show the archive", key="home_archived")
runs = list_runs(deps, actor, archived=archived)
features = store.list_features(deps, actor, archived=archived)


@st.dialog("Delete this run?")
def confirm_deletion(run: RunSummary) -> None:
    st.markdown(control.deletion_of_run(deps, actor, run_id=run.id).sentence)
    if st.button("Delete", type="primary", key="home_delete_yes"):
        try:
            control.delete_run(deps, actor, run_id=run.id)
            st.rerun()
        except UserError as error:
            st.error(str(error))


@st.dialog("Delete this feature?")
def confirm_feature_deletion(feature: store.FeatureView) -> None:
    parts = store.deletion_of_feature(deps, actor, feature_id=feature.id)
    st.text(f"This deletes “{feature.title}” with " + ", ".join(f"{n} {what}" for what, n in parts.items()) + ".")
    st.markdown("It cannot be undone. The ledger of decisions stays.")
    if st.button("Delete", type="primary", key="home_delete_feature_yes"):
        try:
            store.delete_feature(deps, actor, feature_id=feature.id)
            st.rerun()
        except UserError as error:
            st.error(str(error))


def draw_run(run: RunSummary, prefix: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f"**{plain(run.title)}** {badges.badge(run.status.value)}  \n"
            f":small[:gray[Run {run.number} · phase {run.phase} of 4 · {plain(run.requester_name)} · {times.ago(run.created_at)}]]",
            width="stretch",
        )
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if st.button("Open", key=f"{prefix}_open_{run.id}"):
                st.switch_page("pages/run.py", query_params={"run": str(run.id)})
            act = more(f"{prefix}_more_{run.id}", archived=run.archived)
            if act == "Delete":
                confirm_deletion(run)
            elif act:
                attempt(lambda: control.set_archived(deps, actor, run_id=run.id, archived=not run.archived))


def more(key: str, *others: str, archived: bool) -> str | None:
    """What else can be done, as far as the role permits it."""
    acts = [*others] if may(actor, Action.EDIT_FEATURE) else []
    acts += ["Unarchive" if archived else "Archive"] if may(actor, Action.ARCHIVE) else []
    acts += ["Delete"] if may(actor, Action.DELETE) else []
    return st.menu_button("More", acts, key=key) if acts else None


def attempt(act: Callable[[], object]) -> None:
    try:
        act()
    except UserError as error:
        st.toast(str(error))
    else:
        st.rerun()


def draw_feature(feature: store.FeatureView) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        state = "" if feature.submitted_at else badges.badge("draft")
        st.markdown(
            f"**{plain(feature.title)}** {state}  \n:small[:gray[{feature.run_count} run{'' if feature.run_count == 1 else 's'} · changed {times.ago(feature.changed_at)}]]",
            width="stretch",
        )
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if may(actor, Action.EDIT_FEATURE) and st.button("Edit", key=f"home_edit_{feature.id}"):
                st.switch_page("pages/configure.py", query_params={"feature": str(feature.id)})
            act = more(f"home_feature_more_{feature.id}", "Duplicate", archived=feature.archived)
            if act == "Delete":
                confirm_feature_deletion(feature)
            elif act == "Duplicate":
                copy = store.duplicate_feature(deps, actor, feature_id=feature.id)
                st.switch_page("pages/configure.py", query_params={"feature": str(copy)})
            elif act:
                attempt(lambda: store.set_archived(deps, actor, feature_id=feature.id, archived=not feature.archived))


def mine(run: RunSummary) -> bool:
    gate = get_gate(deps, actor, run_id=run.id) if run.status == "waiting" else None
    return gate is not None and (gate.why_not is None or gate.may_open)


@st.fragment(run_every=3)
def draw_lists() -> None:
    now = list_runs(deps, actor, archived=archived)
    if [(r.id, r.status, r.phase) for r in now] != [(r.id, r.status, r.phase) for r in runs]:
        st.rerun()


if not runs and not features:
    st.markdown("The archive is empty." if archived else "Nothing here yet. Describe a feature, and the agents begin.")
else:
    waiting = [run for run in runs if mine(run)]
    running = [run for run in runs if run.status == "running"]
    if waiting:
        st.subheader("Waits for you", anchor=False)
        for run in waiting:
            draw_run(run, "waiting")
    if running:
        st.subheader("Runs now", anchor=False)
        for run in running:
            draw_run(run, "running")
    rest = [run for run in runs if run not in waiting and run not in running]
    if rest:
        st.subheader("Recent runs", anchor=False)
        for run in rest[:30]:
            draw_run(run, "recent")
    if features:
        st.subheader("Features", anchor=False)
        for feature in features[:30]:
            draw_feature(feature)
draw_lists()
