"""Corrections: the text with one instruction a line, what became of each, and small forms that write such lines."""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from pages.components import feature_form
from pages.components.frame import plain
from services.features import instructions
from services.features.speech import TYPE_WORDS, noun, one_of, spaced, value_of
from services.features.understanding import Correction, DataField, FieldType, Resource, Understanding

_HELP = """One instruction a line. What you say here wins over the text. For example:

- rename order to purchase
- add field due date (date, required) to order
- remove field notes from order
- amount of order is money
- comment of order is optional
- keep thing supplier, drop thing report
- main thing is order
- drop story US-2
- a person decides AC-S3
- or any rule: only managers can approve orders"""
_RENAME, _ADD, _CHANGE, _REMOVE, _DROP = (
    "Rename it",
    "Add a field",
    "Change a field",
    "Remove a field",
    "Do not keep it",
)


def draw(
    key: str, start: dict[str, Any], understood: Understanding | None, problem: str, on_change: Callable[[], None]
) -> None:
    with st.container(border=True, key="configure_corrections"):
        st.text_area(
            "Corrections, one a line",
            value=feature_form.corrections_of(key, start),
            key=feature_form.corrections_key(key),
            height=110,
            placeholder="rename order to purchase",
            help=_HELP,
            on_change=on_change,
        )
        if problem:
            st.markdown(f":red[:material/error: {plain(problem)}]")
        draw_answers(understood.corrections if understood else ())


def draw_answers(corrections: Iterable[Correction]) -> None:
    """What became of each line."""
    for told in corrections:
        mark = ":green[:material/check:]" if told.is_applied else ":orange[:material/close:]"
        st.markdown(f"{mark} {plain(told.line)}  \n:small[:gray[{plain(told.answer)}]]")


def person_decides(key: str, criterion_id: str, correct: Callable[[str], None]) -> None:
    line = instructions.let_a_person_decide(criterion_id)
    st.button(
        "A person decides this",
        type="tertiary",
        icon=":material/person:",
        key=f"{key}_person_{criterion_id}",
        help=f"Writes the correction: {line}",
        on_click=correct,
        args=(line,),
    )


def filler(
    key: str, understood: Understanding, resource: Resource, correct: Callable[[str], None]
) -> Callable[[object], None]:
    """Draws one thing: its fields, states and moves, and what can be corrected of it."""

    def fill(_seen: object) -> None:
        with st.container(gap="xxsmall"):
            for field in resource.fields:
                st.text(described(field))
            if resource.states:
                st.text(f"States: {', '.join(spaced(s) for s in resource.states)}")
            for verb, source, target in resource.transitions:
                st.text(f"{spaced(verb).capitalize()}: {spaced(source)} to {spaced(target)}")
        _forms(f"{key}_quick{feature_form.generation(key)}_{resource.name}", understood, resource, correct)

    return fill


def described(field: DataField) -> str:
    """ "amount: money, required, at least 0.01"; what is sensitive is said."""
    told = [one_of(field.choices) if field.choices else TYPE_WORDS[field.type]]
    if field.refers_to:
        told = [f"which {spaced(field.refers_to)}"]
    told.append("required" if field.required else "optional")
    unit = " characters" if field.type in (FieldType.STRING, FieldType.TEXT) else ""
    if field.minimum is not None:
        told.append(f"at least {value_of(field, field.minimum)}{unit}")
    if field.maximum is not None and not field.refers_to:
        told.append(f"at most {value_of(field, field.maximum)}{unit}")
    if field.default is not None:
        told.append(f"{value_of(field, field.default)} where none is given")
    if field.sensitive:
        told.append(f"{field.sensitive.value} data")
    return f"{noun(field.name)}: {', '.join(told)}"


def _forms(key: str, understood: Understanding, resource: Resource, correct: Callable[[str], None]) -> None:
    acts = [_RENAME, _ADD, _CHANGE, _REMOVE]
    if len(understood.resources) > 1:
        acts.append(_DROP)
    act = st.selectbox(
        "Correct it", acts, index=None, placeholder="Correct something", key=f"{key}_act", label_visibility="collapsed"
    )
    if act == _RENAME:
        st.text_input("New name", key=f"{key}_name", placeholder=resource.label)
        _button(
            key, "Rename", correct, lambda: instructions.rename_thing(resource, _of(f"{key}_name")), _of(f"{key}_name")
        )
    elif act == _ADD:
        name, kind, need = _field_inputs(key, "add", "", FieldType.STRING, is_required=False)
        _button(key, "Add field", correct, lambda: instructions.add_field(resource, name, kind, is_required=need), name)
    elif act == _DROP:
        _button(key, "Do not keep it", correct, lambda: instructions.drop_thing(resource), resource.name)
    elif act in (_CHANGE, _REMOVE):
        by_name = {field.name: field for field in resource.fields}
        chosen = st.selectbox("Field", list(by_name), format_func=noun, key=f"{key}_field")
        if act == _REMOVE:
            _button(key, "Remove field", correct, lambda: instructions.remove_field(resource, chosen), chosen)
        else:
            _change(f"{key}_{chosen}", resource, by_name[chosen], correct)


def _change(key: str, resource: Resource, field: DataField, correct: Callable[[str], None]) -> None:
    name, kind, need = _field_inputs(key, "change", noun(field.name), field.type, is_required=field.required)
    lines = []
    if kind is not field.type:
        lines.append(instructions.change_type(resource, field.name, kind))
    if need is not field.required:
        lines.append(instructions.change_need(resource, field.name, is_required=need))
    if name.strip() and name.strip() != noun(field.name):
        lines.append(instructions.rename_field(resource, field.name, name))
    _button(key, "Change field", correct, lambda: "\n".join(lines), lines)


def _field_inputs(key: str, act: str, name: str, kind: FieldType, *, is_required: bool) -> tuple[str, FieldType, bool]:
    typed = st.text_input("Name of the field", value=name, key=f"{key}_{act}_name")
    kinds = [kind, *(k for k in instructions.TYPES if k is not kind)]
    chosen = st.selectbox("Type", kinds, format_func=lambda k: TYPE_WORDS[k], key=f"{key}_{act}_type")
    return typed, chosen, st.checkbox("Required", value=is_required, key=f"{key}_{act}_need")


def _of(widget: str) -> str:
    return str(st.session_state.get(widget) or "").strip()


def _button(key: str, label: str, correct: Callable[[str], None], make: Callable[[], str], is_ready: object) -> None:
    """Writes the line that is shown; there is nothing to press before the form says something."""
    line = make() if is_ready else ""
    if line:
        st.markdown(f":small[:gray[{'; '.join(plain(part) for part in line.splitlines())}]]")
    st.button(label, key=f"{key}_go", disabled=not line, on_click=correct, args=(line,))
