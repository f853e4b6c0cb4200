"""What a session for reading promises, on both databases."""

import pytest
from sqlalchemy.exc import DBAPIError

from db.queries.git_objects import get_data, insert_missing
from services.deps import Deps

ONE = {"0" * 40: ("blob", b"1")}


def test_a_session_for_reading_refuses_to_write_and_leaves_nothing_behind(deps: Deps) -> None:
    with deps.reading() as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        insert_missing(session, ONE)
    with deps.session() as session:
        insert_missing(session, ONE)
        session.commit()
    with deps.reading() as session:
        assert get_data(session, set(ONE)) == {"0" * 40: b"1"}


def test_a_connection_that_has_read_can_write_again(deps: Deps) -> None:
    for number in range(3):
        one = {f"{number:040}": ("blob", b"1")}
        with deps.session() as session:
            insert_missing(session, one)
            session.commit()
        with deps.reading() as session:
            assert get_data(session, set(one)) == {f"{number:040}": b"1"}
