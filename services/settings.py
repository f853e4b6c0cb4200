"""Settings of one process, read from the environment once, by bootstrap."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from services.errors import StartError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    """Where things are and what they may use. `docs/settings.md` lists the variables."""

    data_dir: Path
    database_url: str
    durable_url: str
    environments_dir: Path
    embedded_worker: bool
    host: str
    port: int
    allow_unsandboxed: bool
    audit_dependencies: bool

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
    try:
        port = int(env.get("GREENLIGHT_PORT", "8501"))
    except ValueError as error:
        raise StartError("GREENLIGHT_PORT must be a number.") from error
    return Settings(
        data_dir=data,
        database_url=url,
        durable_url=durable,
        environments_dir=Path(env.get("GREENLIGHT_ENVIRONMENTS") or ROOT / ".environments").expanduser().resolve(),
        embedded_worker=worker == "embedded",
        host=env.get("GREENLIGHT_HOST", "127.0.0.1"),
        port=port,
        allow_unsandboxed=env.get("GREENLIGHT_ALLOW_UNSANDBOXED") == "1",
        audit_dependencies=env.get("GREENLIGHT_AUDIT_DEPENDENCIES") == "1",
    )
