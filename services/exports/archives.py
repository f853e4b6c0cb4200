"""Exports as zip files."""

from uuid import UUID

from services.actors import Actor
from services.deps import Deps
from services.errors import Conflict
from services.exports.contents import commits_of
from services.people.permissions import Action, require
from services.runs.views import read_workspace
from services.workspaces.archives import zip_bytes


def zip_run(deps: Deps, actor: Actor, *, run_id: UUID) -> bytes:
    """Everything that `export_run` writes, without the history. Raises: Conflict while there is nothing yet."""
    commits = commits_of(deps, actor, run_id)
    if not commits:
        raise Conflict("This run has made nothing yet.")
    return zip_bytes(commits[-1].files)


def zip_workspace(deps: Deps, actor: Actor, *, run_id: UUID) -> bytes:
    """Only the files of the generated service."""
    require(actor, Action.EXPORT)
    return zip_bytes(read_workspace(deps, actor, run_id=run_id))
