"""What is understood of the form so far: headline figures first, everything else folded. Stated text is shown as typed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from pages.components import outlook, quick_corrections
from pages.components.feature_form import TITLES
from pages.components.frame import plain
from services.actors import Actor
from services.agents.preview import Preview, preview
from services.deps import Deps
from services.errors import InvalidInput
from services.features import store, wording
from services.features.clashes import clashes
from services.features.extract import understand
from services.features.laws import laws_of
from services.features.speech import counted, spaced
from services.features.understanding import Understanding
from services.features.validation import for_preview, to_request

_PAGE = 8  # criteria at a time
# Beside the form where there is room for two columns; what does not fit scrolls by itself.
_STAYS = """<style>@media (min-width: 900px) {
div:has(> .st-key-configure_right) { position: sticky; top: 3.5rem; max-height: calc(100vh - 4.5rem); overflow-y: auto; overflow-x: hidden; }
}</style>"""


@dataclass(frozen=True)
class _Seen:
    """What one drawing of the view needs. `correct` appends a line to the corrections."""

    key: str
    understood: Understanding
    outlook: Preview
    correct: Callable[[str], None]

    @property
    def tested(self) -> int:
        return len(self.understood.criteria) - len(self.outlook.left)


def stays_in_view() -> None:
    st.html(_STAYS)


def draw(
    deps: Deps,
    actor: Actor,
    key: str,
    form: Mapping[str, Any],
    feature: store.FeatureView | None,
    correct: Callable[[str], None],
) -> Understanding | None:
    """Gives what was understood, or None while there is nothing to read."""
    with st.container(border=True, key="configure_understood"):
        st.markdown("##### Understood so far")
        request = for_preview(form)
        if request is None:
            st.markdown(":small[:gray[Type a title or a description; what is read of it appears here.]]")
            return None
        documents = store.read_texts(deps, actor, feature_id=feature.id) if feature and feature.documents else ()
        understood = understand(request, documents)
        seen = _Seen(
            key,
            understood,
            preview(understood, request.complexity),
            correct,
        )
        _headlines(seen, form)
        for name, label, fill in _sections(seen):
            _fold(f"{key}_seen_{name}", label, partial(fill, seen))
        effort = seen.outlook.effort if form.get("complexity") else seen.outlook.effort.split(";")[0]
        for sentence in (*outlook.sentences(deps, actor, form), f"Effort: {effort}."):
            st.markdown(f":small[:gray[{plain(sentence)}]]")
    return understood


def _fold(key: str, label: str, fill: Callable[[], None]) -> None:
    """An expander that stays open when the figures in its label change: to Streamlit it is another one then."""
    told, begun, was_open = st.session_state.get(f"{key}_fold", (label, False, False))
    begun = begun if told == label else was_open
    with st.expander(label, expanded=begun, type="compact", key=key, on_change="rerun") as box:
        st.session_state[f"{key}_fold"] = (label, begun, box.open)
        if box.open:
            fill()


def _headlines(seen: _Seen, form: Mapping[str, Any]) -> None:
    u = seen.understood
    fields = sum(len(r.fields) for r in u.resources)
    decided = len(seen.outlook.left)
    st.markdown(
        f"**{counted(len(u.actors), 'person', 'kinds of people')}**, **{counted(len(u.resources), 'thing')}** with {counted(fields, 'field')}, "
        f"**{counted(len(u.criteria), 'criterion', 'criteria')}**: {seen.tested} proven by a test, {decided} decided by a person"
    )
    try:
        found = clashes(to_request(form))
    except InvalidInput as error:
        missing = ", ".join(TITLES.get(field, field).lower() for field in error.problems)
        st.markdown(f":orange[:material/edit: Still needed or to be mended: {plain(missing)}.]")
    else:
        for clash in found:
            st.warning(clash.sentence)
    for sentence in u.not_built:
        st.markdown(f":orange[:material/block: Not built: {plain(sentence)}.]")


def _sections(seen: _Seen) -> Iterator[tuple[str, str, Callable[[_Seen], None]]]:
    """(key, label, what fills it), those that hold nothing left out. Labels are Markdown."""
    u = seen.understood
    yield "people", f"People: {plain(_few(u.actors))}", _people
    for resource in u.resources:
        states = f", {counted(len(resource.states), 'state')}" if resource.states else ""
        label = f"{resource.label}: {counted(len(resource.fields), 'field')}{states}"
        yield f"thing_{resource.name}", plain(label), quick_corrections.filler(seen.key, u, resource, seen.correct)
    if u.use_cases:
        yield "acts", f"What happens: {counted(len(u.stories), 'story', 'stories')}", _acts
    limits = len(u.quantities) + len(laws_of(u))
    if limits:
        yield "limits", f"Constraints: {limits}", _limits
    if u.integrations or u.interfaces:
        names = _few((*(i.name for i in u.integrations), *u.interfaces))
        yield "systems", f"Other systems: {plain(names)}", _systems
    yield "criteria", f"Acceptance criteria: {len(u.criteria)}, {seen.tested} by a test", _criteria
    missing = len(u.questions) + len(u.not_understood)
    if missing:
        yield "missing", f"Missing: {counted(missing, 'open point')}", _missing
    if u.assumptions:
        yield "assumed", f"Assumed: {counted(len(u.assumptions), 'assumption')}", _assumed


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(spaced(name) for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _people(seen: _Seen) -> None:
    for actor in seen.understood.actors:
        verbs = dict.fromkeys(
            f"{spaced(c.verb)} {spaced(c.resource)}" for c in seen.understood.use_cases if c.actor == actor
        )
        st.text(f"{actor.capitalize()}: {', '.join(verbs) or 'named, without an act of their own'}")


def _acts(seen: _Seen) -> None:
    for story in seen.understood.stories:
        st.text(f"{story.id}  {story.actor}: {story.goal}")


def _limits(seen: _Seen) -> None:
    for quantity in seen.understood.quantities:
        at = f"p{quantity.percentile} " if quantity.percentile else ""
        st.text(
            f"{spaced(quantity.kind).capitalize()}: {at}{quantity.value:g} {quantity.unit} ({quantity.text.strip()})"
        )
    for sentence in laws_of(seen.understood):
        st.text(sentence)


def _systems(seen: _Seen) -> None:
    for system in seen.understood.integrations:
        st.text(f"{system.name} ({system.kind}): {system.purpose}")
    for interface in seen.understood.interfaces:
        st.text(f"Asked for beside HTTP: {interface}")


def _criteria(seen: _Seen) -> None:
    criteria = seen.understood.criteria
    pages = -(-len(criteria) // _PAGE)
    number = st.pagination(pages, key=f"{seen.key}_seen_page") if pages > 1 else 1
    for criterion in criteria[(number - 1) * _PAGE : number * _PAGE]:
        source = (
            f" (from {criterion.source})"
            if criterion.source
            else ""
            if criterion.stated
            else " (follows from the above)"
        )
        told = wording.understood_as(criterion, seen.understood.resources, seen.outlook.left)
        with st.container(gap=None):
            st.text(f"{criterion.id}  {criterion.text}")
            st.markdown(f":small[:gray[{plain(told + source)}]]")
            if criterion.stated and criterion.rules:
                quick_corrections.person_decides(seen.key, criterion.id, seen.correct)


def _missing(seen: _Seen) -> None:
    for question in seen.understood.questions:
        st.text(f"Question: {question}")
    for sentence in seen.understood.not_understood:
        st.text(f"Nothing was taken from: {sentence}")


def _assumed(seen: _Seen) -> None:
    for sentence in seen.understood.assumptions:
        st.text(sentence)
