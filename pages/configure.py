"""Describe a feature and choose its options. Whatever is typed is saved at once, so that a reload loses nothing."""

from typing import Any, TypeGuard
from uuid import UUID

import streamlit as st

from pages.components import documents, feature_form, quick_corrections, understood
from pages.components.session import signed_in
from services.errors import InvalidInput, UserError
from services.features import store
from services.features.engines import offered_engines
from services.people.permissions import Action
from services.reviews.views import start_problem
from services.runs.start import start_run

deps, actor = signed_in(Action.EDIT_FEATURE)

st.title("Configure feature", anchor=False)


def opened() -> tuple[UUID, store.FeatureView | None]:
    """The feature of the address. A new one has its id before the first key is pressed, so that no field ever moves."""
    wanted = st.query_params.get("feature")
    if "new" in st.query_params and wanted:  # the page was loaded again before anything was typed
        st.session_state.setdefault("configure_fresh", wanted)
    fresh = st.session_state.get("configure_fresh")
    if wanted and wanted != fresh:
        found = find(wanted)
        if found:
            return found.id, found
        st.warning("This feature does not exist in your team. You can describe a new one.")
    # A rerun may arrive before the browser has put the new id into its address: it goes on with the same id.
    kept = find(fresh) if fresh else None
    if not is_id(fresh) or (kept and wanted != fresh):
        fresh, kept = str(deps.new_id()), None
    st.session_state["configure_fresh"] = st.query_params["feature"] = fresh
    if kept:
        st.query_params.pop("new", None)
    else:
        st.query_params["new"] = "1"
    return UUID(fresh), kept


def is_id(text: str | None) -> TypeGuard[str]:
    try:
        return text is not None and bool(UUID(text))
    except ValueError:
        return False


def find(text: str) -> store.FeatureView | None:
    try:
        return store.get_feature(deps, actor, feature_id=UUID(text)) if is_id(text) else None
    except UserError:
        return None


feature_id, feature = opened()
key = f"configure_{feature_id}"
start = {**store.form_defaults(deps, actor), **(feature.form if feature else {})}


def save() -> None:
    """Keeps the form as it is on the screen."""
    try:
        store.save_draft(deps, actor, feature_id=feature_id, form=feature_form.read(key, start))
    except UserError as error:
        st.toast(str(error))


def correct(line: str) -> None:
    """A button's line joins the corrections, and is kept like everything that is typed."""
    feature_form.add_correction(key, start, line)
    save()


@st.fragment
def draw_understood() -> None:
    """Its folds and small forms run this part alone; the form beside it stays as it is."""
    form = feature_form.read(key, start)
    seen = understood.draw(deps, actor, key, form, feature, correct)
    quick_corrections.draw(key, start, seen, feature_form.problems_of(form).get("corrections", ""), save)


def draw_beginnings() -> None:
    others = [f for f in store.list_features(deps, actor) if feature is None or f.id != feature.id]
    if not others:
        return
    names = {f.id: f.title for f in others}
    chosen = st.selectbox(
        "Begin from an earlier feature",
        list(names),
        index=None,
        format_func=lambda id_: names[id_],
        key=f"{key}_copy",
    )
    if chosen and st.button("Duplicate it", key=f"{key}_copy_go"):
        st.query_params["feature"] = str(store.duplicate_feature(deps, actor, feature_id=chosen))
        st.rerun()


def draw_acts(form: dict[str, Any]) -> None:
    stuck = start_problem(deps, actor)
    with st.container():  # with a place of its own: buttons that move stand there twice until the page is drawn
        if stuck:
            st.warning(stuck)
    with st.container(horizontal=True):
        if st.button("Start run", type="primary", key=f"{key}_start", disabled=stuck is not None):
            try:
                store.submit_feature(deps, actor, feature_id=feature_id, form=form)
                run_id = start_run(deps, actor, feature_id=feature_id)
            except InvalidInput:
                st.session_state[f"{key}_checked"] = True
                st.rerun()
            else:
                st.switch_page("pages/run.py", query_params={"run": str(run_id)})
        if st.button("Save draft", key=f"{key}_save"):
            save()
            st.toast("Saved.")
        if st.button("Use these options for the team's next features", key=f"{key}_defaults"):
            try:
                store.save_defaults(deps, actor, form=form)
                st.toast("Saved as the team's defaults.")
            except InvalidInput as error:
                st.error(" ".join(error.problems.values()))


problems = feature_form.problems_of(feature_form.read(key, start)) if st.session_state.get(f"{key}_checked") else {}
understood.stays_in_view()
left, right = st.columns([7, 5], gap="medium")
below = st.container()
with left:
    engines = [engine.value for engine in offered_engines(deps.settings)]
    feature_form.draw(key, start, problems, on_change=save, engines=engines)
    if feature:
        documents.draw_form_documents(deps, actor, feature)
    else:
        st.markdown(":small[:gray[Context documents can be added once something is typed.]]")
    draw_beginnings()
with below:
    with st.container():
        if problems:
            st.markdown(":red[:material/error: Some fields need a change; each says which.]")
    draw_acts(feature_form.read(key, start))
with right, st.container(key="configure_right"):  # last, because a long text takes a second to understand
    draw_understood()
