"""A real model behind a real server, both of other makers: what our client of them does is true of more than our own server."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from services.agents.claude.calls import Caller, Pace
from services.agents.claude.clients import make_client
from services.agents.claude.prices import PriceList
from services.agents.claude.streams import Limits
from services.agents.claude.trial import try_models
from services.errors import ModelFailed
from services.settings import ROOT, Provider
from tests.claude.calling import Heard
from tests.fakes.paying_work import PayingWork
from tests.machine import a_free_port
from tests.runs.processes import wait_until
from tests.servers.real_model import missing_packages

pytestmark = [
    pytest.mark.skipif(bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"),
    pytest.mark.timeout(300),
]
LIMITS = Limits(idle_seconds=60.0, total_seconds=120.0)
ASKED: dict[str, Any] = {
    "model": "smollm2",
    "system": [{"type": "text", "text": "You are a poet."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Write a long poem about the sea."}]}],
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = a_free_port()
    command = [sys.executable, "-m", "tests.servers.real_model", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: told(f"{address}/health") == {"status": "ok"}, seconds=60)
            yield address
        finally:
            process.kill()


def told(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)
    except OSError:
        return None


@pytest.fixture
def caller(address: str) -> Caller:
    return Caller(Provider(base_url=address), PriceList(), limits=LIMITS, pace=Pace(attempts=1))


def test_an_answer_streams_in_pieces_and_is_counted(caller: Caller) -> None:
    heard, work = Heard(), PayingWork()
    reply = caller.call({**ASKED, "max_tokens": 24}, work=work, key="k", listener=heard)
    assert (reply.text, reply.stop_reason) == ("".join(heard.pieces), "max_tokens")
    assert len(heard.pieces) > 5
    assert reply.usage["output_tokens"] == 24
    assert [cost for _, cost in work.payments.values()] == [None]  # nobody has told its price


def test_tokens_are_counted_before_they_are_sent_as_they_are_counted_then(caller: Caller, address: str) -> None:
    client = make_client(caller.provider, idle_seconds=LIMITS.idle_seconds)
    counted = client.messages.count_tokens(**ASKED).input_tokens
    reply = caller.call({**ASKED, "max_tokens": 1}, work=PayingWork(), key="k", listener=Heard())
    assert reply.usage["input_tokens"] + reply.usage["cache_read_input_tokens"] == counted


def test_a_stop_reaches_the_model(caller: Caller, address: str) -> None:
    heard, work = Heard(), PayingWork()

    def hears_and_stops(text: str) -> None:
        heard.pieces.append(text)
        work.is_stopped = True

    heard.text = hears_and_stops  # type: ignore[method-assign]
    with pytest.raises(ModelFailed, match="Somebody stopped this run"):
        caller.call({**ASKED, "max_tokens": 3_000}, work=work, key="k", listener=heard)
    assert heard.pieces
    wait_until(lambda: is_idle(address), seconds=10)  # the whole poem takes minutes


def is_idle(address: str) -> bool:
    slots = told(f"{address}/slots")
    return bool(slots) and not any(slot["is_processing"] for slot in slots)


def test_the_test_of_the_connection_finds_it(address: str) -> None:
    [trial] = try_models(Provider(base_url=address, model="smollm2", strong_model="smollm2", records_model="smollm2"))
    assert trial.is_working
    assert trial.sentence.startswith(f"smollm2 at {address} answered in ")
