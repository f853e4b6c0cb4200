"""Secrets of webhooks: derived from one key in the data folder, or sealed with it; the database alone tells nothing."""

import base64
import hashlib
import hmac
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken

from services.deps import Deps
from services.errors import DeliveryFailed

KEY = "webhook_key"
PREFIX = "whsec_"


def signing_key(deps: Deps, webhook_id: UUID, generation: int) -> bytes:
    """The key that a receiver verifies our messages with. A new generation makes the one before worthless."""
    return _derived(deps, f"sign:{webhook_id}:{generation}")


def shown_secret(key: bytes) -> str:
    """As receivers write it down. Source: Standard Webhooks, symmetric secrets."""
    return PREFIX + base64.b64encode(key).decode()


def seal(deps: Deps, text: str) -> str:
    return _box(deps).encrypt(text.encode()).decode()


def unseal(deps: Deps, sealed: str) -> str:
    """Raises: DeliveryFailed where it was sealed with another key."""
    try:
        return _box(deps).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise DeliveryFailed(
            "The address cannot be read: this process has another webhook key. Enter the address again.", is_final=True
        ) from error


def _box(deps: Deps) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(deps, "seal")))


def _derived(deps: Deps, purpose: str) -> bytes:
    return hmac.new(deps.settings.secret(KEY), purpose.encode(), hashlib.sha256).digest()
