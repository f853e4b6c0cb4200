"""A small honest workspace, and ways to change it."""

import textwrap

_APP = """
def approve(expense):
    if expense["state"] != "submitted":
        raise ValueError("only a submitted expense can be approved")
    return {**expense, "state": "approved"}


def comment_is_needed(amount):
    return amount > 500
"""

_TESTS = """
import pytest

from app.expenses import approve, comment_is_needed


@pytest.mark.criterion("AC-1")
def test_a_submitted_expense_is_approved():
    assert approve({"state": "submitted"})["state"] == "approved"


@pytest.mark.criterion("AC-1")
def test_an_approved_expense_is_not_approved_again():
    with pytest.raises(ValueError, match="only a submitted"):
        approve({"state": "approved"})


@pytest.mark.criterion("AC-2")
@pytest.mark.parametrize(("amount", "needed"), [(500, False), (501, True)])
def test_a_large_amount_needs_a_comment(amount, needed):
    assert comment_is_needed(amount) is needed
"""

_FAILING = """
from app.expenses import approve


def test_nobody_approves_twice():
    assert approve({"state": "approved"})
"""


def honest() -> dict[str, bytes]:
    return {
        "app/__init__.py": b"",
        "app/expenses.py": code(_APP),
        "tests/__init__.py": b"",
        "tests/test_expenses.py": code(_TESTS),
    }


def with_a_failing_test() -> dict[str, bytes]:
    """Four tests pass, one fails: nothing may make this look green."""
    return {**honest(), "tests/test_failing.py": code(_FAILING)}


def with_half_the_coverage() -> dict[str, bytes]:
    """A module of the application that no test touches."""
    lines = "\n".join(f"    total += {n}" for n in range(40))
    return {**honest(), "app/untested.py": f"def untested(total):\n{lines}\n    return total\n".encode()}


def code(text: str) -> bytes:
    return textwrap.dedent(text).lstrip().encode()
