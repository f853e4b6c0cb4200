"""Context documents: the list in the form with its uploader, and what a run began with."""

import streamlit as st

from pages.components.frame import plain
from services.actors import Actor
from services.deps import Deps
from services.errors import UserError
from services.features import store
from services.features.request import MediaType
from services.runs.documents import RunDocument, list_documents, open_document, read_original
from services.runs.views import RunView
from services.workflow.options import DocumentKind, effect_of

CALLED = {
    MediaType.TEXT: "text",
    MediaType.PDF: "PDF",
    MediaType.PNG: "picture",
    MediaType.JPEG: "picture",
}


def draw_form_documents(deps: Deps, actor: Actor, feature: store.FeatureView) -> None:
    with st.container(border=True):
        st.markdown("##### Context documents")
        previews = store.read_previews(deps, actor, feature_id=feature.id) if feature.documents else {}
        for document in feature.documents:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.text(f"{document.name} ({document.kind}, {CALLED[document.media_type]}, {document.size:,} bytes)")
                if st.button("Remove", key=f"configure_remove_{document.id}"):
                    store.remove_document(deps, actor, feature_id=feature.id, document_id=document.id)
                    st.rerun()
            if preview := previews.get(document.id):
                with st.container(width=320):  # the server scales nothing then
                    st.image(preview, width="stretch")
        kinds = [kind.value for kind in DocumentKind]
        kind = st.selectbox("Kind", kinds, key=f"configure_{feature.id}_kind")
        st.markdown(f":small[:gray[{effect_of(DocumentKind(kind))}]]")
        count = st.session_state.setdefault("configure_uploads", 0)
        upload = st.file_uploader(
            "Markdown or plain text, at most 1 MB; PDF, PNG or JPEG, at most 5 MB",
            key=f"configure_{feature.id}_upload_{count}",
        )
        if upload is not None and st.button("Add document", key=f"configure_{feature.id}_add"):
            try:
                with st.spinner("Reading it."):
                    store.add_document(
                        deps, actor, feature_id=feature.id, name=upload.name, kind=kind, data=upload.getvalue()
                    )
            except UserError as error:
                st.error(plain(error))
            else:
                st.session_state["configure_uploads"] = count + 1
                st.rerun()


def draw_run_documents(deps: Deps, actor: Actor, run: RunView) -> None:
    """One at a time; nothing where the run has none."""
    documents = list_documents(deps, actor, run_id=run.id)
    if not documents:
        return
    # With a key and a state it stays open while the run goes on, and costs nothing while it is closed.
    key = f"run_documents_{run.id}"
    with st.expander("Context documents", key=key, on_change="rerun") as expander:
        if not expander.open:
            return
        chosen = st.selectbox(
            f"{len(documents)} documents" if len(documents) > 1 else "1 document",
            documents,
            format_func=lambda d: f"{d.name} ({d.kind.value}, {CALLED[d.media_type]})",
            key=f"run_document_{run.id}",
        )
        _draw_run_document(deps, actor, run, chosen)


def _draw_run_document(deps: Deps, actor: Actor, run: RunView, document: RunDocument) -> None:
    concerns = ", ".join(document.read_by).lower()
    opened = open_document(deps, actor, run_id=run.id, position=document.position)
    if not document.media_type.is_picture:
        st.markdown(f":small[:gray[Read by {plain(concerns)}.]]")
        st.code(opened.text, language=None, wrap_lines=True, height=360 if len(opened.text) > 1000 else "content")
        return
    blind = " The blueprint engine reads no pictures." if "blueprint" in run.engines else ""
    st.markdown(f":small[:gray[Concerns {plain(concerns)}.{blind}]]")
    st.image(opened.preview, caption=plain(document.name), width="stretch")
    st.download_button(
        "The picture as it was uploaded",
        data=lambda: read_original(deps, actor, run_id=run.id, position=document.position),
        file_name=document.name,
        mime=document.media_type.value,
        on_click="ignore",
        key=f"run_document_file_{run.id}_{document.position}",
    )
