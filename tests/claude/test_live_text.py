"""Live text comes in whole lines, not too often, and nothing is lost."""

from services.agents.claude.live_text import BROKE_OFF, EVERY_SECONDS, LONGEST, LiveText
from tests.fakes.paying_work import PayingWork


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def written(pieces: list[str], seconds_each: float) -> list[str]:
    work, clock = PayingWork(), Clock()
    live = LiveText(work, clock=clock)
    for piece in pieces:
        clock.now += seconds_each
        live.text(piece)
    live.flush()
    return work.said


def test_the_first_words_are_seen_at_once() -> None:
    assert written(["Hello ", "there"], 0.01)[0] == "Hello "


def test_lines_are_not_torn() -> None:
    said = written(["one\ntw", "o\nthree\nfo", "ur"], 1.0)
    assert said == ["one", "two\nthree", "four"]


def test_many_small_pieces_make_few_events_and_nothing_is_lost() -> None:
    pieces = [f"word{n} " for n in range(1_000)]
    said = written(pieces, 0.01)
    assert len(said) <= 1_000 * 0.01 / EVERY_SECONDS + 3
    assert "".join(said).split() == "".join(pieces).split()


def test_a_flood_is_written_in_bounded_pieces() -> None:
    said = written(["x" * 999] * 10, 0.0)
    assert max(map(len, said)) <= LONGEST + 999


def test_an_answer_that_broke_off_is_said_and_its_rest_dropped() -> None:
    work = PayingWork()
    live = LiveText(work, clock=Clock())
    live.text("a\n")
    live.text("half")
    live.begins_again()
    live.text("whole\n")
    live.flush()
    assert work.said == ["a", BROKE_OFF, "whole"]
