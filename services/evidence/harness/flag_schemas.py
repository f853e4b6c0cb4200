"""The flag files as their vendors read them, as far as a gradual release of one boolean flag goes.

Source: the vendors' documentation of their file formats; no vendor ships a schema.
"""

from typing import Any


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


_TEXT = {"type": "string", "minLength": 1}
_SWITCH = {"type": "boolean"}
_NUMBER = {"type": "integer", "minimum": 0}

SCHEMAS: dict[str, dict[str, Any]] = {
    "launchdarkly": _object(
        ["flags"],
        flags={
            "type": "object",
            "minProperties": 1,
            "additionalProperties": _object(
                ["key", "on", "variations", "offVariation", "fallthrough", "salt", "version"],
                key=_TEXT,
                on=_SWITCH,
                salt=_TEXT,
                version=_NUMBER,
                offVariation=_NUMBER,
                variations=_list({}, 2),
                fallthrough={
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                        "variation": _NUMBER,
                        "rollout": _object(
                            ["variations"],
                            variations=_list(
                                _object(
                                    ["variation", "weight"],
                                    variation=_NUMBER,
                                    weight={"type": "integer", "minimum": 0, "maximum": 100_000},
                                ),
                                1,
                            ),
                        ),
                    },
                },
            ),
        },
    ),
    "split": _object(
        ["splits", "since", "till"],
        splits=_list(
            _object(
                ["name", "status", "killed", "defaultTreatment", "conditions", "trafficAllocation", "seed", "algo"],
                name=_TEXT,
                status={"enum": ["ACTIVE", "ARCHIVED"]},
                killed=_SWITCH,
                defaultTreatment=_TEXT,
                trafficAllocation={"type": "integer", "minimum": 0, "maximum": 100},
                algo={"enum": [1, 2]},
                conditions=_list(
                    _object(
                        ["conditionType", "matcherGroup", "partitions"],
                        partitions=_list(
                            _object(
                                ["treatment", "size"],
                                treatment=_TEXT,
                                size={"type": "integer", "minimum": 0, "maximum": 100},
                            ),
                            1,
                        ),
                    ),
                    1,
                ),
            ),
            1,
        ),
    ),
    "unleash": _object(
        ["version", "features"],
        version=_NUMBER,
        features=_list(
            _object(
                ["name", "enabled", "strategies"],
                name=_TEXT,
                enabled=_SWITCH,
                strategies=_list(
                    _object(
                        ["name", "parameters"],
                        name=_TEXT,
                        parameters=_object([], rollout={"type": "string", "pattern": "^(100|[0-9]{1,2})$"}),
                    ),
                    1,
                ),
            ),
            1,
        ),
    ),
    "custom": _object(
        ["flags"],
        flags={
            "type": "object",
            "minProperties": 1,
            "additionalProperties": _object(
                ["state", "variants", "defaultVariant"],
                state={"enum": ["ENABLED", "DISABLED"]},
                variants={"type": "object", "minProperties": 2},
                defaultVariant=_TEXT,
                targeting={"type": "object"},
            ),
        },
    ),
}
