"""A worker's process with a clock that a test moves: makes one attempt at the first task of a run, and says how it ended.

python -m tests.fakes.working_process DATABASE DATA CLOCK ADDRESS RUN ATTEMPT
"""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from db.engine import make_engine
from services.agents.claude.engine import ClaudeEngine
from services.agents.claude.streams import Limits
from services.deps import Deps
from services.runs import work
from services.settings import Provider, read_settings
from tests.claude.playing import caller_for
from tests.conftest import RecordingDispatcher
from tests.servers.messages_api import KEY


def main(database: str, data: str, clock: str, address: str, run: str, attempt: str) -> None:
    provider = Provider(key=KEY, base_url=address)
    settings = replace(read_settings({"GREENLIGHT_DATA": data, "DATABASE_URL": database}), provider=provider)
    deps = Deps(
        settings,
        make_engine(settings.database_url),
        RecordingDispatcher(),
        lambda: datetime.fromisoformat(Path(clock).read_text(encoding="utf-8")),
        uuid4,
        ledger_key=None,
    )
    # As patient as a test on a busy machine needs: who tries may be kept waiting while another process starts.
    caller = replace(caller_for(provider), limits=Limits(idle_seconds=120.0, total_seconds=120.0), _client=None)
    engine = ClaudeEngine(caller)
    sys.stdout.write(work.execute(deps, {"claude": engine}, UUID(run), "business", 1, int(attempt)).value)


if __name__ == "__main__":
    main(*sys.argv[1:])
