"""What can go wrong with a call, as a table: whether it is tried again, whether the run parks, what a person is told.

A run parks where somebody outside the run can mend it and the same call would then succeed; it fails where the same call
would fail again. Source: what SDK 2.12 does under each fault, measured on loopback.
"""

import ssl
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2

from services.errors import GreenlightError, ModelAway, ModelFailed, legible

DETAIL_MAX = 240
# The provider's codes for money that a person must give; they come as 429 and would be tried again for nothing.
SPEND_CODES = (
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "linked_organization_spend_limit_reached",
)


@dataclass(frozen=True)
class Kind:
    """`said` and `cure`: {who} is the address, {model} the model. The provider's own words come between the two.

    `is_outage`: the provider is at fault, whatever is asked; the run goes on by itself once it answers.
    """

    said: str
    cure: str
    is_retried: bool = False
    parks: bool = True
    is_outage: bool = False


_LATER = "Nothing is lost; wait some minutes."
KINDS: dict[str, Kind] = {
    # Tried again by the worker; what is told comes after the last attempt.
    "overloaded": Kind("{who} is overloaded.", _LATER, is_retried=True, is_outage=True),
    "rate_limited": Kind(
        "{who} takes no more requests of this key for now.",
        "Wait some minutes, or ask for a higher limit there.",
        is_retried=True,
    ),
    "server_error": Kind("{who} answered with an error of its own.", _LATER, is_retried=True, is_outage=True),
    "timed_out": Kind("{who} did not answer in time.", _LATER, is_retried=True, is_outage=True),
    "no_connection": Kind(
        "There is no connection to {who}.",
        "Check the network, the proxy and the address.",
        is_retried=True,
        is_outage=True,
    ),
    "broke_off": Kind(
        "The answer of {who} broke off.", "Check the network and the proxy.", is_retried=True, is_outage=True
    ),
    "ended_early": Kind(
        "{who} ended its answer before it was complete.",
        "A proxy that cuts long answers does this; raise its limit.",
        is_retried=True,
    ),
    "unreadable": Kind(
        "{who} answered with something that cannot be read.", "Check what stands at the address.", is_retried=True
    ),
    "stalled": Kind("{who} stopped in the middle of its answer.", _LATER, is_retried=True, is_outage=True),
    "too_slow": Kind(
        "{who} did not finish its answer within the time that one call may take.",
        "Choose a faster model.",
        is_retried=True,
    ),
    # The same call can succeed once somebody has mended what is outside the run.
    "no_certificate": Kind(
        "The certificate of {who} is not trusted here.", "Check the address and the certificates of this machine."
    ),
    "wrong_key": Kind("{who} does not accept the key.", "Set ANTHROPIC_API_KEY to a valid key and restart."),
    "no_credentials": Kind("No credentials were found for {who}.", "Set them as docs/claude.md says and restart."),
    "no_package": Kind(
        "A package that calls {who} needs is not installed.", "Install it as docs/claude.md says and restart."
    ),
    "no_permission": Kind("The key may not use {model} at {who}.", "Allow it there, or choose another model."),
    "spend_limit": Kind("The spending limit at {who} is reached, or its bill is not paid.", "Raise it there."),
    "unknown_model": Kind(
        "{who} knows no model named {model}.", "Set GREENLIGHT_MODEL to one that it has and restart."
    ),
    "wrong_address": Kind(
        "There is a server at {who}, but it takes no messages there.",
        "Set GREENLIGHT_MODEL_URL to the address before /v1/messages and restart.",
    ),
    "no_such_server": Kind(
        "What stands at {who} is no server of the Messages API: it answered with something else.",
        "Correct GREENLIGHT_MODEL_URL and restart.",
    ),
    "told_to_wait": Kind("{who} asks to wait longer than a worker may.", "Wait as long as it says."),
    "not_again": Kind("{who} refused the call and asks not to repeat it.", "Look there for the reason."),
    # The same call would fail again.
    "bad_request": Kind(
        "{who} refused the request as wrong.",
        "If the model is of another maker, it may not know tools or formats; choose another one.",
        parks=False,
    ),
    "too_large": Kind(
        "The request is larger than {who} takes.", "Shorten the description or the context documents.", parks=False
    ),
    "context_exceeded": Kind(
        "The task does not fit into the context of {model}.",
        "Shorten the context documents, or choose a model with a larger one.",
        parks=False,
    ),
    "refused": Kind(
        "{model} declined to do this task.",
        "Say in a correction what the feature is for, or choose another model.",
        parks=False,
    ),
    "cut_off": Kind(
        "The answer did not fit into the largest one that is asked for.",
        "Split the feature, or lower its complexity.",
        parks=False,
    ),
    "no_report": Kind("{model} wrote no report.", "Retry the run, or choose another model.", parks=False),
    "wrong_records": Kind(
        "{model} did not bring the report into records that can be read.",
        "Retry the run, or choose another model.",
        parks=False,
    ),
    "stopped": Kind("Somebody stopped this run.", "What was made stays readable.", parks=False),
}


class Fault(Exception):
    """One failed attempt. `is_billed`: False when the provider cannot have begun to count. `is_last_word`: the provider
    itself said that its answer ends here, so that nothing of it is missing.
    """

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        retry_after_seconds: float | None = None,
        is_billed: bool = True,
        is_last_word: bool = False,
    ) -> None:
        self.kind, self.detail = kind, detail
        self.retry_after_seconds, self.is_billed, self.is_last_word = retry_after_seconds, is_billed, is_last_word
        super().__init__(kind)


def in_words(fault: Fault, *, who: str, model: str, secret: str = "", is_outage: bool = False) -> GreenlightError:
    """What ends the attempt at a task: a run that parks goes on by being retried, after an outage by itself."""
    said, row = told(fault, who=who, model=model, secret=secret), KINDS[fault.kind]
    if is_outage or row.is_outage:
        return ModelAway(fault.kind, said, waits_for=(who, model))
    return ModelAway(fault.kind, f"{said} Then retry the run.") if row.parks else ModelFailed(fault.kind, said)


def told(fault: Fault, *, who: str, model: str, secret: str = "") -> str:
    """What happened and what to do; never the key, whatever the provider wrote."""
    row = KINDS[fault.kind]
    detail = fault.detail.replace(secret, "(key)") if secret else fault.detail
    detail = " ".join(legible(detail).split())[:DETAIL_MAX].rstrip(".")
    parts = (row.said, f"It says: {detail}." if detail else "", row.cure)
    return " ".join(part if part.startswith("It says") else part.format(who=who, model=model) for part in parts if part)


def fault_of(error: Exception) -> Fault:
    """Raises: the error itself when it is none of a call, so that a mistake of ours is not taken for the provider's."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _by_status(error)
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return _by_timeout(error)
    if isinstance(error, anthropic.APIConnectionError):
        return _by_connection(error)
    if isinstance(error, httpx2.HTTPError | httpx2.StreamError):
        return Fault("broke_off", type(error).__name__)
    if isinstance(error, ImportError) or type(error).__name__ == "MissingDependencyError":
        return Fault("no_package", str(error), is_billed=False)
    if isinstance(error, anthropic.AnthropicError) or type(error).__module__.startswith(("botocore", "google.auth")):
        return Fault("no_credentials", str(error), is_billed=False)
    raise error


def _by_timeout(error: Exception) -> Fault:
    causes = (error, error.__cause__)
    if any(isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout) for cause in causes):
        return Fault("no_connection", "no answer to the attempt to connect", is_billed=False)
    return Fault("stalled" if isinstance(error, httpx2.TimeoutException) else "timed_out")


def _by_connection(error: anthropic.APIConnectionError) -> Fault:
    cause = error.__cause__ or error
    seen: BaseException | None = cause
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return Fault("no_certificate", seen.verify_message, is_billed=False)
        seen = seen.__cause__ or seen.__context__
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.ProxyError | httpx2.ConnectError):
        return Fault("no_connection", str(cause), is_billed=False)
    # The request was sent and nothing came back: nobody knows whether it was answered.
    return Fault("no_connection", type(cause).__name__)


_BY_STATUS = {
    400: "bad_request", 401: "wrong_key", 402: "spend_limit", 403: "no_permission", 405: "wrong_address",
    408: "timed_out", 409: "server_error", 413: "too_large", 422: "bad_request", 429: "rate_limited", 504: "timed_out",
    529: "overloaded",
}  # fmt: skip
_BY_TYPE = {
    "overloaded_error": "overloaded", "rate_limit_error": "rate_limited", "timeout_error": "timed_out",
    "api_error": "server_error", "authentication_error": "wrong_key", "permission_error": "no_permission",
    "billing_error": "spend_limit", "invalid_request_error": "bad_request", "request_too_large": "too_large",
}  # fmt: skip
_TOO_LONG = ("prompt is too long", "context window", "context length", "maximum context")


def _by_status(error: anthropic.APIStatusError) -> Fault:
    said, wait = _said(error), _seconds(error.response.headers.get("retry-after"))
    is_inside = error.status_code == 200  # an error event in the middle of an answer
    kind = _kind(error, said)
    if error.response.headers.get("x-should-retry") == "false" and KINDS[kind].is_retried:
        kind = "not_again"
    return Fault(kind, said, retry_after_seconds=wait, is_billed=is_inside, is_last_word=is_inside)


def _kind(error: anthropic.APIStatusError, said: str) -> str:
    status, code = error.status_code, getattr(error, "error_code", None)
    if code in SPEND_CODES:
        return "spend_limit"
    if status == 200:
        return _BY_TYPE.get(str(error.type), "server_error")
    if status == 404:
        # The API names what it did not find; any other server knows no such path.
        return "unknown_model" if error.type == "not_found_error" or "model" in said.lower() else "wrong_address"
    if status in (400, 413) and any(words in said.lower() for words in _TOO_LONG):
        return "context_exceeded"
    if status == 400 and "credit balance" in said.lower():
        return "spend_limit"
    fallback = "server_error" if status >= 500 else "no_such_server" if status < 400 else "bad_request"
    return _BY_STATUS.get(status, fallback)


def _said(error: anthropic.APIStatusError) -> str:
    """The provider's sentence; a page of HTML has none."""
    body: Any = error.body
    if isinstance(body, dict):
        inner = body.get("error")
        message = (
            inner.get("message") if isinstance(inner, dict) else inner or body.get("message") or body.get("detail")
        )
        return str(message or "")
    return f"status {error.status_code}"


def _seconds(value: str | None) -> float | None:
    """Only the form in seconds is used by the API; a date would be measured against a foreign clock."""
    try:
        seconds = float(value) if value is not None else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None
