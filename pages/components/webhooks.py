"""Where a team is told outside, for its owners: webhooks, a test of each, and messages that did not arrive."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.notifications import webhooks
from services.notifications.messages import Format
from services.notifications.webhooks import WebhookView

WORDS = {Format.JSON: "JSON, signed", Format.SLACK: "Slack", Format.TEAMS: "Microsoft Teams"}


def draw_webhooks(deps: Deps, actor: Actor) -> None:
    st.subheader("Webhooks", anchor=False)
    st.markdown(
        ":small[:gray[Who is in the team chooses on the page Account what is sent here. Messages of the format JSON carry a "
        "signature after Standard Webhooks.]]"
    )
    for hook in webhooks.list_webhooks(deps, actor):
        _draw_webhook(deps, actor, hook)
    _draw_new(deps, actor)
    _draw_given_up(deps, actor)


def _draw_webhook(deps: Deps, actor: Actor, hook: WebhookView) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            added = f"added by {plain(hook.created_by)} {times.ago(hook.created_at)}"
            st.markdown(
                f"**{plain(hook.name)}**  \n:small[:gray[{WORDS[hook.format]} · {plain(hook.shown_url)} · {added}]]",
                width="stretch",
            )
            with st.container(horizontal=True, width="content", gap="xsmall"):
                tried = st.button("Send a test", key=f"team_try_{hook.id}")
                if hook.format is Format.JSON:
                    with st.popover("Secret"):
                        _draw_secret(deps, actor, hook)
                if st.button("Remove", key=f"team_remove_{hook.id}"):
                    _confirm_removal(deps, actor, hook)
        if tried:
            _try(deps, actor, hook)


def _try(deps: Deps, actor: Actor, hook: WebhookView) -> None:
    try:
        with st.spinner("Waiting for the answer"):
            trial = webhooks.try_webhook(deps, actor, webhook_id=hook.id)
    except UserError as error:
        st.error(str(error))
        return
    (st.success if trial.arrived else st.error)(trial.sentence)


def _draw_secret(deps: Deps, actor: Actor, hook: WebhookView) -> None:
    st.markdown("A receiver checks with it that a message comes from here and is fresh.")
    if st.button("Show the secret", key=f"team_secret_{hook.id}"):
        st.code(webhooks.read_secret(deps, actor, webhook_id=hook.id), language=None)
    if st.button("Make a new secret", key=f"team_renew_{hook.id}", help="The old one stops working at once"):
        _act(lambda: webhooks.renew_secret(deps, actor, webhook_id=hook.id))


@st.dialog("Remove this webhook?")
def _confirm_removal(deps: Deps, actor: Actor, hook: WebhookView) -> None:
    st.markdown(f"Nothing is sent to {plain(hook.name)} any more, also not what is on its way.")
    if st.button("Remove the webhook", type="primary", key="team_remove_yes"):
        _act(lambda: webhooks.remove_webhook(deps, actor, webhook_id=hook.id))


def _draw_new(deps: Deps, actor: Actor) -> None:
    with st.expander("Add a webhook"), st.form("team_webhook", border=False, clear_on_submit=False):
        name = st.text_input("Name", key="team_webhook_name", max_chars=120)
        form = st.selectbox("Format", list(Format), format_func=lambda f: WORDS[f], key="team_webhook_format")
        url = st.text_input(
            "Address",
            key="team_webhook_url",
            placeholder="https://",
            help="Slack: an incoming webhook. Teams: a workflow that posts when a webhook request is received.",
        )
        if st.form_submit_button("Add webhook"):
            _act(lambda: webhooks.add_webhook(deps, actor, name=name, form=form or Format.JSON, url=url))


def _draw_given_up(deps: Deps, actor: Actor) -> None:
    rows = webhooks.list_given_up(deps, actor)
    if not rows:
        return
    with st.expander(f"{len(rows)} {'message' if len(rows) == 1 else 'messages'} that did not arrive", expanded=True):
        for row in rows:
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", border=True
            ):
                tries = f"{row.attempts} {'try' if row.attempts == 1 else 'tries'}"
                st.markdown(
                    f"{plain(row.text)}  \n:small[:gray[For {plain(row.person)} by {plain(row.where)} · given up "
                    f"{times.ago(row.at)} after {tries} ·]] {plain(row.problem)}",
                    width="stretch",
                )
                if st.button("Send again", key=f"team_again_{row.id}"):
                    _act(partial(webhooks.send_again, deps, actor, delivery_id=row.id))


def _act(do: Callable[[], object]) -> None:
    try:
        do()
    except UserError as error:
        st.error(str(error))
    else:
        st.rerun()
