"""My name, what I am told and where, my password, my browsers."""

import streamlit as st

from pages.components.session import signed_in
from pages.components.told import draw_choices
from services.errors import UserError
from services.people import accounts

deps, actor = signed_in()

st.title("Account", anchor=False)

with st.form("account_name_form"):
    name = st.text_input("Name", value=actor.name, key="account_name")
    if st.form_submit_button("Save name"):
        try:
            accounts.change_name(deps, actor, name=name)
            st.rerun()
        except UserError as error:
            st.error(str(error))

draw_choices(deps, actor)

with st.form("account_password_form", clear_on_submit=True):
    st.markdown("##### Change password")
    current = st.text_input("Current password", type="password", key="account_current")
    new = st.text_input("New password", type="password", key="account_new", help="At least 12 characters")
    if st.form_submit_button("Change password"):
        try:
            accounts.change_password(deps, actor, current=current, new=new)
            st.rerun()
        except UserError as error:
            st.error(str(error))

st.markdown("##### Browsers")
if st.button("Sign out everywhere", help="Ends every browser in which you are signed in, this one too."):
    accounts.sign_out_everywhere(deps, actor)
    st.rerun()
