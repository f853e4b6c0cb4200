"""What I should know: what asks me to do something now, and what I am told besides."""

import streamlit as st

from pages.components import times
from pages.components.frame import plain
from pages.components.session import signed_in
from services.errors import UserError
from services.notifications import inbox
from services.notifications.inbox import NotificationView
from services.notifications.kinds import GROUPS

deps, actor = signed_in()
pulse = inbox.pulse(deps, actor)


def draw_head() -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Inbox", anchor=False, width="content")
        if pulse.unread and st.button("Mark all as read", key="inbox_all_read"):
            inbox.mark_all_read(deps, actor)
            st.rerun()


def draw_notification(row: NotificationView) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        text = plain(row.text) if row.is_read else f"**{plain(row.text)}**"
        st.markdown(f"{text}  \n:small[:gray[{row.title} · {times.ago(row.at)}]]", width="stretch")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if st.button("Open", key=f"inbox_open_{row.id}"):
                read(row)
                st.switch_page(f"pages/{row.page}.py", query_params=row.query)
            if not row.is_read and st.button("Mark as read", key=f"inbox_read_{row.id}"):
                read(row)
                st.rerun()


def read(row: NotificationView) -> None:
    try:
        inbox.mark_read(deps, actor, notification_id=row.id)
    except UserError as error:  # its run was deleted a moment ago
        st.toast(str(error))


def draw_filter() -> tuple[list[str], bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        groups = st.pills(
            "Show",
            list(GROUPS),
            selection_mode="multi",
            key="inbox_groups",
            label_visibility="collapsed",
            width="content",
        )
        unread = st.toggle("Unread only", key="inbox_unread")
    return groups, unread


def draw_lists() -> None:
    groups, unread = draw_filter()
    kinds = [kind for group in groups for kind in GROUPS[group]]
    page = st.session_state.get("inbox_page") or 1
    view = inbox.list_inbox(deps, actor, kinds=kinds, unread_only=unread, page=page)
    if view.needs:
        st.subheader("Needs you now", anchor=False)
        for row in view.needs:
            draw_notification(row)
    if view.others:
        st.subheader("For your information", anchor=False)
        for row in view.others:
            draw_notification(row)
    if view.pages > 1:
        st.pagination(view.pages, key="inbox_page")
    if not view.needs and not view.others:
        draw_nothing(is_filtered=bool(groups) or unread)


def draw_nothing(*, is_filtered: bool) -> None:
    if is_filtered:
        st.markdown("Nothing of this kind. Take the filter away to see everything.")
        return
    st.markdown(
        "Nothing waits for you. You are told here when a gate waits for your decision, when somebody mentions you, when an agent "
        "asks the team something, when a run of yours fails, when what you approved has changed, and when a waiver or a date runs out."
    )
    st.page_link("pages/account.py", label="Choose what also comes by e-mail or webhook", icon=":material/tune:")


@st.fragment(run_every=3)
def watch() -> None:
    """Asks one cheap question; the page is drawn again when there is something new."""
    if inbox.pulse(deps, actor) != pulse:
        st.rerun()


draw_head()
draw_lists()
watch()
