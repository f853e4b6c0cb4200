"""Which passwords can be used, and what is kept of them."""

import bcrypt
import pytest

from services.errors import InvalidInput
from services.people import passwords
from services.people.passwords import hash_password, is_password

COST_OF_PRODUCT = passwords.COST


def test_a_hash_takes_at_least_4096_rounds() -> None:
    assert COST_OF_PRODUCT >= 12


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "x" * 72,
        "пароль из слов",
        "密码密码密码密码密码密码",
        "🔑" * 18,
        " spaces count too ",
        "'; DROP TABLE x; --",
    ],
)
def test_a_password_opens_what_it_closed(password: str) -> None:
    stored = hash_password(password)
    assert is_password(password, stored)
    assert not is_password(password.strip() + "!", stored)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 12"),
        ("eleven char", "at least 12"),
        ("x" * 73, "at most 72 bytes"),
        ("🔑" * 19, "at most 72 bytes"),
        ("ж" * 37, "at most 72 bytes"),
        ("x" * 1_000_000, "at most 72 bytes"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused_in_words(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        hash_password(password)
    assert set(refused.value.problems) == {"password"}


def test_a_password_that_bcrypt_cannot_take_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput):
        hash_password("with a \x00 inside it")


@pytest.mark.parametrize("longer", ["x" * 73, "x" * 72 + "y", "x" * 10_000])
def test_what_bcrypt_would_cut_off_still_counts(longer: str) -> None:
    assert not is_password(longer, hash_password("x" * 72))


@pytest.mark.parametrize("tried", ["", "\x00", "twelve chars\x00"])
def test_a_strange_password_is_a_wrong_one(tried: str) -> None:
    assert not is_password(tried, hash_password("twelve chars"))


@pytest.mark.parametrize("tried", ["nobody's password", "x", ""])
def test_without_a_stored_hash_no_password_fits(tried: str) -> None:
    assert not is_password(tried, None)


def test_the_same_password_is_kept_in_two_ways() -> None:
    assert hash_password("twelve chars") != hash_password("twelve chars")


@pytest.mark.parametrize("exists", [True, False])
def test_one_comparison_is_made_whether_or_not_there_is_somebody(monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    stored = hash_password("twelve chars") if exists else None
    compared: list[bytes] = []
    real = bcrypt.checkpw

    def counting(password: bytes, hashed: bytes) -> bool:
        compared.append(hashed[:7])
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    is_password("guess number one", stored)
    assert compared == [b"$2b$04$"]
