"""The test button says in words what is wrong: at the server, on the command line, on the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.__main__ import main
from services.actors import Role
from services.agents.claude.streams import Limits
from services.agents.claude.trial import Trial, try_models
from services.deps import Deps
from services.errors import InvalidInput, NotFound
from services.features import store
from services.features.engines import offered_engines
from services.runs.connections import find_connection, try_connection
from services.runs.start import start_run
from services.settings import Provider, ProviderKind
from services.workflow.options import EngineName
from tests.builders import REQUEST, a_feature, a_team, in_role
from tests.claude.calling import a_provider
from tests.servers import troubles as t
from tests.servers.messages_api import KEY, MessagesApi, says, serving

LIMITS = Limits(idle_seconds=0.3, total_seconds=2.0)


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with serving(MessagesApi(lambda _request: says("ready"))) as server:
        yield server


def one(provider: Provider) -> Trial:
    trials = try_models(provider, LIMITS)
    assert len(trials) == 1
    return trials[0]


def test_a_connection_that_works_says_model_address_time_and_price(api: MessagesApi) -> None:
    trial = one(a_provider(api))
    assert trial.is_working
    assert trial.sentence.startswith(f"claude-sonnet-5-5 at {api.address} answered in ")
    assert trial.sentence.endswith("2 USD per million tokens in, 10 out.")
    assert api.received[0].data["max_tokens"] == 16


def test_each_model_is_tried_once(api: MessagesApi) -> None:
    trials = try_models(a_provider(api, strong_model="claude-opus-5-5"), LIMITS)
    assert [trial.model for trial in trials] == ["claude-sonnet-5-5", "claude-opus-5-5"]


def test_a_model_without_a_price_says_what_that_means(api: MessagesApi) -> None:
    api.models = ("llama",)
    assert (
        "No price is known for it"
        in one(a_provider(api, model="llama", strong_model="llama", records_model="llama")).sentence
    )


def test_a_wrong_key(api: MessagesApi) -> None:
    trial = one(a_provider(api, key="sk-wrong-key-of-somebody"))
    assert trial.sentence == (
        f"{api.address} does not accept the key. It says: invalid x-api-key. Set ANTHROPIC_API_KEY to a valid key and restart."
    )


def test_an_unknown_model(api: MessagesApi) -> None:
    api.models = ("another",)
    assert "knows no model named claude-sonnet-5-5" in one(a_provider(api)).sentence


def test_a_wrong_address(api: MessagesApi) -> None:
    api.troubles = [t.page(404)]
    assert "it takes no messages there" in one(a_provider(api)).sentence


@pytest.mark.parametrize(
    "trouble", [t.page(200), t.page(200, b"{}", "application/json"), t.page(301)], ids=lambda x: x.name
)
def test_a_server_that_is_none(api: MessagesApi, trouble: t.Trouble) -> None:
    api.troubles = [trouble]
    assert "is no server of the Messages API" in one(a_provider(api)).sentence


@pytest.mark.parametrize("trouble", [t.garbage(), t.closed_before()], ids=lambda x: x.name)
def test_a_server_of_another_kind_is_no_connection(api: MessagesApi, trouble: t.Trouble) -> None:
    api.troubles = [trouble]
    assert "There is no connection" in one(a_provider(api)).sentence


def test_no_network() -> None:
    said = one(Provider(key=KEY, base_url="http://127.0.0.1:9")).sentence
    assert said.startswith("There is no connection to http://127.0.0.1:9.")
    assert said.endswith("Check the network, the proxy and the address.")


def test_a_name_that_does_not_exist() -> None:
    assert "There is no connection" in one(Provider(key=KEY, base_url="http://no-such-host.invalid")).sentence


def test_a_server_that_does_not_answer(api: MessagesApi) -> None:
    api.troubles = [t.silent()]
    assert "did not answer in time" in one(a_provider(api)).sentence


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (Provider(kind=ProviderKind.BEDROCK, region="eu-central-1"), "is not installed"),
        (Provider(kind=ProviderKind.VERTEX, region="europe-west1", project="p"), "is not installed"),
        (Provider(kind=ProviderKind.FOUNDRY, project="p"), "No credentials were found"),
    ],
    ids=["bedrock", "vertex", "foundry without a key"],
)
def test_a_cloud_that_is_not_set_up(provider: Provider, words: str) -> None:
    trial = one(provider)
    assert not trial.is_working
    assert words in trial.sentence


def with_provider(deps: Deps, provider: Provider | None) -> Deps:
    return replace(deps, settings=replace(deps.settings, provider=provider))


def test_the_engine_is_offered_only_where_a_provider_is_configured(deps: Deps) -> None:
    assert offered_engines(deps.settings) == (EngineName.BLUEPRINT,)
    assert EngineName.CLAUDE in offered_engines(with_provider(deps, Provider(key=KEY)).settings)


def test_without_a_provider_no_feature_and_no_run_gets_the_engine(deps: Deps) -> None:
    actor = a_team(deps)
    asked = REQUEST.model_copy(update={"engine": EngineName.CLAUDE})
    feature = a_feature(deps, actor, asked)
    with pytest.raises(InvalidInput, match="No model is configured here"):
        start_run(deps, actor, feature_id=feature.id)
    with pytest.raises(InvalidInput, match="No model is configured here"):
        store.submit_feature(deps, actor, feature_id=feature.id, form=asked.model_dump(mode="json"))
    start_run(with_provider(deps, Provider(key=KEY)), actor, feature_id=feature.id)


def test_a_team_sees_who_answers_and_may_try_it(deps: Deps, api: MessagesApi) -> None:
    actor = a_team(deps)
    here = with_provider(deps, a_provider(api))
    assert find_connection(deps, actor) is None
    found = find_connection(here, in_role(actor, Role.VIEWER))
    assert found is not None
    assert (found.address, KEY in repr(found)) == (api.address, False)
    assert [trial.is_working for trial in try_connection(here, actor)] == [True]
    with pytest.raises(NotFound, match="No model is configured"):
        try_connection(deps, actor)


def doctor(monkeypatch: pytest.MonkeyPatch, home: Path, **env: str) -> int:
    for name, value in {"GREENLIGHT_DATA": str(home), **env}.items():
        monkeypatch.setenv(name, value)
    return main(["doctor", "--try-models"])


def test_the_doctor_tries_and_never_tells_the_key(
    api: MessagesApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"GREENLIGHT_MODEL_URL": api.address, "ANTHROPIC_API_KEY": KEY}
    assert doctor(monkeypatch, tmp_path, **env) == 0
    assert doctor(monkeypatch, tmp_path, **{**env, "ANTHROPIC_API_KEY": "sk-another-key"}) == 3
    told = capsys.readouterr()
    assert "works: claude-sonnet-5-5 at" in told.out
    assert "does not work: " in told.out
    assert not [word for word in (KEY, "sk-another-key") if word in told.out + told.err]


def test_without_a_model_the_doctor_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert doctor(monkeypatch, tmp_path) == 3
    assert "no model is configured" in capsys.readouterr().out
