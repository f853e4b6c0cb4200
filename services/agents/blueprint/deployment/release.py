"""Step 10: pipeline, manifests for the chosen strategy and only for it, stages, the rollback ladder and its scripts."""

from services.agents.blueprint import markdown
from services.agents.blueprint.deployment import rollout_plans
from services.agents.blueprint.deployment.manifests import manifests_of, name_of, slots_of
from services.agents.blueprint.discovery.resilience_plans import ATTEMPTS
from services.agents.blueprint.implementation.flags import SHARED_OUT
from services.agents.blueprint.remarks import answered
from services.agents.blueprint.rendering import TEMPLATES, as_json, render
from services.agents.blueprint.rules.rule_plan import plan_of
from services.agents.engine import Brief, Draft
from services.agents.parts import paths
from services.deliverables.discovery import Architecture
from services.deliverables.implementation import Backend
from services.deliverables.quality import Tests
from services.deliverables.release import Deployment, PipelineStage
from services.features import words
from services.features.speech import counted, one_of
from services.features.understanding import RuleKind
from services.workflow.options import DeploymentStrategy

_S = DeploymentStrategy
# What the generated pipeline installs for its own checks.
_TOOLS = {"bandit": "1.9.4", "pip_audit": "2.10.1"}


def generate(brief: Brief) -> Draft:
    design = brief.read("architecture", Architecture)
    built = brief.read("backend", Backend)
    tested = brief.read("tests", Tests)
    strategy = brief.request.deployment_strategy
    stages = rollout_plans.stages_of(brief)
    records = Deployment(
        summary=f"{strategy.value}: {rollout_plans.MEANINGS[strategy]} Stages: {_percents(brief)}. "
        f"The ladder takes it back in under {one_of(tuple(str(m) for m in rollout_plans.ladder_minutes(brief)), 'and')} minutes; none of it has been rehearsed yet.",
        strategy=strategy.value,
        pipeline=_pipeline(tested),
        stages=stages,
        rollback=rollout_plans.ladder_of(brief),
        experiment=rollout_plans.experiment_of(brief) if strategy is _S.A_B_TEST else None,
        migrations=_migrations(brief),
        checklist=_checklist(brief, built),
    )
    files = {**_project_files(brief, tested), **manifests_of(brief), **_scripts(brief, design, built)}
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


def _percents(brief: Brief) -> str:
    return ", ".join(f"{share} %" for share in rollout_plans.shares_of(brief))


def _pipeline(tested: Tests) -> tuple[PipelineStage, ...]:
    return (
        PipelineStage(name="test", checks=f"{counted(len({case.file for case in tested.cases}), 'test file')}, branch coverage of at least {tested.coverage_minimum} %, migrations up, down, up", artefact="coverage in the log"),
        PipelineStage(name="scan", checks=f"bandit {_TOOLS['bandit']} finds nothing high, pip-audit {_TOOLS['pip_audit']} finds nothing known", artefact="findings in the log"),
        PipelineStage(name="build", checks="only on main, after test and scan", artefact="image named after the commit"),
        PipelineStage(name="deploy", checks="started by a person, environment production asks for approval", artefact="one stage of the rollout"),
    )  # fmt: skip


def _migrations(brief: Brief) -> tuple[str, ...]:
    steps = paths(brief.files, "migrations/versions/")
    return (
        f"expand: alembic upgrade head ({', '.join(steps)}) before the first pod of the new version; only tables and indexes are added, so the version before runs on",
        f"migrate: {_moved(brief) or 'the request names nothing to move, and the tables are new'}",
        "contract: nothing to remove in this release",
    )


def _moved(brief: Brief) -> str:
    kept = brief.understanding.kept_today
    if not kept:
        return ""
    return f"what is kept in {words.article(kept[0]) if kept[0] == words.singular(kept[0]) else kept[0]} today is not imported, this run builds no import; who writes it, and how it is counted that nothing was lost, is open"


def _checklist(brief: Brief, built: Backend) -> tuple[str, ...]:
    strategy, name = brief.request.deployment_strategy, name_of(brief)
    by_strategy = {
        _S.DIRECT: "Everybody is told before, since everybody gets it at once",
        _S.CANARY: f"The ingress class nginx is installed, and deploy/service.yaml has your host in place of {name}.example.com",
        _S.FEATURE_FLAG: "The first stage is SHARE=0: deploy/rollout.sh sets the flag to 0 % before a pod starts",
        _S.BLUE_GREEN: "There is room for two whole environments, and both read the same database",
        _S.A_B_TEST: "The analysis is written down before the first person is exposed",
    }
    found = [
        "Phase 3 was approved: tests, security, performance",
        f"The secret {name} holds database-url and token-secret (at least 32 bytes); requirements.txt holds the driver of PostgreSQL",
        f"The storage class of the claim {name}-data can be mounted by many pods (ReadWriteMany): the event log of every pod and the figures stand there, and outlive the pods",
        "deploy/jobs.yaml runs with the image of this version",
        _leaving(brief),
        f"Only the gateway may reach the service {name} (the network policy lets pods with role=gateway in)",
        f"The flag {built.flag.key} is known to on-call, with its kill switch: {built.flag.kill_switch}",
        by_strategy[strategy],
        f"Rungs {one_of(tuple(str(r.rung) for r in rollout_plans.ladder_of(brief) if r.rung <= 3 and r.command != '-'), 'and')} of the rollback ladder were rehearsed on staging, with their times written down",
        "Dashboard and alerts of step 11 show data from staging",
        f"A person is named who removes the flag when {built.flag.remove_when}",
    ]
    moved = _moved(brief)
    return tuple(item for item in ((f"Open: {moved}" if moved else ""), *found) if item)


def _leaving(brief: Brief) -> str:
    """Empty where nothing leaves the service."""
    told = any(rule.kind is RuleKind.NOTIFY for rule in plan_of(brief.understanding).domain.rules)
    if not told and not brief.understanding.integrations:
        return ""
    return f"ADAPTERS in app/deliver.py names who sends messages: where a channel has none, and NOTIFICATION_LOG is not set, a message is set aside after {ATTEMPTS} attempts and waits for python -m app.deliver --again"


def _project_files(brief: Brief, tested: Tests) -> dict[str, bytes]:
    shares = [str(share) for share in rollout_plans.shares_of(brief)]
    values = {
        "coverage": tested.coverage_minimum,
        "stages": ", ".join(shares),
        "choices": ", ".join(f'"{s}"' for s in shares),
    }
    pipeline = render("deployment/ci.yml.j2", strategy=brief.request.deployment_strategy.value, **values, **_TOOLS)
    return {".github/workflows/ci.yml": pipeline, "Dockerfile": render("deployment/Dockerfile.j2")}


def _scripts(brief: Brief, design: Architecture, built: Backend) -> dict[str, bytes]:
    strategy, name = brief.request.deployment_strategy, name_of(brief)
    slots = slots_of(brief)
    suffixes = [f"-{slot.name}" for slot in slots] if len(slots) > 1 else [""]
    listing = next(op for op in design.operations if op.verb == "list")
    values = {
        "strategy": strategy.value,
        "name": name,
        "stages": ", ".join(str(share) for share in rollout_plans.shares_of(brief)),
        "flag_file": built.flag.file.rsplit("/", 1)[-1],
        "verify": f"{listing.method} {listing.path}",
        "tables": ", ".join(entity.name for entity in design.entities),
        "pods": slots[0].replicas,
    }
    targets = " ".join(f"deployment/{name}{suffix}" for suffix in suffixes)
    made = {
        "deploy/rollout.sh": render("deployment/rollout.sh.j2", **values),
        "deploy/rollback/1-flag-off.sh": render("deployment/flag_off.sh.j2", targets=targets, **values),
        "deploy/rollback/3-previous-version.sh": render("deployment/previous_version.sh.j2", targets=targets, **values),
        "deploy/rollback/4-migration-down.sh": render("deployment/migration_down.sh.j2", **values),
        "deploy/rollback/5-review.md": (TEMPLATES / "deployment" / "review.md").read_bytes(),
    }
    if rollout_plans.has_second_environment(brief):
        made["deploy/rollback/2-traffic-back.sh"] = render("deployment/traffic_back.sh.j2", **values)
    if strategy in SHARED_OUT:
        made["deploy/set_share.py"] = (TEMPLATES / "deployment" / "set_share.py").read_bytes()
    return made


def _stage_table(made: Deployment) -> str:
    """Guards that many stages share are told once."""
    rows = [
        (n, f"{s.traffic_percent} %", f"{s.flag_percent} %", s.hold, s.promoted_by)
        for n, s in enumerate(made.stages, start=1)
    ]
    guards = [
        f"Guards of stage {one_of(tuple(str(n) for n, s in enumerate(made.stages, start=1) if s.guards == told), 'and')}: {told}."
        for told in dict.fromkeys(s.guards for s in made.stages)
    ]
    head = ("Stage", "Requests to the new version", "People with the flag on", "Held", "Promoted by")
    return f"{markdown.table(head, rows)}\n\n{markdown.bullets(guards)}"


def _ladder_table(made: Deployment) -> str:
    rows = [(r.rung, r.trigger, r.action, r.command, r.target, r.verified_by) for r in made.rollback]
    return markdown.table(("Rung", "When", "Do", "Command", "Target", "Seen by"), rows)


def _short_ladder(made: Deployment) -> str:
    rows = [(r.rung, r.action, r.command, r.target) for r in made.rollback]
    return (
        markdown.table(("Rung", "Do", "Command", "Target"), rows)
        + "\n\nWhen each is taken, and how it is seen that it helped: `deploy/RUNBOOK.md`."
    )


def _runbook(brief: Brief, made: Deployment) -> str:
    first = rollout_plans.shares_of(brief)[0]
    return (
        f"# Deploying {markdown.text(brief.request.title)}\n\n{markdown.text(rollout_plans.MEANINGS[brief.request.deployment_strategy])}\n\n"
        "## Before\n\nGo through `deploy/CHECKLIST.md`. Then, once per database:\n\n"
        "```sh\nDATABASE_URL=... python -m alembic upgrade head\n```\n\n"
        "## One stage\n\nThe pipeline does this when a person starts it; by hand it is:\n\n"
        f"```sh\nexport NAMESPACE=... IMAGE=...\nSHARE={first} sh deploy/rollout.sh\n```\n\n{markdown.text(rollout_plans.first_share(brief))}\n\n{_stage_table(made)}\n\n"
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
        ("Stages", f"{markdown.text(rollout_plans.first_share(brief))}\n\n{_stage_table(made)}"),
        ("Rollback ladder", _short_ladder(made)),
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
    found.append(f"Limits of the guards: {'; '.join(rollout_plans.guards_of(brief).sources)}.")
    if made.experiment:
        found.append(f"A baseline of {made.experiment.baseline_percent:g} %, since nobody has measured one.")
        found.append(
            "Events hold no person, by design: the gateway counts people per arm, and what the control group does today."
        )
    return found
