"""Settings of one process, read from the environment once, by bootstrap."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from services.errors import StartError

ROOT = Path(__file__).resolve().parents[1]


class ProviderKind(StrEnum):
    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    VERTEX = "vertex"
    FOUNDRY = "foundry"


ANTHROPIC_URL = "https://api.anthropic.com"
MODEL = "claude-sonnet-5-5"
MODEL_KEY_FILE = "model_key"
REPAIR_ROUNDS, REPAIR_ROUNDS_MAX = 2, 5


@dataclass(frozen=True)
class Provider:
    """Who answers for the models of the claude engine. The key is in this process only: never stored, shown or logged.

    `base_url` is empty where the provider's own address is meant. `project`: of Vertex, or the resource of Foundry.
    `prices_file`: rows that win over the table of prices, see docs/claude.md.
    """

    kind: ProviderKind = ProviderKind.ANTHROPIC
    key: str = field(default="", repr=False)
    base_url: str = ""
    region: str = ""
    project: str = ""
    model: str = MODEL
    strong_model: str = MODEL
    records_model: str = MODEL
    prices_file: Path | None = None

    @property
    def address(self) -> str:
        """Where its calls go, in words for people."""
        if self.base_url:
            return self.base_url
        return ANTHROPIC_URL if self.kind is ProviderKind.ANTHROPIC else f"{self.kind.value} {self.region}".strip()


@dataclass(frozen=True)
class MailSettings:
    """The server that sends our e-mail. `security`: "starttls", "ssl" or "none"; the password is never shown."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class Settings:
    """Where things are and what they may use. `docs/settings.md` lists the variables.

    `provider` is None where no model can be called; then only the blueprint engine is offered. `repair_rounds`: how often agents
    mend what failed checks found before people are asked at a gate.
    """

    data_dir: Path
    database_url: str
    durable_url: str
    environments_dir: Path
    embedded_worker: bool
    host: str
    port: int
    allow_unsandboxed: bool
    audit_dependencies: bool
    public_url: str
    allow_private_webhooks: bool
    mail: MailSettings | None
    provider: Provider | None = None
    repair_rounds: int = REPAIR_ROUNDS

    def secret(self, name: str) -> bytes:
        """A secret of 32 random bytes, made at first use, mode 0600, in the data folder."""
        given = os.environ.get(f"GREENLIGHT_{name.upper()}")
        if given is not None:
            if len(given) < 43:
                raise StartError(f"GREENLIGHT_{name.upper()} is too short: set at least 43 characters of randomness.")
            return given.encode()
        folder = self.data_dir / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        return path.read_bytes()


def read_settings(environ: dict[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises: StartError when a value cannot be used.
    """
    env = dict(os.environ) if environ is None else environ
    data = Path(env.get("GREENLIGHT_DATA") or ROOT / "data").expanduser().resolve()
    url = env.get("DATABASE_URL") or f"sqlite:///{data / 'greenlight.db'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise StartError("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    durable = f"sqlite:///{data / 'durable.db'}" if url.startswith("sqlite") else url
    worker = env.get("GREENLIGHT_WORKER", "embedded")
    if worker not in ("embedded", "external"):
        raise StartError("GREENLIGHT_WORKER must be 'embedded' or 'external'.")
    host, port = env.get("GREENLIGHT_HOST", "127.0.0.1"), _port(env, "GREENLIGHT_PORT", 8501)
    return Settings(
        data_dir=data,
        database_url=url,
        durable_url=durable,
        environments_dir=Path(env.get("GREENLIGHT_ENVIRONMENTS") or ROOT / ".environments").expanduser().resolve(),
        embedded_worker=worker == "embedded",
        host=host,
        port=port,
        allow_unsandboxed=env.get("GREENLIGHT_ALLOW_UNSANDBOXED") == "1",
        audit_dependencies=env.get("GREENLIGHT_AUDIT_DEPENDENCIES") == "1",
        public_url=_public_url(env.get("GREENLIGHT_URL") or f"http://{f'[{host}]' if ':' in host else host}:{port}"),
        allow_private_webhooks=env.get("GREENLIGHT_ALLOW_PRIVATE_WEBHOOKS") == "1",
        mail=_mail(env),
        provider=_provider(env, data),
        repair_rounds=_repair_rounds(env),
    )


def _mail(env: Mapping[str, str]) -> MailSettings | None:
    """None where no server is named; then nobody can choose e-mail."""
    host = env.get("GREENLIGHT_SMTP_HOST", "").strip()
    if not host:
        return None
    security = env.get("GREENLIGHT_SMTP_SECURITY", "starttls")
    usual = {"starttls": 587, "ssl": 465, "none": 25}
    if security not in usual:
        raise StartError("GREENLIGHT_SMTP_SECURITY must be 'starttls', 'ssl' or 'none'.")
    sender = env.get("GREENLIGHT_SMTP_FROM", "").strip()
    if sender.count("@") != 1 or not sender.isprintable():
        raise StartError("GREENLIGHT_SMTP_FROM must be the e-mail address that messages come from.")
    password = env.get("GREENLIGHT_SMTP_PASSWORD", "")
    if password and security == "none":
        raise StartError("GREENLIGHT_SMTP_SECURITY 'none' would send the password in the clear; use starttls or ssl.")
    return MailSettings(
        host=host,
        port=_port(env, "GREENLIGHT_SMTP_PORT", usual[security]),
        security=security,
        user=env.get("GREENLIGHT_SMTP_USER", ""),
        password=password,
        sender=sender,
    )


def _repair_rounds(env: Mapping[str, str]) -> int:
    given = env.get("GREENLIGHT_REPAIR_ROUNDS") or str(REPAIR_ROUNDS)
    if given not in map(str, range(REPAIR_ROUNDS_MAX + 1)):
        raise StartError(f"GREENLIGHT_REPAIR_ROUNDS must be a number from 0 to {REPAIR_ROUNDS_MAX}.")
    return int(given)


def _port(env: Mapping[str, str], name: str, usual: int) -> int:
    try:
        return int(env.get(name) or usual)
    except ValueError as error:
        raise StartError(f"{name} must be a number.") from error


def _public_url(text: str) -> str:
    """Where people call the product; links in messages begin with it."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise StartError("GREENLIGHT_URL must begin with http:// or https:// and name a host.")
    return text.rstrip("/")


def _provider(env: Mapping[str, str], data: Path) -> Provider | None:
    """A key or an address is enough to name Anthropic's protocol; the clouds are named by the variable."""
    key, url = _model_key(env, data), _model_url(env.get("GREENLIGHT_MODEL_URL", ""))
    named = env.get("GREENLIGHT_MODEL_PROVIDER") or (ProviderKind.ANTHROPIC.value if key or url else "none")
    if named == "none":
        return None
    if named not in list(ProviderKind):
        raise StartError(f"GREENLIGHT_MODEL_PROVIDER must be one of {', '.join(ProviderKind)} or none.")
    region, project = env.get("GREENLIGHT_MODEL_REGION", ""), env.get("GREENLIGHT_MODEL_PROJECT", "")
    if named in (ProviderKind.BEDROCK, ProviderKind.VERTEX) and not region:
        raise StartError(f"GREENLIGHT_MODEL_REGION must name the region of {named}.")
    if named in (ProviderKind.VERTEX, ProviderKind.FOUNDRY) and not (project or url):
        raise StartError(
            f"GREENLIGHT_MODEL_PROJECT must name the project (vertex) or the resource (foundry) of {named}."
        )
    model = env.get("GREENLIGHT_MODEL") or MODEL
    prices = env.get("GREENLIGHT_MODEL_PRICES")
    return Provider(
        kind=ProviderKind(named),
        key=key,
        base_url=url,
        region=region,
        project=project,
        model=model,
        strong_model=env.get("GREENLIGHT_MODEL_STRONG") or model,
        records_model=env.get("GREENLIGHT_MODEL_RECORDS") or model,
        prices_file=Path(prices).expanduser().resolve() if prices else None,
    )


def _model_key(env: Mapping[str, str], data: Path) -> str:
    """From the environment, else from the secrets folder. Never in a message: not even its length."""
    path = data / "secrets" / MODEL_KEY_FILE
    key = env.get("ANTHROPIC_API_KEY") or (path.read_text(encoding="utf-8") if path.is_file() else "")
    key = key.strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise StartError("The model key holds a character that no key has; copy it again, as one line.")
    return key


def _model_url(url: str) -> str:
    """As the SDK wants it: without the path that it adds itself."""
    url = url.strip().rstrip("/").removesuffix("/messages").removesuffix("/v1")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartError("GREENLIGHT_MODEL_URL must begin with http:// or https:// and name a host.")
    if parts.username or parts.password or parts.query:
        raise StartError("GREENLIGHT_MODEL_URL must hold no password and no query; a key goes to ANTHROPIC_API_KEY.")
    return url
