"""The monitoring stack of a request: which files it takes, and in which query language its panels ask."""

from collections.abc import Callable

from services.agents.blueprint.deployment.datadog import datadog
from services.agents.blueprint.deployment.newrelic import newrelic
from services.agents.blueprint.deployment.panels import Setup
from services.agents.blueprint.deployment.prometheus import custom, grafana
from services.workflow.options import MonitoringStack

_FORMATS: dict[MonitoringStack, Callable[[Setup], dict[str, bytes]]] = {
    MonitoringStack.GRAFANA: grafana,
    MonitoringStack.CUSTOM: custom,
    MonitoringStack.DATADOG: datadog,
    MonitoringStack.NEWRELIC: newrelic,
}


def family_of(stack: MonitoringStack) -> str:
    return stack.value if stack in (MonitoringStack.DATADOG, MonitoringStack.NEWRELIC) else "prometheus"


def stack_files(stack: MonitoringStack, setup: Setup) -> dict[str, bytes]:
    return _FORMATS[stack](setup)
