"""The table of checks: when each runs, what it looks at, and what it needs. A new check is one file and one row here."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from services.evidence import (
    contracts,
    delivery,
    dependencies,
    drawn_requests,
    experiments,
    flags,
    loads,
    migrations,
    monitoring,
    optimisations,
    page_pictures,
    service_security,
    source_scans,
    tracking,
)
from services.evidence.measurements import Measurement
from services.evidence.papers import consistency, documents
from services.evidence.sandbox import probe
from services.evidence.subjects import Subject, View, before_code, below, everything, tested, with_records
from services.evidence.test_runs import measure_red, measure_tests
from services.workflow.options import DeploymentStrategy, Methodology

# What a request says in words reaches checks only by what was made of it.
_WORDS = {"title", "description", "corrections"}


@dataclass(frozen=True)
class Check:
    """`phases`: the gates before which it must have run. `looks_at`: the files that it measures; its evidence is about their
    tree. `version` moves when the same files may be judged otherwise than before. `is_alone`: nothing else may run on the
    machine meanwhile, because it measures time or needs most of the memory.
    """

    name: str
    phases: tuple[int, ...]
    run: Callable[[Subject], Measurement]
    looks_at: View = tested
    version: int = 1
    is_alone: bool = False
    methodologies: tuple[Methodology, ...] = tuple(Methodology)
    strategies: tuple[DeploymentStrategy, ...] = tuple(DeploymentStrategy)

    def concerns(self, subject: Subject, phase: int) -> bool:
        request = subject.request
        return (
            phase in self.phases
            and request.methodology in self.methodologies
            and request.deployment_strategy in self.strategies
        )

    def tree(self, subject: Subject) -> str:
        """The id of the git tree that it measures."""
        return subject.tree(self.name, self.looks_at)

    def over(self, subject: Subject) -> str:
        """A fingerprint of all that a measurement of it follows from."""
        rules = {criterion: [list(place) for place in places] for criterion, places in subject.rules.items()}
        level = [probe().level.value, subject.allow_unsandboxed, subject.audits_dependencies]
        parameters = [rules, subject.request.model_dump(mode="json", exclude=_WORDS)]
        follows = [self.name, self.version, self.tree(subject), subject.environments.names, level, parameters]
        return hashlib.sha256(json.dumps(follows, sort_keys=True).encode()).hexdigest()


CHECKS = (
    Check(
        "tests_red",
        (2,),
        lambda s: measure_red(s.before_code, environment=s.environments.runtime, allow_unsandboxed=s.allow_unsandboxed),
        before_code,
        methodologies=(Methodology.TDD,),
    ),
    Check(
        page_pictures.CHECK,
        (2,),
        lambda s: page_pictures.measure_page(
            s.tested, environment=s.environments.runtime, allow_unsandboxed=s.allow_unsandboxed
        ),
        is_alone=True,
    ),
    Check(
        "tests",
        (3, 4),
        lambda s: measure_tests(
            s.tested,
            environment=s.environments.runtime,
            minimum_percent=s.request.test_coverage_min,
            rules=s.rules,
            allow_unsandboxed=s.allow_unsandboxed,
        ),
        version=2,
    ),
    Check(
        optimisations.CHECK,
        (3,),
        lambda s: optimisations.measure_change(
            s.unchanged, s.tested, environment=s.environments.runtime, allow_unsandboxed=s.allow_unsandboxed
        ),
    ),
    Check(
        loads.CHECK,
        (3, 4),
        loads.measure_performance,
        with_records(loads.loaded, "architecture"),
        loads.VERSION,
        is_alone=True,
    ),
    Check(
        service_security.CHECK,
        (3, 4),
        service_security.measure_service_security,
        loads.loaded,
        service_security.VERSION,
    ),
    Check(drawn_requests.CHECK, (3,), drawn_requests.measure_drawn_requests, loads.loaded, drawn_requests.VERSION),
    Check(contracts.CHECK, (2, 3, 4), contracts.measure_contract, contracts.promised, contracts.VERSION),
    Check(source_scans.SOURCE, (3, 4), source_scans.measure_source, source_scans.python_of, source_scans.VERSION),
    Check(source_scans.SECRETS, (3, 4), source_scans.measure_secrets, everything, source_scans.VERSION),
    Check(
        dependencies.CHECK, (3, 4), dependencies.measure_dependencies, below("requirements.txt"), dependencies.VERSION
    ),
    Check(migrations.CHECK, (2, 3, 4), migrations.measure_migrations, migrations.migrated, migrations.VERSION),
    Check(flags.CHECK, (3, 4), flags.measure_flags, with_records(flags.asked_for, "backend"), flags.VERSION),
    Check(tracking.CHECK, (3, 4), tracking.measure_tracking, with_records(tracking.sending, "data"), tracking.VERSION),
    Check(
        experiments.CHECK,
        (4,),
        experiments.measure_experiment,
        with_records(below(experiments.FILE), "data", "deployment"),
        experiments.VERSION,
        strategies=(DeploymentStrategy.A_B_TEST,),
    ),
    Check(
        monitoring.CHECK,
        (4,),
        monitoring.measure_monitoring,
        with_records(below("observability/", "app/"), "observability"),
        monitoring.VERSION,
    ),
    Check(delivery.PIPELINE, (4,), delivery.measure_pipeline, everything, delivery.VERSION),
    Check(
        delivery.MANIFESTS, (4,), delivery.measure_manifests, with_records(everything, "deployment"), delivery.VERSION
    ),
    Check(
        consistency.CHECK, (1, 2, 3, 4), consistency.measure_consistency, with_records(everything), consistency.VERSION
    ),
    Check(
        documents.CHECK, (4,), documents.measure_documents, with_records(everything, "documentation"), documents.VERSION
    ),
)


def trees_of(subject: Subject) -> dict[str, str]:
    """Check -> the id of the tree that it would measure now; evidence over any other is stale."""
    return {check.name: check.tree(subject) for check in CHECKS}
