"""Screens without a browser: AppTest over real services and a home of its own, copied from one that was built once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.components.session import get_deps
from services import bootstrap
from services.deps import Deps
from services.settings import read_settings
from tests.pages import homes
from tests.pages.homes import People


@pytest.fixture
def navigation_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest goes back to the folder's own routing before every run; a server leaves it at its start."""
    begin = PagesManager.__init__

    def patched(self: PagesManager, *args: object, **named: object) -> None:
        begin(self, *args, **named)  # type: ignore[arg-type]
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", patched)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `empty`, `people` and `gate`, see tests/pages/homes.py."""
    folder = tmp_path_factory.mktemp("homes")
    for name, fill in homes.HOMES.items():
        deps = bootstrap.web_deps(read_settings({"GREENLIGHT_DATA": str(folder / name)}))
        fill(deps)
        deps.engine.dispose()
    return folder


def _opened(built: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deps]:
    shutil.copytree(built / name, tmp_path / "home")
    for variable in ("DATABASE_URL", "GREENLIGHT_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GREENLIGHT_DATA", str(tmp_path / "home"))
    st.cache_resource.clear()
    deps = get_deps()
    yield deps
    deps.engine.dispose()
    st.cache_resource.clear()


@pytest.fixture
def nobody(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, navigation_mode: None) -> Iterator[Deps]:
    """An installation that nobody has visited."""
    yield from _opened(built, "empty", tmp_path, monkeypatch)


@pytest.fixture
def people(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, navigation_mode: None) -> Iterator[People]:
    """Two teams without a feature or a run."""
    for deps in _opened(built, "people", tmp_path, monkeypatch):
        yield homes.find_people(deps)


@pytest.fixture
def at_gate(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, navigation_mode: None) -> Iterator[People]:
    """Ada's run waits at its third gate, with measured tests; Otto's run in another team waits at its first."""
    for deps in _opened(built, "gate", tmp_path, monkeypatch):
        yield homes.find_people(deps)


@pytest.fixture
def cold(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    """As `at_gate`, in a server that has not run app.py yet: the address decides which file is run."""
    for deps in _opened(built, "gate", tmp_path, monkeypatch):
        yield homes.find_people(deps)
