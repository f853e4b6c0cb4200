"""Tests that cheat are found out: no trick makes a failing or uncovered workspace look good."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.evidence.measurements import Measurement
from services.evidence.sabotage import Place, Places
from services.evidence.source_tests import forbidden_acts
from services.evidence.test_runs import measure_tests
from tests.evidence import workspaces
from tests.evidence.workspaces import code, honest


def measure(environment: Path, files: Mapping[str, bytes], rules: Places | None = None) -> Measurement:
    return measure_tests(files, environment=environment, minimum_percent=80, rules=rules)


_FORGE = """
import json, pathlib
def forge():
    case = '<testcase name="test_all" time="0.1"><properties><property name="criterion" value="AC-1"/>' \\
           '<property name="test" value="tests/test_all.py::test_all"/><property name="asserts" value="3"/></properties></testcase>'
    pathlib.Path("junit.xml").write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")
    pathlib.Path("collected.json").write_text('["tests/test_all.py::test_all"]')
    summary = {"percent_covered": 100.0}
    report = {"totals": summary, "files": {"app/expenses.py": {"summary": summary}, "app/__init__.py": {"summary": summary}}}
    pathlib.Path("coverage.json").write_text(json.dumps(report))
"""

_PASSING_HOOK = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""

# What makes the one failing test of the workspace look as if it passed, or as if it was not there.
CHEATS: dict[str, dict[str, str]] = {
    "leave with success": {"tests/conftest.py": "import atexit, os\natexit.register(lambda: os._exit(0))\n"},
    "leave by another name": {
        "tests/conftest.py": "import atexit\nfrom os import _exit as leave\natexit.register(lambda: leave(0))\n"
    },
    "leave by a hidden name": {
        "tests/conftest.py": "import atexit, os\natexit.register(lambda: getattr(os, '_ex' + 'it')(0))\n"
    },
    "become another program": {
        "tests/conftest.py": "import atexit, os\natexit.register(lambda: os.execv('/usr/bin/true', ['true']))\n"
    },
    "forge the report and leave": {"tests/conftest.py": f"import os\n{_FORGE}\nforge()\nos._exit(0)\n"},
    "forge everything and become another program": {
        "tests/conftest.py": f"import atexit, os\n{_FORGE}\n"
        "atexit.register(lambda: (forge(), os.execv('/usr/bin/true', ['true'])))\n"
    },
    "forge everything from the application": {
        "app/expenses.py": f"import os\n{_FORGE}\nforge()\nos._exit(0)\n"
    },
    "forge everything at once, before a test has run": {
        "tests/conftest.py": f"import os\n{_FORGE}\nforge()\nos.execv('/usr/bin/true', ['true'])\n"
    },
    "a hook in the configuration": {"tests/conftest.py": _PASSING_HOOK},
    "a hook at the root": {"conftest.py": _PASSING_HOOK},
    "a hook from the application": {
        "app/hooks.py": _PASSING_HOOK,
        "tests/conftest.py": "from app.hooks import pytest_runtest_makereport\n",
    },
    "every hook from the application": {"app/hooks.py": _PASSING_HOOK, "tests/conftest.py": "from app.hooks import *\n"},
    "a hook by a hidden name": {
        "tests/conftest.py": "def passing(item, call):\n    pass\nglobals()['pytest_runtest_' + 'call'] = lambda item: None\n"
    },
    "a plugin of its own": {
        "tests/hooks.py": _PASSING_HOOK.replace("@pytest.hookimpl(wrapper=True)", "@pytest.hookimpl(hookwrapper=False)"),
        "tests/conftest.py": "pytest_plugins = ['tests.hooks']\n",
    },
    "deselecting": {
        "tests/conftest.py": "def pytest_collection_modifyitems(items):\n"
        "    items[:] = [i for i in items if 'twice' not in i.name]\n"
    },
    "options of its own": {
        "pytest.ini": "[pytest]\naddopts = --deselect tests/test_failing.py::test_nobody_approves_twice\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k submitted'\n",
        "tests/pytest.ini": "[pytest]\naddopts = -k submitted\n",
    },
    "a file that is left out": {"tests/conftest.py": "collect_ignore = ['test_failing.py']\n"},
    "files that are left out by pattern": {"tests/conftest.py": "collect_ignore_glob = ['*failing*']\n"},
    "a test that is no test": {
        "tests/test_failing.py": workspaces.with_a_failing_test()["tests/test_failing.py"].decode()
        + "\ntest_nobody_approves_twice.__test__ = False\n"
    },
    "a test that is taken away": {
        "tests/test_failing.py": workspaces.with_a_failing_test()["tests/test_failing.py"].decode()
        + "\ndel test_nobody_approves_twice\n"
    },
    "a test that another one hides": {
        "tests/test_failing.py": workspaces.with_a_failing_test()["tests/test_failing.py"].decode()
        + "\ndef test_nobody_approves_twice():\n    assert approve({'state': 'submitted'})\n"
    },
    "an import that is replaced": {
        "pytest.py": "import sys\nprint('all passed')\nsys.exit(0)\n",
        "greenlight_plugin.py": "",
    },
    "a start of the interpreter": {
        "sitecustomize.py": f"import os, sys\n{_FORGE}\nif 'pytest' in sys.orig_argv:\n    forge()\n    os.execv('/usr/bin/true', ['true'])\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CHEATS)
def test_a_failing_test_cannot_be_hidden_by(environment: Path, name: str) -> None:
    files = {**workspaces.with_a_failing_test(), **{path: code(text) for path, text in CHEATS[name].items()}}
    found = measure(environment, files)
    assert found.outcome != "passed", (found.reason, found.log[-2000:])


# What makes an uncovered module look covered; every test passes.
COVERAGE_CHEATS: dict[str, dict[str, str]] = {
    "a comment": {
        "app/untested.py": workspaces.with_half_the_coverage()["app/untested.py"].decode().replace(
            "def untested(total):", "def untested(total):  # pragma: no cover"
        )
    },
    "settings of its own": {
        ".coveragerc": "[run]\nomit = app/untested.py\n",
        "setup.cfg": "[coverage:run]\nomit = app/untested.py\n",
        "pyproject.toml": "[tool.coverage.run]\nomit = ['app/untested.py']\n[tool.coverage.report]\nexclude_also = ['.*']\n",
        "coverage.ini": "[run]\nomit = app/untested.py\n",
    },
    "taking the file away": {
        "tests/conftest.py": "import os\nif os.path.exists('app/untested.py'):\n    os.remove('app/untested.py')\n"
    },
    "adding a file that is covered": {
        "tests/conftest.py": "import pathlib\npathlib.Path('app/filler.py').write_text('x = 1\\n' * 2000)\nimport app.filler\n"
    },
    "forging the figure": {
        "tests/conftest.py": "import atexit, json, pathlib\n"
        "report = json.dumps({'totals': {'percent_covered': 100.0}, 'files': {}})\n"
        "atexit.register(lambda: pathlib.Path('coverage.json').write_text(report))\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("name", COVERAGE_CHEATS)
def test_coverage_cannot_be_raised_by(environment: Path, name: str) -> None:
    files = {**workspaces.with_half_the_coverage(), **{p: code(text) for p, text in COVERAGE_CHEATS[name].items()}}
    found = measure(environment, files)
    assert found.outcome != "passed", (found.reason, found.figures.get("coverage_by_file"))


_WEAK = """
import pytest

@pytest.mark.criterion("AC-9")
def test_it():
    assert 1 + 1 == 2
"""

# What makes a test that proves nothing look as if it failed over the broken application.
SABOTAGE_CHEATS: dict[str, dict[str, str]] = {
    "ending the process there": {
        "tests/conftest.py": "import os, pathlib, signal\n"
        "if 'broken on purpose' in pathlib.Path('app/expenses.py').read_text():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    },
    "leaving with a failure there": {
        "tests/conftest.py": "import pathlib, pytest\n"
        "if 'broken on purpose' in pathlib.Path('app/expenses.py').read_text():\n    pytest.exit('no', returncode=1)\n"
    },
    "taking the report away there": {
        "tests/conftest.py": "import atexit, os, pathlib\n"
        "if 'broken on purpose' in pathlib.Path('app/expenses.py').read_text():\n    atexit.register(lambda: os.remove('junit.xml'))\n"
    },
    "counting how often it runs": {
        "tests/test_weak.py": f"{_WEAK}\nruns = []\n\n@pytest.mark.criterion('AC-9')\ndef test_twice():\n    runs.append(1)\n    assert len(runs) == 1\n"
    },
    "counting, and calling what it should look at": {
        "tests/test_weak.py": "import pytest\nfrom app.expenses import approve\nruns = []\n\n@pytest.mark.criterion('AC-9')\ndef test_twice():\n"
        "    runs.append(1)\n    try:\n        approve({'state': 'submitted'})\n    except Exception:\n        pass\n    assert len(runs) == 1\n"
    },
    "looking for the switch": {
        "tests/test_weak.py": "import sys, pytest\n\n@pytest.mark.criterion('AC-9')\ndef test_it():\n"
        "    switches = [m for name, m in sys.modules.items() if name.endswith('light_switch')]\n    assert not any(s.broken for s in switches)\n"
    },
    "reading the source": {
        "tests/test_weak.py": "import pathlib, pytest\n\n@pytest.mark.criterion('AC-9')\ndef test_it():\n"
        "    assert '.stop()' not in pathlib.Path('app/expenses.py').read_text()\n"
    },
    "taking itself away there": {
        "tests/test_weak.py": "import pathlib\n"
        "if 'broken on purpose' not in pathlib.Path('app/expenses.py').read_text():\n"
        + "\n".join(f"    {line}" for line in _WEAK.splitlines())
    },
}  # fmt: skip


@pytest.mark.parametrize("rules", [{}, {"AC-9": Place("app/expenses.py", "approve")}], ids=["everything", "its place"])
@pytest.mark.parametrize("name", SABOTAGE_CHEATS)
def test_a_test_that_proves_nothing_gains_nothing_by(environment: Path, name: str, rules: Places) -> None:
    """Whether everything is broken or only the place that keeps the rule."""
    files = {**honest(), "tests/test_weak.py": code(_WEAK)}
    files |= {path: code(text) for path, text in SABOTAGE_CHEATS[name].items()}
    found = measure(environment, files, rules)
    judged = found.figures.get("criteria", {}).get("AC-9", {})
    assert judged.get("outcome") != "covered", judged


def test_a_workspace_cannot_reach_the_harness(environment: Path) -> None:
    extra = code("""
        import sys
        from pathlib import Path

        def test_it():
            Path(sys.modules["green" + "light_plugin"].__file__).write_text("")
        """)
    found = measure(environment, {**honest(), "tests/test_harness.py": extra})
    assert found.outcome == "failed"
    assert "Read-only file system" in found.log


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("import greenlight_switch", "greenlight_switch"),
        ("from greenlight_switch import broken", "greenlight_switch"),
        ("switch = app.expenses.greenlight_switch", "greenlight_switch"),
        ("switch = sys.modules['greenlight_switch']", "greenlight_switch"),
        ("place = os.environ['GREENLIGHT_MET']", "GREENLIGHT_MET"),
        ("leave = getattr(os, '_exit')", "_exit"),
    ],
)
def test_the_harness_may_not_be_asked(text: str, named: str) -> None:
    assert forbidden_acts({"tests/test_a.py": code(text)}) == [f"tests/test_a.py:1 {named}"]
