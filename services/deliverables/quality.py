"""Phase 3: what is tested and how, and what is not known. Nothing here claims a measurement; evidence does."""

from pydantic import Field

from services.deliverables.base import Deliverable, Record


class TestCase(Record):
    __test__ = False  # pytest collects classes by their name

    id: str = Field(description="T-n")
    level: str = Field(description="unit, api, contract, journey or acceptance")
    file: str
    proves: str
    criteria: tuple[str, ...] = ()


class Tests(Deliverable):
    methodology: str
    cases: tuple[TestCase, ...]
    coverage_minimum: int = Field(description="percent of lines and branches")
    not_tested: tuple[str, ...] = Field(description="what is not tested, and why")


class Finding(Record):
    id: str = Field(description="SF-n")
    cwe: str
    severity: str
    file: str
    line: int
    finding: str
    fix: str
    status: str


class SecurityCheck(Record):
    check: str = Field(description="OWASP WSTG id and title")
    was_run: bool
    result: str


class Trial(Record):
    """A generated test that calls an operation as a role. `tests` is empty where none was found."""

    role: str
    expected: str = Field(description="allowed or refused, by the contract")
    tests: tuple[str, ...] = Field(
        description="file::function, found by reading the tests; whether they pass is evidence"
    )


class Access(Record):
    operation: str
    allowed: tuple[str, ...]
    denied: tuple[str, ...]
    tried: tuple[Trial, ...] = ()


class ResidualRisk(Record):
    threat: str
    score: int = Field(description="likelihood x impact, before the mitigation is proven")
    state: str = Field(description="what was found of its test: written, or missing")
    open_until: str
    accepted_by: str = Field(description="a person by name; 'nobody yet'")


class Security(Deliverable):
    findings: tuple[Finding, ...]
    checks: tuple[SecurityCheck, ...]
    authorization: tuple[Access, ...]
    dependencies: tuple[str, ...]
    residual_risk: tuple[ResidualRisk, ...]


class Budget(Record):
    metric: str
    limit: str
    source: str
    measured: str


class Scenario(Record):
    name: str
    mix: str
    concurrency: int
    duration_seconds: int


class Improvement(Record):
    """`files`: those that were changed for it; empty for what is only proposed."""

    where: str
    evidence: str
    change: str
    files: tuple[str, ...] = ()


class Performance(Deliverable):
    budgets: tuple[Budget, ...]
    scenarios: tuple[Scenario, ...]
    improvements: tuple[Improvement, ...]
