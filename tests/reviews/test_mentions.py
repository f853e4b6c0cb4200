"""Who is spoken to: user names of the team after an @, and nothing else."""

from uuid import UUID

import pytest

from services.reviews.mentions import mentioned

ADA, BEN, MAIL = UUID(int=1), UUID(int=2), UUID(int=3)
TEAM = {"ada": ADA, "ben.b": BEN, "eve@example.org": MAIL}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ada please look", (ADA,)),
        ("Is that so, @Ada? And @ben.b.", (ADA, BEN)),
        ("(@ben.b) and @ada, @ada again", (BEN, ADA)),
        ("@eve@example.org", (MAIL,)),
        ("@adam is somebody else", ()),
        ("mail to me@ada or x.@ada", ()),
        ("@app.route and @nobody stay text", ()),
        ("@", ()),
        ("@ada's idea", (ADA,)),
        ("@ada-", (ADA,)),
        ("", ()),
    ],
)
def test_a_mention_is_a_user_name_of_the_team(text: str, found: tuple[UUID, ...]) -> None:
    assert mentioned(text, TEAM) == found
