"""How the vendors' own engines decide over a flag file, offline: `decide(vendor, file, key, people)`."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

logging.disable(logging.CRITICAL)


def decide(vendor: str, file: Path, key: str, people: Sequence[str]) -> list[bool]:
    """Raises: LookupError when the engine does not find the flag or cannot evaluate it."""
    return _ENGINES[vendor](file, key, people)


def _launchdarkly(file: Path, key: str, people: Sequence[str]) -> list[bool]:
    from ldclient import Context
    from ldclient.client import LDClient
    from ldclient.config import Config
    from ldclient.integrations import Files

    source = Files.new_data_source(paths=[str(file)])
    client = LDClient(Config("none", update_processor_class=source, send_events=False, diagnostic_opt_out=True))
    found = [client.variation_detail(key, Context.create(person), None) for person in people]
    client.close()
    wrong = next((one.reason for one in found if one.value is None), None)
    if wrong is not None:
        raise LookupError(f"LaunchDarkly answers {wrong}")
    return [bool(one.value) for one in found]


def _split(file: Path, key: str, people: Sequence[str]) -> list[bool]:
    from splitio import get_factory

    factory = get_factory("localhost", config={"splitFile": str(file), "localhostRefreshEnabled": False})
    factory.block_until_ready(5)
    client = factory.client()
    found = [client.get_treatment(person, key) for person in people]
    factory.destroy()
    if set(found) <= {"control"}:
        raise LookupError("Split answers control for everybody")
    return [one == "on" for one in found]


def _unleash(file: Path, key: str, people: Sequence[str]) -> list[bool]:
    from yggdrasil_engine.engine import UnleashEngine

    engine = UnleashEngine()
    engine.take_state(file.read_text(encoding="utf-8"))
    found = [engine.is_enabled(key, {"userId": person}) for person in people]
    if not all(one.is_found for one in found):
        raise LookupError("Unleash does not know the flag")
    return [bool(one.is_enabled) for one in found]


def _flagd(file: Path, key: str, people: Sequence[str]) -> list[bool]:
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType
    from openfeature.evaluation_context import EvaluationContext

    provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(file))
    provider.initialize(EvaluationContext())
    found = [
        provider.resolve_boolean_details(key, default_value=False, evaluation_context=EvaluationContext(person))
        for person in people
    ]
    provider.shutdown()
    wrong = next((one for one in found if getattr(one, "error_code", None)), None)
    if wrong is not None:
        raise LookupError(f"flagd answers {wrong.error_code}")
    return [bool(one.value) for one in found]


_ENGINES = {"launchdarkly": _launchdarkly, "split": _split, "unleash": _unleash, "custom": _flagd}


def switched_off(vendor: str, text: str, key: str) -> str:
    """The file as it is once somebody has used the vendor's own kill switch."""
    data = json.loads(text)
    if vendor == "launchdarkly":
        data["flags"][key]["on"] = False
    elif vendor == "split":
        next(split for split in data["splits"] if split["name"] == key)["killed"] = True
    elif vendor == "unleash":
        next(feature for feature in data["features"] if feature["name"] == key)["enabled"] = False
    else:
        data["flags"][key]["state"] = "DISABLED"
    return json.dumps(data)
