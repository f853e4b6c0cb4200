"""Which fields of the form decide in which task, and how a task is told: a table, read by one function."""

from services.agents.claude.untrusted import encoded
from services.features.request import FeatureRequest
from services.workflow.options import effect_of

FORM_FIELDS = {
    "methodology": "Methodology",
    "complexity": "Complexity",
    "deployment_strategy": "Deployment strategy",
    "test_coverage_min": "Minimum coverage of branches, in percent",
    "performance_budget": "Performance budget, as typed",
    "rollout_percentage": "First stage of the rollout, in percent",
    "feature_flag_service": "Feature flag service",
    "analytics_platform": "Analytics platform",
    "monitoring_stack": "Monitoring stack",
}
# What every task reads in the shared part of its prompt.
FOR_ALL = ("title", "description", "corrections")
# Of the run and not of the work.
FOR_NONE = ("engine", "step_engines", "cost_limit_usd")

CONCERNS: dict[str, tuple[str, ...]] = {
    "business": ("methodology", "complexity", "performance_budget", "analytics_platform", "deployment_strategy"),
    "architecture": (
        "methodology", "complexity", "performance_budget", "deployment_strategy", "rollout_percentage",
        "feature_flag_service", "monitoring_stack",
    ),
    "risk": ("complexity", "deployment_strategy", "analytics_platform", "feature_flag_service"),
    "tests-red": ("methodology", "complexity", "test_coverage_min"),
    "backend": (
        "methodology", "complexity", "deployment_strategy", "rollout_percentage", "feature_flag_service",
        "performance_budget", "analytics_platform", "monitoring_stack", "test_coverage_min",
    ),
    "frontend": ("complexity", "deployment_strategy", "feature_flag_service", "analytics_platform", "performance_budget"),
    "data": ("complexity", "analytics_platform", "deployment_strategy"),
    "tests": ("methodology", "complexity", "test_coverage_min", "deployment_strategy"),
    "security": ("complexity", "deployment_strategy", "feature_flag_service"),
    "performance": ("complexity", "performance_budget"),
    "deployment": (
        "complexity", "deployment_strategy", "rollout_percentage", "feature_flag_service", "monitoring_stack",
        "test_coverage_min", "performance_budget",
    ),
    "observability": (
        "complexity", "deployment_strategy", "rollout_percentage", "performance_budget", "monitoring_stack",
        "analytics_platform",
    ),
    "documentation": tuple(FORM_FIELDS),
}  # fmt: skip


def told(request: FeatureRequest, task_key: str) -> str:
    """A line per field that decides here, with what the choice changes."""
    return "\n".join(_line(request, name) for name in CONCERNS[task_key])


def _line(request: FeatureRequest, name: str) -> str:
    value = getattr(request, name)
    if name == "performance_budget":
        return f"- {FORM_FIELDS[name]}: {encoded(value) if value.strip() else 'none'}"
    if isinstance(value, int):
        return f"- {FORM_FIELDS[name]}: {value}"
    return f"- {FORM_FIELDS[name]}: `{value.value}`. {effect_of(value)}"
