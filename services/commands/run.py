"""`run`: takes a feature through the workflow, from one command line."""

import argparse
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from services import bootstrap
from services.actors import Actor
from services.commands import Commands, following
from services.deps import Deps
from services.errors import InvalidInput, UserError
from services.exports import check_is_free, export_run
from services.features import store
from services.features.request import TITLE_MAX
from services.people import users
from services.runs.start import start_run
from services.workflow.options import (
    AnalyticsPlatform,
    Complexity,
    DeploymentStrategy,
    DocumentKind,
    EngineName,
    FlagService,
    Methodology,
    MonitoringStack,
)
from services.workflow.tasks import STEP_KEYS

# Command-line name of a parameter -> field of the request. The names are the specification's.
PARAMETERS: dict[str, tuple[str, type[StrEnum] | None]] = {
    "methodology": ("methodology", Methodology),
    "complexity": ("complexity", Complexity),
    "deployment-strategy": ("deployment_strategy", DeploymentStrategy),
    "test-coverage-min": ("test_coverage_min", None),
    "performance-budget": ("performance_budget", None),
    "rollout-percentage": ("rollout_percentage", None),
    "feature-flag-service": ("feature_flag_service", FlagService),
    "analytics-platform": ("analytics_platform", AnalyticsPlatform),
    "monitoring-stack": ("monitoring_stack", MonitoringStack),
    "cost-limit": ("cost_limit_usd", None),
}


def add_to(commands: Commands) -> None:
    command = commands.add_parser("run", help="take a feature through the twelve steps")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--feature", metavar="TEXT", help="the feature; its first line or sentence becomes the title")
    what.add_argument("--feature-file", type=Path, metavar="F", help="the same, from a text or Markdown file")
    for name, (_field, kind) in PARAMETERS.items():
        command.add_argument(f"--{name}", metavar="|".join(kind) if kind else name.rsplit("-", 1)[-1].upper())
    command.add_argument(
        "--engine",
        action="append",
        default=[],
        metavar="[STEP=]ENGINE",
        help=f"who does the work ({', '.join(EngineName)}); STEP, its number or one of {', '.join(STEP_KEYS)}: who does "
        "that step instead; may be given several times",
    )
    command.add_argument("--title", help="the title, where the first line is not it")
    command.add_argument(
        "--correction",
        action="append",
        default=[],
        metavar="TEXT",
        help="what was understood wrongly, one instruction; may be given several times",
    )
    command.add_argument(
        "--context", action="append", default=[], metavar="[KIND=]F", help=f"KIND: {', '.join(DocumentKind)}"
    )
    command.add_argument("--as", dest="username", required=True, metavar="USER", help="who asks for it")
    command.add_argument("--approve-gates", action="store_true", help="approve every gate; only for a team of one")
    command.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
    command.add_argument("--export", type=Path, metavar="DIR", help="leave the result as a git repository in DIR")
    command.set_defaults(act=act)


def act(options: argparse.Namespace) -> int:
    deps = bootstrap.web_deps()
    actor = users.actor_for_command_line(deps, options.username)
    if options.export:
        check_is_free(options.export)
    feature_id = _submit(deps, actor, options)
    with bootstrap.worker_beside(deps.settings):
        run_id = start_run(deps, actor, feature_id=feature_id)
        status = following.follow(deps, actor, run_id, approve=options.approve_gates, say=_say)
    if options.export:
        export_run(deps, actor, run_id=run_id, folder=options.export)
        _say(f"Exported to {options.export}.")
    following.report(deps, actor, run_id, as_json=options.json)
    return following.EXIT_CODES[status]


def _submit(deps: Deps, actor: Actor, options: argparse.Namespace) -> Any:
    text = options.feature if options.feature is not None else _read_text("feature-file", options.feature_file)
    given = {
        field: value
        for name, (field, _) in PARAMETERS.items()
        if (value := getattr(options, name.replace("-", "_"))) is not None
    }
    form = {**store.form_defaults(deps, actor), "title": options.title or _title(text), "description": text, **given}
    form |= _engines(options.engine)
    form["corrections"] = "\n".join(options.correction)
    documents = [_document(word) for word in options.context]
    feature_id = store.save_draft(deps, actor, form=form)
    try:
        for kind, path in documents:
            store.add_document(deps, actor, feature_id=feature_id, name=path.name, kind=kind, data=path.read_bytes())
        return store.submit_feature(deps, actor, feature_id=feature_id, form=form)
    except UserError:
        store.delete_feature(deps, actor, feature_id=feature_id)
        raise


def _engines(words: Sequence[str]) -> dict[str, Any]:
    """Fields of the form: `claude` is for the run, `backend=blueprint` and `4=blueprint` for one step."""
    of_run = [word for word in words if "=" not in word]
    if len(of_run) > 1:
        raise InvalidInput({"engine": f"Name one engine for the run, not {len(of_run)}; STEP=ENGINE is for one step."})
    steps = [(step, engine) for step, _, engine in (word.partition("=") for word in words if "=" in word)]
    by_number = {str(number): key for number, key in enumerate(STEP_KEYS, 1)}
    chosen = [{"step": by_number.get(step, step), "engine": engine} for step, engine in steps]
    return {**({"engine": of_run[0]} if of_run else {}), **({"step_engines": chosen} if chosen else {})}


def _title(text: str) -> str:
    """The first line, without Markdown's heading marks, cut at the first sentence or at the limit."""
    line = next((line for line in text.splitlines() if line.strip()), "").lstrip("# ").strip()
    return line.split(". ", 1)[0][:TITLE_MAX]


def _document(word: str) -> tuple[DocumentKind, Path]:
    kind, _, rest = word.partition("=")
    known = {k.value: k for k in DocumentKind}
    if rest and kind not in known:
        raise InvalidInput({"context": f"'{kind}' is not a kind of document; use one of {', '.join(known)}."})
    path = Path(rest or word)
    if not path.is_file():
        raise InvalidInput({"context": f"There is no file {path}."})
    return known.get(kind, DocumentKind.BUSINESS) if rest else DocumentKind.BUSINESS, path


def _read_text(field: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput({field: f"{path} cannot be read: {error.strerror}."}) from error
    except UnicodeDecodeError as error:
        raise InvalidInput({field: f"{path} is not UTF-8 text; save it as UTF-8."}) from error


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
