"""What every story about people begins with: cheap hashes, and an installation that has its owner."""

import pytest

from services.deps import Deps
from services.people import passwords, setup
from tests.people.persons import PASSWORD


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with fewer rounds; `test_passwords.py` looks at the real number."""
    monkeypatch.setattr(passwords, "COST", 4)
    passwords._nobody.cache_clear()


@pytest.fixture
def owner(deps: Deps) -> str:
    """The user name of the first person, who owns the team Payments."""
    return setup.create_owner(deps, username="ada", name="Ada Lovelace", password=PASSWORD, team_name="Payments")
