"""The generated service of an understanding: architecture, backend and tests, without reading any text."""

from pathlib import Path

from services.agents.blueprint.discovery import architecture
from services.agents.blueprint.implementation import backend
from services.agents.blueprint.testing import suites
from services.agents.engine import Brief, Draft, Result
from services.features.understanding import Understanding
from services.workflow.options import Methodology
from services.workflow.tasks import tasks_for
from tests.agents.chain import files_of
from tests.builders import REQUEST

_STEPS = (
    ("architecture", architecture.generate),
    ("tests-red", suites.generate_red),
    ("backend", backend.generate),
    ("tests", suites.generate),
)


def service_of(
    understanding: Understanding, methodology: Methodology = Methodology.TRADITIONAL, **options: object
) -> dict[str, Draft]:
    """Task key -> draft of the steps that make the service and its tests."""
    request = REQUEST.model_copy(update={"methodology": methodology, **options})
    tasks = {task.key: task for task in tasks_for(methodology)}
    made: dict[str, Draft] = {}
    for key, generate in _STEPS:
        if key in tasks:
            inputs = {k: Result(d.report, d.records.model_dump(mode="json")) for k, d in made.items()}
            files = files_of(made.values())
            brief = Brief(
                task=tasks[key], request=request, understanding=understanding, documents=(), inputs=inputs, files=files
            )
            made[key] = generate(brief)
    return made


def write(files: dict[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder
