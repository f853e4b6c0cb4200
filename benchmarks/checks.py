"""`make bench`: seconds of all checks of a run, gate by gate as the product runs them, and of a re-check after one file has changed.

For a simple and a medium request of `tests/corpus`; a check that has measured the same files already is left out, as in a run.
"""

import time
from collections.abc import Mapping
from dataclasses import replace

from services.evidence.measurements import Measurement
from services.evidence.registry import CHECKS, Check
from services.evidence.rounds import run_checks
from services.evidence.source_scans import SECRETS, knowing
from services.evidence.subjects import Subject
from services.workflow.tasks import PHASES, TASKS, owner_of
from tests.corpus.judged_runs import CASES
from tests.evidence.subjects import of_the_corpus

CHOSEN = {"simple": "01-wishlists", "medium": "31-audit-trail"}
CHANGED = "README.md", "app/observability.py"


def until(subject: Subject, phase: int) -> Subject:
    """What there is at a gate."""
    keys = {task.key for task in TASKS if task.phase <= phase} | {"tests-red"}

    def kept(files: dict[str, bytes]) -> dict[str, bytes]:
        return {path: data for path, data in files.items() if owner_of(TASKS, path) in keys}

    return replace(
        subject,
        files=kept(dict(subject.files)),
        tested=kept(dict(subject.unchanged if phase < 3 else subject.tested)),
        records={key: value for key, value in subject.records.items() if key in keys},
    )


def with_line(subject: Subject, path: str) -> Subject:
    """One more empty line in a file; what tests do not look at stays out of what they look at."""
    change = {path: subject.files[path] + b"\n"}
    tested = {**subject.tested, **change} if path in subject.tested else subject.tested
    return replace(subject, files={**subject.files, **change}, tested=tested)


def timed(due: list[Check], subject: Subject) -> tuple[float, dict[str, Measurement]]:
    began = time.perf_counter()
    found = {check.name: measured for check, measured in run_checks(due, subject)}
    for name, measured in found.items():
        print(f"| | {name} | {measured.duration_seconds:.1f} | {measured.outcome} |")
    return time.perf_counter() - began, found


def main() -> None:
    for name, id_ in CHOSEN.items():
        whole = of_the_corpus(id_)
        row = CASES[id_][1]
        print(
            f"\n{id_}: {name}, {row['methodology']}, {row['deployment_strategy']}\n\n| gate | check | seconds | outcome |\n|---|---|---:|---|"
        )
        known: set[str] = set()
        read: list[Mapping[str, object]] = []
        spent = 0.0
        for phase in PHASES:
            subject = until(whole, phase.number)
            due = [c for c in CHECKS if c.concerns(subject, phase.number) and c.over(subject) not in known]
            seconds, found = timed(due, knowing(subject, read))
            read += [found[SECRETS].figures] if SECRETS in found else []
            known |= {check.over(subject) for check in due}
            spent += seconds
            print(f"| {phase.number} | all | {seconds:.1f} | |")
        print(f"\nAll checks: {spent:.1f} s")
        for path in CHANGED:
            changed = knowing(with_line(whole, path), read)
            due = [c for c in CHECKS if c.concerns(changed, 4) and c.over(changed) not in known]
            began = time.perf_counter()
            list(run_checks(due, changed))
            print(f"After a change of {path}: {time.perf_counter() - began:.1f} s for {', '.join(c.name for c in due)}")


if __name__ == "__main__":
    main()
