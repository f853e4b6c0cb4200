"""How I want to be told: my e-mail address, and where each kind of notification goes besides the inbox."""

import streamlit as st

from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.notifications import choices
from services.notifications.choices import ChoicesView
from services.notifications.kinds import KINDS, Channel, Kind

WORDS = {
    Channel.INBOX: "Inbox only",
    Channel.EMAIL: "Inbox and e-mail",
    Channel.WEBHOOK: "Inbox and the team's webhooks",
}


def draw_choices(deps: Deps, actor: Actor) -> None:
    mine = choices.my_choices(deps, actor)
    with st.form("account_told_form"):
        st.markdown("##### What you are told")
        _draw_hints(mine)
        email = st.text_input("E-mail address", value=mine.email, key="account_email", type="email")
        left, right = st.columns(2, gap="medium")
        chosen: dict[Kind, Channel] = {}
        for position, (kind, row) in enumerate(KINDS.items()):
            offered = _offered(mine, kind)
            with left if position < len(KINDS) / 2 else right:
                chosen[kind] = st.selectbox(
                    row.asks,
                    offered,
                    index=offered.index(mine.channels[kind]),
                    format_func=lambda channel: WORDS[channel],
                    key=f"account_told_{kind.value}",
                )
        if st.form_submit_button("Save what you are told"):
            try:
                choices.save_choices(deps, actor, email=email, channels=chosen)
                st.toast("Saved.")
            except UserError as error:
                st.error(str(error))


def _draw_hints(mine: ChoicesView) -> None:
    hints = ["The page Inbox shows everything; choose what reaches you elsewhere too."]
    if not mine.sends_mail:
        hints.append("This installation sends no e-mail; whoever runs it can set that up.")
    if not mine.has_webhook:
        hints.append("Your team has no webhook yet; an owner can add one on the page Team.")
    st.markdown(f":small[:gray[{' '.join(hints)}]]")


def _offered(mine: ChoicesView, kind: Kind) -> list[Channel]:
    """What was chosen before stays on the list, also where it cannot be chosen any more."""
    return [c for c in Channel if c is not Channel.EMAIL or mine.sends_mail or mine.channels[kind] is c]
