"""Step 10: pipeline, manifests for the chosen strategy and only for it, stages, the rollback ladder and its scripts."""

from typing import Any

from services.agents.blueprint import markdown
from services.agents.blueprint.deployment import rollout_plans
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.engine import Brief, Draft
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend
from services.deliverables.quality import Tests
from services.deliverables.release import Deployment, PipelineStage
from services.features.speech import counted
from services.workflow.options import DeploymentStrategy

_S = DeploymentStrategy
# What the generated pipeline installs for its own checks.
_TOOLS = {"bandit": "1.9.4", "pip_audit": "2.10.1"}
_IMAGE = "ghcr.io/example/service:set-by-the-pipeline"
# Strategy -> (slot, replicas, FEATURE_FORCE). An empty value leaves the decision to the flag file.
_SLOTS: dict[DeploymentStrategy, tuple[tuple[str, int, str], ...]] = {
    _S.DIRECT: (("live", 2, ""),),
    _S.CANARY: (("stable", 2, "off"), ("canary", 1, "on")),
    _S.FEATURE_FLAG: (("live", 2, ""),),
    _S.BLUE_GREEN: (("blue", 2, "on"), ("green", 2, "on")),
    _S.A_B_TEST: (("live", 2, ""),),
}


def generate(brief: Brief) -> Draft:
    design = Architecture.model_validate(brief.inputs["architecture"].records)
    built = Backend.model_validate(brief.inputs["backend"].records)
    tested = Tests.model_validate(brief.inputs["tests"].records)
    strategy = brief.request.deployment_strategy
    stages = rollout_plans.stages_of(brief)
    records = Deployment(
        summary=f"{strategy.value}: {rollout_plans.MEANINGS[strategy]} Stages: {_percents(brief)}. "
        f"The ladder takes it back in under 1, 5 and 15 minutes; none of it has been rehearsed yet.",
        strategy=strategy.value,
        pipeline=_pipeline(tested),
        stages=stages,
        rollback=rollout_plans.ladder_of(brief),
        experiment=rollout_plans.experiment_of(brief) if strategy is _S.A_B_TEST else None,
        migrations=_migrations(built),
        checklist=_checklist(brief, built),
    )
    files = {**_project_files(brief, tested), **_manifests(brief), **_scripts(brief, design, built)}
    files["deploy/jobs.yaml"] = render("deployment/jobs.yaml.j2", name=_name(brief), image=_IMAGE, jobs=_jobs(brief))
    files["deploy/stages.json"] = as_json([stage.model_dump() for stage in stages])
    files["deploy/RUNBOOK.md"] = _runbook(brief, records).encode()
    files["deploy/CHECKLIST.md"] = (
        "# Release checklist\n\n" + "".join(f"- [ ] {item}\n" for item in records.checklist)
    ).encode()
    if records.experiment:
        files["deploy/experiment.json"] = as_json(
            {**records.experiment.model_dump(), "alpha": 0.05, "power": 0.8, "status": "planned"}
        )
    return Draft(report=_report(brief, records), records=records, files=files, cost_usd=0.0)


def _name(brief: Brief) -> str:
    return brief.understanding.name.replace("_", "-")


def _percents(brief: Brief) -> str:
    return ", ".join(f"{share} %" for share in rollout_plans.shares_of(brief))


def _pipeline(tested: Tests) -> tuple[PipelineStage, ...]:
    return (
        PipelineStage(name="test", checks=f"{counted(len(tested.cases), 'test file')}, branch coverage of at least {tested.coverage_minimum} %, migrations up, down, up", artefact="coverage in the log"),
        PipelineStage(name="scan", checks=f"bandit {_TOOLS['bandit']} finds nothing high, pip-audit {_TOOLS['pip_audit']} finds nothing known", artefact="findings in the log"),
        PipelineStage(name="build", checks="only on main, after test and scan", artefact="image named after the commit"),
        PipelineStage(name="deploy", checks="started by a person, environment production asks for approval", artefact="one stage of the rollout"),
    )  # fmt: skip


def _migrations(built: Backend) -> tuple[str, ...]:
    first = next((path for path in built.migrations if "versions/" in path), "-")
    return (
        f"expand: alembic upgrade head ({first}) before the first pod of the new version; it only adds tables, so the version before runs on",
        "migrate: nothing to copy, the tables are new",
        "contract: nothing to remove in this release",
    )


def _checklist(brief: Brief, built: Backend) -> tuple[str, ...]:
    strategy = brief.request.deployment_strategy
    by_strategy = {
        _S.DIRECT: "Everybody is told before, since everybody gets it at once",
        _S.CANARY: f"The ingress class nginx is installed and the first weight is {brief.request.rollout_percentage} %",
        _S.FEATURE_FLAG: f"{built.flag.file} says 0 % before the first deployment",
        _S.BLUE_GREEN: "There is room for two whole environments, and both read the same database",
        _S.A_B_TEST: "The analysis is written down before the first person is exposed",
    }
    return (
        "Phase 3 was approved: tests, security, performance",
        f"The secret {_name(brief)} holds database-url and token-secret (at least 32 bytes); requirements.txt holds the driver of PostgreSQL",
        "deploy/jobs.yaml runs with the image of this version, and ADAPTERS in app/deliver.py names who sends your messages; until then they wait",
        "deploy/service.yaml names your host, and only the gateway may reach the service",
        f"The flag {built.flag.key} is known to on-call, with its kill switch: {built.flag.kill_switch}",
        by_strategy[strategy],
        "Rungs 1 to 3 of the rollback ladder were rehearsed on staging, with their times written down",
        "Dashboard and alerts of step 11 show data from staging",
        "The event log is kept on a volume that outlives a pod",
        f"A person is named who removes the flag when {built.flag.remove_when}",
    )


def _project_files(brief: Brief, tested: Tests) -> dict[str, bytes]:
    shares = [str(share) for share in rollout_plans.shares_of(brief)]
    values = {
        "coverage": tested.coverage_minimum,
        "stages": ", ".join(shares),
        "choices": ", ".join(f'"{s}"' for s in shares),
    }
    pipeline = render("deployment/ci.yml.j2", strategy=brief.request.deployment_strategy.value, **values, **_TOOLS)
    return {".github/workflows/ci.yml": pipeline, "Dockerfile": render("deployment/Dockerfile.j2")}


def _jobs(brief: Brief) -> list[dict[str, str]]:
    """What a scheduler has to start, beside the service itself."""
    found = [{"name": "deliver", "schedule": "* * * * *", "what": "it sends what waits to leave it"}]
    if "app/sweep.py" in brief.files:
        found.append(
            {"name": "sweep", "schedule": "17 * * * *", "what": "it moves and removes records whose time has come"}
        )
    return found


def _manifests(brief: Brief) -> dict[str, bytes]:
    strategy = brief.request.deployment_strategy
    slots = _SLOTS[strategy]
    is_single = len(slots) == 1
    made = [{"name": n, "replicas": r, "forced": f, "suffix": "" if is_single else f"-{n}"} for n, r, f in slots]
    names = [slot["name"] for slot in made]
    services = (
        [{"suffix": f"-{n}", "slot": n} for n in names] if strategy is _S.CANARY else [{"suffix": "", "slot": names[0]}]
    )
    values: dict[str, Any] = {
        "strategy": strategy.value,
        "meaning": rollout_plans.MEANINGS[strategy].capitalize(),
        "name": _name(brief),
        "image": _IMAGE,
        "first": brief.request.rollout_percentage,
    }
    if strategy is not _S.BLUE_GREEN:
        return {"deploy/service.yaml": render("deployment/service.yaml.j2", slots=made, services=services, **values)}
    # Each slot is a file of its own, so that one can be deployed without touching the other.
    files = {f"deploy/slot-{s['name']}.yaml": render("deployment/slot.yaml.j2", slots=[s], **values) for s in made}
    return {**files, "deploy/service.yaml": render("deployment/service.yaml.j2", slots=[], services=services, **values)}


def _scripts(brief: Brief, design: Architecture, built: Backend) -> dict[str, bytes]:
    strategy, name = brief.request.deployment_strategy, _name(brief)
    suffixes = [f"-{slot}" for slot, _, _ in _SLOTS[strategy]] if len(_SLOTS[strategy]) > 1 else [""]
    newest = ["-canary"] if strategy is _S.CANARY else suffixes
    listing = next(op for op in design.operations if op.verb == "list")
    values = {
        "strategy": strategy.value,
        "name": name,
        "stages": ", ".join(str(share) for share in rollout_plans.shares_of(brief)),
        "flag_file": built.flag.file.rsplit("/", 1)[-1],
        "verify": f"{listing.method} {listing.path}",
        "tables": ", ".join(entity.name for entity in design.entities),
    }
    off = " ".join(f"deployment/{name}{suffix}" for suffix in newest)
    made = {
        "deploy/rollout.sh": render("deployment/rollout.sh.j2", **values),
        "deploy/rollback/1-flag-off.sh": render("deployment/flag_off.sh.j2", targets=off, **values),
        "deploy/rollback/3-previous-version.sh": render("deployment/previous_version.sh.j2", targets=off, **values),
        "deploy/rollback/4-migration-down.sh": render("deployment/migration_down.sh.j2", **values),
        "deploy/rollback/5-review.md": (TEMPLATES / "deployment" / "review.md").read_bytes(),
    }
    if rollout_plans.has_second_environment(brief):
        made["deploy/rollback/2-traffic-back.sh"] = render("deployment/traffic_back.sh.j2", **values)
    if strategy in (_S.FEATURE_FLAG, _S.A_B_TEST):
        made["deploy/set_share.py"] = (TEMPLATES / "deployment" / "set_share.py").read_bytes()
    return made


def _stage_table(made: Deployment) -> str:
    return markdown.table(
        ("Share", "Held", "Guards", "Promoted by"),
        [(f"{s.share_percent} %", s.hold, s.guards, s.promoted_by) for s in made.stages],
    )


def _ladder_table(made: Deployment) -> str:
    rows = [(r.rung, r.trigger, r.action, r.command, r.target, r.verified_by) for r in made.rollback]
    return markdown.table(("Rung", "When", "Do", "Command", "Target", "Seen by"), rows)


def _runbook(brief: Brief, made: Deployment) -> str:
    first = rollout_plans.shares_of(brief)[0]
    return (
        f"# Deploying {markdown.text(brief.request.title)}\n\n{markdown.text(rollout_plans.MEANINGS[brief.request.deployment_strategy])}\n\n"
        "## Before\n\nGo through `deploy/CHECKLIST.md`. Then, once per database:\n\n"
        "```sh\nDATABASE_URL=... python -m alembic upgrade head\n```\n\n"
        "## One stage\n\nThe pipeline does this when a person starts it; by hand it is:\n\n"
        f"```sh\nexport NAMESPACE=... IMAGE=...\nSHARE={first} sh deploy/rollout.sh\n```\n\n{_stage_table(made)}\n\n"
        f"## Take it back\n\nBegin with rung 1 and go down only while the harm goes on.\n\n{_ladder_table(made)}\n"
    )


def _report(brief: Brief, made: Deployment) -> str:
    flow = ["flowchart LR", "  test --> build", "  scan --> build", "  build --> deploy", "  deploy --> s0"]
    flow += [
        f"  s{n}[{s.share_percent} %] --> s{n + 1}" if n + 1 < len(made.stages) else f"  s{n}[{s.share_percent} %]"
        for n, s in enumerate(made.stages)
    ]
    sections = (
        (
            "Pipeline",
            markdown.table(("Stage", "Checks", "Makes"), [(p.name, p.checks, p.artefact) for p in made.pipeline]),
        ),
        ("The way to everybody", markdown.mermaid(flow)),
        ("Stages", _stage_table(made)),
        ("Rollback ladder", _ladder_table(made)),
        ("Experiment", _experiment(made)),
        ("Migrations", markdown.bullets(made.migrations)),
        ("Release checklist", markdown.bullets(made.checklist)),
        ("Assumed", markdown.bullets(_assumed(brief, made))),
        ("Context read", markdown.documents(brief.documents)),
    )
    return markdown.report(f"Deployment: {brief.request.title}", made.summary, sections, answered(brief))


def _experiment(made: Deployment) -> str:
    if made.experiment is None:
        return ""
    e = made.experiment
    p1, p2 = e.baseline_percent / 100, (e.baseline_percent + e.minimum_detectable_effect_percent) / 100
    arithmetic = (
        f"n = (1.96 sqrt(2 x {(p1 + p2) / 2:.2f} x {1 - (p1 + p2) / 2:.2f}) + 0.84 sqrt({p1:.2f} x {1 - p1:.2f} + {p2:.2f} x {1 - p2:.2f}))^2 "
        f"/ {p2 - p1:.2f}^2 = {e.sample_size_per_arm} per arm; alpha 0.05, power 0.8, two-sided"
    )
    rows = [
        ("Hypothesis", e.hypothesis), ("Unit", e.unit), ("Primary metric", e.primary_metric), ("Sample size", arithmetic),
        ("Duration", f"2 x {e.sample_size_per_arm} people / people a day; the request names no traffic"), ("Guardrails", "; ".join(e.guardrails)),
        ("Stopping", "no decision before the sample size is reached"),
    ]  # fmt: skip
    return markdown.table(("Part", "Value"), rows)


def _assumed(brief: Brief, made: Deployment) -> list[str]:
    found = ["Kubernetes with a gateway that signs people in; the pipeline runs on GitHub."]
    unnamed = rollout_plans.guards_of(brief).assumed
    if unnamed:
        found.append(f"Guards that the request does not name: {', '.join(unnamed)}.")
    if made.experiment:
        found.append(f"A baseline of {made.experiment.baseline_percent:g} %, since nobody has measured one.")
        found.append(
            "Events hold no person, by design: the gateway counts people per arm, and what the control group does today."
        )
    return found
