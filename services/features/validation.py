"""What a person typed, turned into a request or into one plain sentence per field."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from services.errors import InvalidInput
from services.features.quantities import parse_budget
from services.features.request import CORRECTIONS_MAX, DESCRIPTION_MAX, TITLE_MAX, FeatureRequest
from services.workflow.options import (
    AnalyticsPlatform,
    Complexity,
    DeploymentStrategy,
    EngineName,
    FlagService,
    Methodology,
    MonitoringStack,
)

OPTIONS: dict[str, type[StrEnum]] = {
    "methodology": Methodology,
    "complexity": Complexity,
    "deployment_strategy": DeploymentStrategy,
    "feature_flag_service": FlagService,
    "analytics_platform": AnalyticsPlatform,
    "monitoring_stack": MonitoringStack,
    "engine": EngineName,
}
NUMBERS = ("test_coverage_min", "rollout_percentage")
_WHOLE_NUMBER = re.compile(r"(-?[0-9]{1,9})\s*%?")
_LENGTHS = {
    "title": TITLE_MAX,
    "description": DESCRIPTION_MAX,
    "performance_budget": 200,
    "corrections": CORRECTIONS_MAX,
}
_EMPTY = {
    "title": "Give the feature a title.",
    "description": "Describe the feature; one or two sentences are enough to begin.",
}


def to_request(form: Mapping[str, Any]) -> FeatureRequest:
    """Raises: InvalidInput with a sentence for every field that cannot be used."""
    given = {
        key: _as_number(value) if key in NUMBERS else value for key, value in form.items() if value not in ("", None)
    }
    problems: dict[str, str] = {}
    request: FeatureRequest | None = None
    try:
        request = FeatureRequest.model_validate(given)
    except ValidationError as error:
        for found in error.errors():
            field = str(found["loc"][0])
            problems.setdefault(field, _sentence(field, form.get(field), found["msg"]))
    budget = form.get("performance_budget") or ""
    if isinstance(budget, str) and budget.strip() and "performance_budget" not in problems and not parse_budget(budget):
        problems["performance_budget"] = (
            "Say a number with a unit, for example: p95 < 200 ms, 300 requests per second, error rate < 1 %."
        )
    if problems or request is None:
        raise InvalidInput(problems)
    return request


def for_preview(form: Mapping[str, Any]) -> FeatureRequest | None:
    """What can be understood of a form that is not complete yet; None while there is nothing to read.

    Options that do not change what is understood are left out, so that choosing one finds the same answer again.
    """
    given = {name: form.get(name) or "" for name in ("title", "description", "performance_budget", "corrections")}
    text = {name: value[: _LENGTHS[name]] if isinstance(value, str) else "" for name, value in given.items()}
    told = {
        name: "".join(c if c in "\t\n\r" or not _is_broken(c) else " " for c in value) for name, value in text.items()
    }
    if not (told["title"].strip() or told["description"].strip()):
        return None
    chosen = form.get("complexity")
    return FeatureRequest(
        title=told["title"] if told["title"].strip() else "Feature",
        description=told["description"] if told["description"].strip() else told["title"],
        methodology=Methodology.TRADITIONAL,
        complexity=Complexity(chosen) if chosen in list(Complexity) else Complexity.MEDIUM,
        performance_budget=told["performance_budget"],
        corrections=told["corrections"],
    )


def _is_broken(c: str) -> bool:
    return ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) <= 0xDFFF


def _of_steps(message: str) -> str:
    """A step that is not known or named twice, else an engine that is not known."""
    if message.startswith("Value error, "):
        return f"An engine for single steps {message.removeprefix('Value error, ')}."
    return f"For a single step choose one of: {', '.join(EngineName)}."


def _as_number(value: Any) -> Any:
    typed = _WHOLE_NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(typed[1]) if typed else value


def _sentence(field: str, value: Any, message: str) -> str:
    if field in OPTIONS:
        wanted = ", ".join(OPTIONS[field])
        return (
            f"Choose one of: {wanted}." if not value else f"'{str(value)[:40]}' is not known; choose one of: {wanted}."
        )
    if field in NUMBERS:
        return "Enter a whole number from 1 to 100."
    if field == "step_engines":
        return _of_steps(message)
    if field == "cost_limit_usd":
        return "Enter an amount in USD above 0, for example 5 or 12.50; leave it empty for no limit."
    if value is None or not str(value).strip():
        return _EMPTY.get(field, "Fill this in.")
    longest = _LENGTHS.get(field)
    if longest and len(str(value)) > longest:
        return f"This has {len(str(value)):,} characters; at most {longest:,} fit."
    if message.startswith("Value error, "):
        return f"This text {message.removeprefix('Value error, ')}."
    return (
        f"This parameter is not known: {field}."
        if field not in FeatureRequest.model_fields
        else "This value cannot be used."
    )
