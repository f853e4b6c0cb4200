"""The key of the models goes to the provider and nowhere else: no row, no log, no screen, no sandbox."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from services.deps import Deps
from services.evidence import sandbox
from tests.builders import a_team
from tests.claude.playing import BY_CLAUDE, Players, connected, playing
from tests.runs.building import a_run, work_off
from tests.servers import troubles as t
from tests.servers.messages_api import KEY, MessagesApi, serving


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as server:
        yield server


def everything_in(deps: Deps) -> str:
    with deps.engine.connect() as connection:
        return repr([connection.execute(sa.select(table)).all() for table in SQLModel.metadata.sorted_tables])


def test_no_row_and_no_log_holds_it_also_when_the_server_repeats_it(
    deps: Deps, api: MessagesApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.troubles = [
        None,
        t.status(500, "api_error", f"your key {KEY} is nice"),
        *[t.status(401, "authentication_error", KEY)] * 3,
    ]
    work_off(deps, a_run(connected(deps), a_team(deps), BY_CLAUDE), engine=playing(api))
    assert any(KEY in received.headers["authorization"] for received in api.received)
    rows = everything_in(deps)
    assert "(key)" in rows
    assert KEY not in rows
    assert KEY not in caplog.text


def test_no_sandbox_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code of agents looks where it would be: in its own environment, and in those of all processes."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    level = sandbox.probe().level
    if level is sandbox.IsolationLevel.NONE:
        pytest.skip("this machine has no sandbox")
    code = (
        "import glob, os\n"
        "print('looked', dict(os.environ))\n"
        "for path in glob.glob('/proc/*/environ'):\n"
        "    try:\n"
        "        print(open(path, 'rb').read())\n"
        "    except OSError as error:\n"
        "        print(error)\n"
    )
    found = sandbox.run_isolated(
        ["look.py"], files={"look.py": code.encode()}, environment=Path(sys.prefix), level=level
    )
    assert "looked" in found.output
    assert KEY not in found.output
