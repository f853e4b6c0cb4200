"""Who answers for the models comes from the environment or the secrets folder, and the key goes nowhere else."""

import stat
from pathlib import Path
from typing import Any

import pytest

from services.agents.claude.clients import NO_KEY, make_client
from services.errors import StartError
from services.settings import ANTHROPIC_URL, Provider, ProviderKind, Settings, read_settings
from tests.servers.messages_api import KEY


def settings(tmp_path: Path, **env: str) -> Settings:
    return read_settings({"GREENLIGHT_DATA": str(tmp_path), **env})


def provider(tmp_path: Path, **env: str) -> Provider:
    found = settings(tmp_path, **env).provider
    assert found
    return found


def test_without_a_key_or_an_address_there_is_no_provider(tmp_path: Path) -> None:
    assert settings(tmp_path).provider is None
    assert settings(tmp_path, ANTHROPIC_API_KEY=KEY, GREENLIGHT_MODEL_PROVIDER="none").provider is None


def test_a_key_alone_is_enough(tmp_path: Path) -> None:
    found = provider(tmp_path, ANTHROPIC_API_KEY=f" {KEY}\n")
    assert (found.kind, found.key, found.address) == (ProviderKind.ANTHROPIC, KEY, ANTHROPIC_URL)


def test_a_key_may_lie_in_the_secrets_folder(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "model_key").write_text(KEY + "\n")
    assert provider(tmp_path).key == KEY


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/messages/"]
)  # fmt: skip
def test_an_address_is_taken_however_it_is_copied(tmp_path: Path, url: str) -> None:
    assert provider(tmp_path, GREENLIGHT_MODEL_URL=url).base_url == "http://127.0.0.1:8080"


def test_one_model_works_for_all_until_others_are_named(tmp_path: Path) -> None:
    found = provider(tmp_path, ANTHROPIC_API_KEY=KEY, GREENLIGHT_MODEL="m", GREENLIGHT_MODEL_RECORDS="r")
    assert (found.model, found.strong_model, found.records_model) == ("m", "m", "r")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREENLIGHT_MODEL_PROVIDER", "openai"),
        ("GREENLIGHT_MODEL_URL", "127.0.0.1:8080"),
        ("GREENLIGHT_MODEL_URL", "http://user:secret@host"),
        ("GREENLIGHT_MODEL_URL", "http://host?key=secret"),
        ("GREENLIGHT_MODEL_PROVIDER", "bedrock"),
        ("GREENLIGHT_MODEL_PROVIDER", "vertex"),
        ("GREENLIGHT_MODEL_PROVIDER", "foundry"),
        ("ANTHROPIC_API_KEY", "two\nlines-secret"),
        ("ANTHROPIC_API_KEY", "sécret"),
    ],
)
def test_what_cannot_be_used_stops_the_start_without_telling_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(StartError) as caught:
        settings(tmp_path, **{name: value})
    assert "secret" not in str(caught.value)


def test_no_key_is_in_what_is_printed(tmp_path: Path) -> None:
    assert KEY not in repr(settings(tmp_path, ANTHROPIC_API_KEY=KEY))


def test_a_stray_environment_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://elsewhere")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "stray")
    client: Any = make_client(Provider(key=KEY), idle_seconds=1)
    assert (str(client.base_url).rstrip("/"), client.api_key, client.auth_token) == (ANTHROPIC_URL, KEY, None)
    assert client.max_retries == 0


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (Provider(kind=ProviderKind.BEDROCK, region="eu-central-1"), "AnthropicBedrock"),
        (Provider(kind=ProviderKind.VERTEX, region="europe-west1", project="p"), "AnthropicVertex"),
        (Provider(kind=ProviderKind.FOUNDRY, key="k", project="r"), "AnthropicFoundry"),
        (Provider(kind=ProviderKind.FOUNDRY, key="k", base_url="http://x"), "AnthropicFoundry"),
        (Provider(base_url="http://x"), "Anthropic"),
    ],
)
def test_every_kind_of_provider_has_its_client(found: Provider, name: str) -> None:
    client: Any = make_client(found, idle_seconds=1)
    assert (type(client).__name__, client.max_retries) == (name, 0)


def test_a_server_of_one_s_own_may_need_no_key() -> None:
    client: Any = make_client(Provider(base_url="http://x"), idle_seconds=1)
    assert client.api_key == NO_KEY


def test_a_generated_secret_is_for_the_owner_only(tmp_path: Path) -> None:
    settings(tmp_path).secret("ledger_key")
    assert stat.S_IMODE((tmp_path / "secrets" / "ledger_key").stat().st_mode) == 0o600
