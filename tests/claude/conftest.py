"""A server that speaks the Messages API, with agents that play all twelve tasks; one for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.claude.playing import Players
from tests.servers.messages_api import MessagesApi, serving


@pytest.fixture(scope="module")
def server() -> Iterator[MessagesApi]:
    with serving(MessagesApi(Players())) as running:
        yield running


@pytest.fixture
def api(server: MessagesApi) -> MessagesApi:
    server.begin_anew(Players())
    return server
