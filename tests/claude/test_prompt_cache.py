"""The server of the tests counts as the API does; figures that are computed from it are worth something."""

from typing import Any

from tests.servers.prompt_cache import PromptCache

LONG = "word " * 2_000


def request(*blocks: tuple[str, str], model: str = "m") -> dict[str, Any]:
    """(text, ttl): an empty ttl is no mark."""
    content = [
        {"type": "text", "text": text, **({"cache_control": {"type": "ephemeral", "ttl": ttl}} if ttl else {})}
        for text, ttl in blocks
    ]
    return {"model": model, "messages": [{"role": "user", "content": content}]}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def figures(usage: dict[str, Any]) -> tuple[bool, bool, bool]:
    """Whether anything was read, written, and sent without."""
    return usage["cache_read_input_tokens"] > 0, usage["cache_creation_input_tokens"] > 0, usage["input_tokens"] > 0


def test_a_prefix_is_written_once_and_read_afterwards() -> None:
    cache = PromptCache(Clock())
    first = cache.usage(request((LONG, "1h"), ("a", "")))
    second = cache.usage(request((LONG, "1h"), ("b", "")))
    assert (figures(first), figures(second)) == ((False, True, True), (True, False, True))
    assert first["cache_creation_input_tokens"] == second["cache_read_input_tokens"]


def test_another_byte_before_the_mark_or_another_model_reads_nothing() -> None:
    cache = PromptCache(Clock())
    cache.usage(request((LONG, "1h")))
    assert figures(cache.usage(request((LONG + ".", "1h"))))[0] is False
    assert figures(cache.usage(request((LONG, "1h"), model="other")))[0] is False


def test_an_entry_lives_as_long_as_it_says_and_a_hit_renews_it() -> None:
    clock = Clock()
    cache = PromptCache(clock)
    cache.usage(request((LONG, "5m")))
    clock.now = 290
    assert figures(cache.usage(request((LONG, "5m"))))[0] is True
    clock.now = 580
    assert figures(cache.usage(request((LONG, "5m"))))[0] is True
    clock.now = 900
    assert figures(cache.usage(request((LONG, "5m"))))[0] is False


def test_an_earlier_mark_of_another_request_is_found_from_a_later_one() -> None:
    cache = PromptCache(Clock())
    cache.usage(request((LONG, ""), ("shared", "1h")))
    usage = cache.usage(request((LONG, ""), ("shared", ""), ("more", "1h")))
    assert figures(usage) == (True, True, False)


def test_what_is_short_is_not_kept() -> None:
    cache = PromptCache(Clock())
    cache.usage(request(("short", "5m")))
    assert figures(cache.usage(request(("short", "5m")))) == (False, False, True)


def test_each_length_of_life_is_counted_apart() -> None:
    usage = PromptCache(Clock()).usage(request((LONG, "1h"), (LONG, "5m")))
    kept = usage["cache_creation"]
    assert kept["ephemeral_1h_input_tokens"] + kept["ephemeral_5m_input_tokens"] == usage["cache_creation_input_tokens"]
    assert min(kept.values()) > 1_024
