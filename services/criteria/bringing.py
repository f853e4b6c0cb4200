"""Evidence that a person brings from another machine: named in the ledger, bound to the files where it can be."""

import hashlib
from uuid import UUID

from db.queries.runs import find_run, move_version
from db.tables import Evidence
from services import ledger
from services.actors import Actor, ActorKind
from services.criteria.current import keep_verdicts
from services.criteria.subjects import subject_of
from services.deps import Deps
from services.errors import InvalidInput, NotAllowed, NotFound
from services.evidence.measurements import FROM_OUTSIDE, as_rows
from services.evidence.outside.reading import bound_to, read_outside
from services.evidence.outside.told import UnreadableFile
from services.evidence.registry import trees_of
from services.people.events import record_for_team
from services.people.permissions import Action, require


def bring_evidence(deps: Deps, actor: Actor, *, run_id: UUID, name: str, data: bytes) -> str:
    """Keeps what a file says and answers with one sentence of what it is bound to.

    Raises: InvalidInput for a file that cannot be read, NotAllowed, NotFound.
    """
    require(actor, Action.DECIDE)
    with deps.session() as session:
        run = find_run(session, actor.team_id, run_id, lock=True)
        if run is None:
            raise NotFound("This run does not exist in your team.")
        if actor.kind is not ActorKind.PERSON:
            raise NotAllowed("Only a person who is signed in can bring evidence. Do it in the browser.")
        try:
            told = read_outside(data)
        except UnreadableFile as error:
            raise InvalidInput({"file": str(error)}) from error
        subject = subject_of(session, deps.settings, run)
        tree, why = bound_to(told, subject.files, trees_of(subject))
        digest = hashlib.sha256(data).hexdigest()
        row = Evidence(
            id=deps.new_id(),
            run_id=run.id,
            phase=run.phase,
            segment=run.segment,
            check=told.check,
            tool=told.tool,
            tool_version=told.tool_version,
            isolation=FROM_OUTSIDE,
            enforced={},
            tree=tree,
            outcome=told.outcome,
            reason=f"{told.reason} {actor.name} brought it. {why}",
            figures={**told.figures, "file": name[:200], "sha256": digest},
            findings=as_rows(told.findings),
            log="",
            started_at=deps.now(),
            duration_seconds=0.0,
        )
        session.add(row)
        payload = {"run": str(run.id), "evidence": str(row.id), "check": told.check, "sha256": digest, "tree": tree}
        ledger.append(session, key=deps.ledger_key, actor=actor, act="bring_evidence", payload=payload, at=deps.now())
        session.flush()
        keep_verdicts(session, deps, run)
        record_for_team(session, deps, actor, "evidence.brought", run_id=run.id, check=told.check, outcome=told.outcome)
        move_version(session, run.id)
        session.commit()
    return why
