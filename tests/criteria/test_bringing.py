"""Evidence from another machine: kept with its name, in the ledger, and deciding only where it is bound to the files."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from db.queries.ledger import last_entry
from db.tables import Evidence, LedgerEntry
from services.actors import Actor, ActorKind, Role
from services.criteria.bringing import bring_evidence
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed, NotFound
from services.runs.views import read_workspace
from tests.builders import a_member, a_team
from tests.runs.building import a_run_at_gate, counts, rows


def an_audit(deps: Deps, actor: Actor, run_id: UUID, *, without: str = "") -> bytes:
    """Every package that the run pins, audited and found clean."""
    lines = read_workspace(deps, actor, run_id=run_id)["requirements.txt"].decode().splitlines()
    pinned = [line.split(";")[0].strip().split("==") for line in lines if "==" in line]
    parts = [{"name": name, "version": version} for name, version in pinned if name != without]
    return json.dumps({"bomFormat": "CycloneDX", "components": parts, "vulnerabilities": []}).encode()


def bring(deps: Deps, actor: Actor, run_id: UUID, data: bytes) -> str:
    return bring_evidence(deps, actor, run_id=run_id, name="audit.json", data=data)


def test_an_audit_of_every_pinned_package_counts_for_these_files_and_is_named(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    why = bring(deps, actor, run_id, an_audit(deps, actor, run_id))
    assert why.startswith("It names all ")
    newest = [e for e in rows(deps, Evidence, run_id) if e.isolation == "from outside"]
    assert [(e.check, e.outcome, bool(e.tree)) for e in newest] == [("dependencies", "passed", True)]
    assert f"{actor.name} brought it." in newest[0].reason
    with deps.reading() as session:
        entry = last_entry(session, actor.team_id)
    assert entry is not None
    assert (entry.act, entry.payload["sha256"]) == ("bring_evidence", newest[0].figures["sha256"])


def test_an_audit_that_leaves_a_package_out_is_bound_to_nothing(deps: Deps) -> None:
    actor = a_team(deps)
    run_id = a_run_at_gate(deps, actor, phase=3)
    assert "does not name fastapi" in bring(deps, actor, run_id, an_audit(deps, actor, run_id, without="fastapi"))
    assert [e.tree for e in rows(deps, Evidence, run_id) if e.isolation == "from outside"] == [""]


def test_who_may_not_decide_brings_nothing_and_nothing_unreadable_is_kept(deps: Deps) -> None:
    owner = a_team(deps)
    run_id = a_run_at_gate(deps, owner)
    viewer = a_member(deps, owner.team_id, username="vera", role=Role.VIEWER)
    by_command = replace(owner, kind=ActorKind.COMMAND_LINE)
    before = counts(deps, (Evidence, LedgerEntry))
    for actor, data, error in (
        (viewer, b"{}", NotAllowed),
        (by_command, b"{}", NotAllowed),
        (a_team(deps, "Others"), b'{"bomFormat": "CycloneDX"}', NotFound),
        (owner, b"PK\x03\x04", InvalidInput),
    ):
        with pytest.raises(error):
            bring(deps, actor, run_id, data)
    assert counts(deps, (Evidence, LedgerEntry)) == before
