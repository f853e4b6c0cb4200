"""The generated service with many requests at the same moment: rules that count or compare hold all the same."""

import urllib.error
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.agents.chain import drafts_of, files_of
from tests.agents.page_service import Caller, service
from tests.builders import REQUEST

BOOKINGS = """Members book rooms. A booking has a room, a start time and an end time.

- A room cannot be booked twice at the same time.
- A member can have at most 5 bookings.
- A member can create at most 7 bookings per hour.
"""
MANY = 24


def tried(caller: Caller, body: dict[str, Any]) -> int:
    try:
        caller.send("POST", "/bookings", body)
    except urllib.error.HTTPError as error:
        return error.code
    return 201


@pytest.mark.parametrize(
    ("rule", "is_same_room", "made"),
    [(0, True, 1), (1, False, 5), (2, False, 7)],
    ids=["overlap", "count", "rate"],
)
def test_what_one_request_checked_another_cannot_pass_by(
    rule: int, is_same_room: bool, made: int, tmp_path: Path, service_python: Path
) -> None:
    head, _, rules = BOOKINGS.partition("\n\n")
    text = f"{head}\n\n{rules.splitlines()[rule]}\n"
    files = files_of(
        drafts_of(REQUEST.model_copy(update={"title": "Rooms", "description": text}), until="backend").values()
    )
    with service(files, tmp_path, service_python) as address, ThreadPoolExecutor(8) as pool:
        ann = Caller(address, "ann", "member")
        bodies = [
            {
                "room": "blue" if is_same_room else f"room {number}",
                "start_time": "2099-01-01T10:00:00Z",
                "end_time": "2099-01-01T11:00:00Z",
            }
            for number in range(MANY)
        ]
        codes = Counter(pool.map(partial(tried, ann), bodies))
    assert codes[201] == made, codes
    assert codes[409] + codes[429] == MANY - made, codes
