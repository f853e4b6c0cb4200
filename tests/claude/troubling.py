"""The table of faults between a client and the Messages API, and what must come of each: for one call, and for a whole run."""

from services.errors import ModelAway, ModelFailed
from tests.servers import troubles as t
from tests.servers.troubles import Trouble

SPEND = "enforced_spend_limit_reached"
PLACES = (0.0, 0.1, 0.5, 0.9)

# One of these, then a good answer: the call succeeds with its second request.
PASSING = [
    t.status(408, "timeout_error"), t.status(409, "conflict_error"), t.status(429, "rate_limit_error"),
    t.status(429, "rate_limit_error", retry_after="2"), t.status(429, "rate_limit_error", retry_after="soon"),
    t.status(500, "api_error"), t.status(502, "api_error"), t.status(503, "api_error"), t.status(504, "timeout_error"),
    t.status(529, "overloaded_error"), t.page(503), t.page(502, b"", "text/plain"),
    t.reset_before(), t.closed_before(), t.garbage(), t.silent(),
    *(t.reset(place) for place in PLACES), *(t.broken_off(place) for place in PLACES),
    *(t.ended(place) for place in PLACES), t.ended(0.99), *(t.stalled(place) for place in PLACES),
    t.pinging(0.5), *(t.error_event(0.5, kind) for kind in ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")),
    t.error_event(0.0, "overloaded_error"), t.error_event(0.5, "something_new"),
    t.replaced(0.5, "content_block_delta", "{", "malformed JSON"), t.replaced(0.0, "message_start", "{}", "empty message_start"),
    t.replaced(0.5, "content_block_delta", '{"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"x"}}', "foreign index"),
    t.replaced(0.5, "content_block_delta", '{"type":"content_block_delta","index":0}', "delta without a delta"),
    t.replaced(0.5, "", "[1, 2]", "a list for an event"), t.without("message_stop"), t.without("message_delta"),
    t.without("message_start"), t.without("content_block_start"), t.swapped(),
]  # fmt: skip
# These at every request: the call ends with this kind, and the run parks or fails.
ENDING = [
    (t.status(400, "invalid_request_error"), "bad_request", ModelFailed, 1),
    (t.status(422, "invalid_request_error"), "bad_request", ModelFailed, 1),
    (t.status(400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000"), "context_exceeded", ModelFailed, 1),
    (t.status(400, "invalid_request_error", "Your credit balance is too low"), "spend_limit", ModelAway, 1),
    (t.status(401, "authentication_error"), "wrong_key", ModelAway, 1),
    (t.status(402, "billing_error"), "spend_limit", ModelAway, 1),
    (t.status(403, "permission_error"), "no_permission", ModelAway, 1),
    (t.status(404, "not_found_error", "model: claude-9"), "unknown_model", ModelAway, 1),
    (t.page(404), "wrong_address", ModelAway, 1),
    (t.page(405), "wrong_address", ModelAway, 1),
    (t.status(413, "request_too_large"), "too_large", ModelFailed, 1),
    (t.status(429, "rate_limit_error", code_name=SPEND), "spend_limit", ModelAway, 1),
    (t.status(429, "rate_limit_error", retry_after="3600"), "told_to_wait", ModelAway, 1),
    (t.status(429, "rate_limit_error", x_should_retry="false"), "not_again", ModelAway, 1),
    (t.status(429, "rate_limit_error"), "rate_limited", ModelAway, 3),
    (t.status(500, "api_error"), "server_error", ModelAway, 3),
    (t.status(529, "overloaded_error"), "overloaded", ModelAway, 3),
    (t.status(504, "timeout_error"), "timed_out", ModelAway, 3),
    (t.page(503), "server_error", ModelAway, 3),
    (t.page(200), "no_such_server", ModelAway, 1),
    (t.page(200, b'{"ok": true}', "application/json"), "no_such_server", ModelAway, 1),
    (t.page(302), "no_such_server", ModelAway, 1),
    (t.closed_before(), "no_connection", ModelAway, 3),
    (t.garbage(), "no_connection", ModelAway, 3),
    (t.silent(), "timed_out", ModelAway, 3),
    (t.reset(0.5), "broke_off", ModelAway, 3),
    (t.broken_off(0.5), "broke_off", ModelAway, 3),
    (t.ended(0.5), "ended_early", ModelAway, 3),
    (t.stalled(0.5), "stalled", ModelAway, 3),
    (t.pinging(0.5), "too_slow", ModelAway, 3),
    (t.replaced(0.5, "content_block_delta", "{", "malformed JSON"), "unreadable", ModelAway, 3),
    (t.error_event(0.5, "invalid_request_error"), "bad_request", ModelFailed, 1),
    (t.error_event(0.5, "authentication_error"), "wrong_key", ModelAway, 1),
]  # fmt: skip


def named(value: object) -> str:
    return value.name if isinstance(value, Trouble) else str(getattr(value, "__name__", value))
