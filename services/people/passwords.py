"""Passwords: kept as bcrypt hashes, checked in equal time whether or not the person exists."""

from functools import cache

import bcrypt

from services.errors import InvalidInput

COST = 12  # 0.2 to 0.4 s per check on one core
LENGTH_MIN = 12
BYTES_MAX = 72  # bcrypt refuses more


def hash_password(password: str) -> str:
    """Raises: InvalidInput with a sentence when the password cannot be used."""
    if len(password) < LENGTH_MIN:
        raise InvalidInput(
            {"password": f"Use at least {LENGTH_MIN} characters; a few unrelated words are easy to remember."}
        )
    if "\x00" in password:
        raise InvalidInput({"password": "A password cannot hold the character U+0000; remove it."})
    if len(password.encode()) > BYTES_MAX:
        raise InvalidInput({"password": f"Use at most {BYTES_MAX} bytes; accents and emoji count as several."})
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def is_password(password: str, stored: str | None) -> bool:
    """Does the same work when there is nobody, or nobody's password yet."""
    given = password.encode()[: BYTES_MAX + 1]
    usable = len(given) <= BYTES_MAX and b"\x00" not in given
    matches = bcrypt.checkpw(given if usable else b"x", (stored or _nobody()).encode())
    return matches and usable and stored is not None


@cache
def _nobody() -> str:
    return bcrypt.hashpw(b"nobody's password", bcrypt.gensalt(COST)).decode()
