"""Dispatches a task to its generator."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from services.agents.blueprint.deployment import documentation, observability, release
from services.agents.blueprint.discovery import architecture, business, risk
from services.agents.blueprint.implementation import backend, data, frontend
from services.agents.blueprint.remarks import answers
from services.agents.blueprint.testing import performance, security, suites
from services.agents.engine import Brief, Draft, Work

GENERATORS: Mapping[str, Callable[[Brief], Draft]] = {
    "business": business.generate,
    "architecture": architecture.generate,
    "risk": risk.generate,
    "tests-red": suites.generate_red,
    "backend": backend.generate,
    "frontend": frontend.generate,
    "data": data.generate,
    "tests": suites.generate,
    "security": security.generate,
    "performance": performance.generate,
    "deployment": release.generate,
    "observability": observability.generate,
    "documentation": documentation.generate,
}


# Of these everything that it makes follows, besides the brief.
_SOURCES = ("agents/blueprint", "deliverables", "features", "workflow")


@cache
def source_version() -> str:
    """A fingerprint of the generators, so that what an older one made is not kept as if this one had made it."""
    services = Path(__file__).parents[2]
    files = sorted(path for folder in _SOURCES for path in (services / folder).rglob("*") if path.suffix != ".pyc")
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.relative_to(services).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


class BlueprintEngine:
    """Stands behind the door of `services/agents/engine.py`."""

    name = "blueprint"
    can_repair = False  # the same brief gives the same result

    @property
    def version(self) -> str:
        return source_version()

    def produce(self, brief: Brief, work: Work) -> Draft:
        title, read = brief.task.title, ", ".join(brief.task.reads) or "the request"
        work.emit(f"{title}: reading {read}.")
        read_here = [d.name for d in brief.documents if not d.media_type.is_picture]
        if read_here:
            work.emit(f"Context documents read: {', '.join(read_here)}.")
        if unseen := [d.name for d in brief.documents if d.media_type.is_picture]:
            work.emit(f"Pictures, which this engine does not read: {', '.join(unseen)}.")
        draft = GENERATORS[brief.task.key](brief)
        work.emit(
            f"{len(draft.files)} files and {_records(draft)} records written."
            if draft.files
            else f"{_records(draft)} records written."
        )
        return replace(draft, answers=answers(brief))


def _records(draft: Draft) -> int:
    return sum(len(value) for value in draft.records.model_dump().values() if isinstance(value, tuple | list))
