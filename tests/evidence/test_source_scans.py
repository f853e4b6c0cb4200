"""Weaknesses and secrets are found with their line, whatever the workspace says about itself; the blueprint's are clean."""

from dataclasses import replace

import pytest

from services.evidence.environments import Environments
from services.evidence.source_scans import knowing, measure_secrets, measure_source
from services.evidence.subjects import Subject
from tests.evidence.subjects import generated, with_files, without_environments

pytestmark = pytest.mark.usefixtures("environments")


@pytest.fixture(scope="module")
def subject(environments: Environments) -> Subject:
    return generated()


def test_what_the_blueprint_writes_is_clean(subject: Subject) -> None:
    for measured in (measure_source(subject), measure_secrets(subject)):
        assert (measured.outcome, measured.findings) == ("passed", ()), measured.reason
        assert measured.isolation == "bubblewrap"
        assert measured.figures["files_read"] > 20


WEAK = {
    "B602": ("critical", "import subprocess\n\ndef run(text):\n    subprocess.run(text, shell=True)\n", 4),
    "B307": ("critical", "def run(text):\n    return eval(text)\n", 2),
    "B301": ("critical", "import pickle\n\ndef run(data):\n    return pickle.loads(data)\n", 4),
    "B608": ("high", 'def run(db, name):\n    return db.execute("SELECT * FROM x WHERE n = \'" + name + "\'")\n', 2),
    "B105": ("high", 'password = "correct horse"\n', 1),
}


@pytest.mark.parametrize("rule", WEAK)
@pytest.mark.parametrize("silenced", ["", "  # nosec"])
def test_a_weakness_is_found_and_no_comment_silences_it(subject: Subject, rule: str, silenced: str) -> None:
    severity, code, line = WEAK[rule]
    lines = code.splitlines()
    lines[line - 1] += silenced
    weak = {"app/weak.py": "\n".join(lines).encode() + b"\n", ".bandit": b"[bandit]\nskips: B602,B307,B301,B608,B105\n"}
    measured = measure_source(replace(subject, files=weak))
    assert measured.outcome == "failed"
    found = {(f.rule, f.severity.value, f.place, f.task) for f in measured.findings}
    assert (rule, severity, f"app/weak.py:{line}", "backend") in found


def test_a_file_that_cannot_be_read_makes_it_not_measured(subject: Subject) -> None:
    measured = measure_source(with_files(subject, {"app/broken.py": b"def (:\n"}))
    assert (measured.outcome, "app/broken.py" in measured.reason) == ("not_measured", True)


# Made up, in the form that the vendors give them.
TOKENS = {
    "app/config.py": b'KEY = "AKIAQ3EGRJMXKX4TLZ7P"\n',
    "deploy/service.yaml": b"password: hunter2-is-long-enough\n",
    "web/config.js": b'export const api_key = "q8Zs7Wk2Lx9Vb4Nd6Tf1Hy3Rm5Pc0Ja";\n',
    "docs/key.pem": b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
}


@pytest.mark.parametrize("path", TOKENS)
@pytest.mark.parametrize("silenced", [b"", b"# pragma: allowlist secret\n"])
def test_a_secret_is_found_and_never_shown(subject: Subject, path: str, silenced: bytes) -> None:
    measured = measure_secrets(replace(subject, files={path: silenced + TOKENS[path]}))
    assert measured.outcome == "failed"
    mine = [f for f in measured.findings if f.place.split(":")[0] == path]
    assert mine
    assert {f.severity.value for f in mine} == {"critical"}
    secret = TOKENS[path].decode().split('"')[1] if b'"' in TOKENS[path] else "hunter2"
    assert secret not in repr(measured)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ('{"email": "a@example.org", "password": "passwordxxxx"}', "passed"),
        ('{"url": "https://example.org/b", "secret": "secret 1"}', "passed"),
        ('{"entities.api_key": "Api keys", "field.api_key.secret": "Secret"}', "passed"),
        ('{"email": "a@example.org", "password": "hunter2-is-long"}', "failed"),
        ('{"password": "passwordxxxx", "secret": "hunter2-is-long"}', "failed"),
    ],
)
def test_an_example_that_repeats_the_name_of_its_field_is_no_secret(subject: Subject, line: str, outcome: str) -> None:
    assert measure_secrets(replace(subject, files={"web/texts.json": f"{line}\n".encode()})).outcome == outcome


def test_only_what_is_new_or_was_not_clean_is_read_again(subject: Subject) -> None:
    files = {"app/a.py": b"A = 1\n", "app/b.py": b"B = 1\n", "app/config.py": TOKENS["app/config.py"]}
    first = measure_secrets(replace(subject, files=files))
    assert (first.figures["files_there"], first.figures["files_read"]) == (3, 3)
    later = knowing(subject, [first.figures])
    clear = measure_secrets(replace(later, files={"app/a.py": b"A = 1\n", "app/c.py": b"C = 1\n"}))
    assert clear.reason == "detect-secrets found no secret in 2 files, 1 of them new or changed."
    # The clean one elsewhere is another file, since its kind decides what counts as a secret.
    files = {**files, "app/b.py": TOKENS["app/config.py"], "docs/a.txt": files["app/a.py"]}
    again = measure_secrets(replace(later, files=files))
    assert (again.outcome, again.figures["files_there"], again.figures["files_read"]) == ("failed", 4, 3)
    assert sorted(finding.place for finding in again.findings) == ["app/b.py:1", "app/config.py:1"]


def test_what_another_scanner_read_is_read_again(subject: Subject) -> None:
    figures = measure_secrets(replace(subject, files={"app/a.py": b"A = 1\n"})).figures
    assert knowing(subject, [figures]).clean
    assert not knowing(subject, [figures, {}]).clean
    assert not knowing(subject, [{**figures, "read_by": "tools-of-yesterday 2"}]).clean
    assert not knowing(subject, []).clean


def test_without_tools_nothing_is_said_to_be_clean(subject: Subject) -> None:
    for measured in (measure_source(without_environments(subject)), measure_secrets(without_environments(subject))):
        assert (measured.outcome, "make run" in measured.reason) == ("not_measured", True)
