"""What is said to be lost: demands from which nothing was taken, and no background."""

import pytest

from services.features.extract import understand
from services.features.lost import reads_like_a_demand
from services.features.request import FeatureRequest
from services.features.sentences import cut
from services.workflow.options import Complexity, Methodology

DEMANDS = (
    "Both sides can write comments.",
    "Instructors see who is coming.",
    "As a team lead I want to see who is away so that one person stays.",
    "We want every step to publish an event.",
    "The deposit is 50 pounds unless the warden sets a different sum.",
    "A neighbour asks for a loan of two days.",
    "Entries belong to the sheet of one week.",
    "Send a reminder two days before.",
    "The form must work without a mouse.",
    "Status: fresh, dusty, gone.",
)


@pytest.mark.parametrize("text", DEMANDS)
def test_somebody_wants_something(text: str) -> None:
    assert reads_like_a_demand(cut(text)[0])


BACKGROUND = (
    "We are a small charity and the appeal brings in two thirds of our income.",
    "So we let out about 220 flats and nobody can keep up.",
    "Today orders are PDFs in a mailbox.",
    "At the moment the drivers can write on a whiteboard.",
    "Our monolith is eleven years old.",
    "Two years ago a list was left in the waiting room.",
    "Replace the wiki page with a service.",
    "Our shop front needs an order API.",
    "We want a small service for discount codes.",
    "**Context**: partners can sign in with a shared password.",
    "Wanted before the pen test in May.",
    "As discussed on Tuesday, thanks to everybody.",
)


@pytest.mark.parametrize("text", BACKGROUND)
def test_who_we_are_and_how_it_is_today_is_no_demand(text: str) -> None:
    assert not reads_like_a_demand(cut(text)[0])


def lost(text: str) -> tuple[str, ...]:
    asked = FeatureRequest(
        title="Trips of the vans", description=text, methodology=Methodology.BDD, complexity=Complexity.MEDIUM
    )
    return understand(asked).not_understood


KEEPS = "A trip has a van, a driver and a distance in km. Drivers record a trip. "


@pytest.mark.parametrize(
    "text",
    [
        "Trips are planned, under way, completed or called off.",
        "It can be planned, under way or completed.",
        "States: `planned`, `started`, `completed`.",
        "`planned` -> `started` -> `completed`",
        "As a dispatcher I want to look at the trips and cancel one that has not begun so that nobody drives in vain.",
        "Drivers record a trip. Drivers can also record a trip in the evening.",
        "Messages go out over Twilio, and every driver can read them.",
    ],
)
def test_what_gave_states_acts_or_systems_is_not_lost(text: str) -> None:
    assert lost(KEEPS + text) == ()


def test_a_demand_that_gave_nothing_is_named_word_for_word() -> None:
    assert lost(KEEPS + "The dog can bark at night.") == ("The dog can bark at night.",)
