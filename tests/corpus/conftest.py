"""One whole run for all tests of a request, and nothing left of it afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.runs import WholeRun, taken_through


@pytest.fixture(scope="module")
def whole_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, service_python: Path
) -> Iterator[WholeRun]:
    asked, row = request.param
    with taken_through(asked, row, tmp_path_factory.mktemp("run")) as run:
        yield run


@pytest.fixture
def finished(whole_run: WholeRun) -> WholeRun:
    if whole_run.exit_code:
        pytest.skip("The run is not finished; the test of that says why.")
    return whole_run
