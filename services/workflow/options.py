"""The choices of the feature form. Each says what it changes; the texts are shown in the form and in the docs."""

from enum import StrEnum


class Methodology(StrEnum):
    TRADITIONAL = "traditional"
    TDD = "tdd"
    BDD = "bdd"
    DDD = "ddd"


class Complexity(StrEnum):
    SIMPLE = "simple"
    MEDIUM = "medium"
    COMPLEX = "complex"
    EPIC = "epic"


class DeploymentStrategy(StrEnum):
    DIRECT = "direct"
    CANARY = "canary"
    FEATURE_FLAG = "feature-flag"
    BLUE_GREEN = "blue-green"
    A_B_TEST = "a-b-test"


class FlagService(StrEnum):
    LAUNCHDARKLY = "launchdarkly"
    SPLIT = "split"
    UNLEASH = "unleash"
    CUSTOM = "custom"


class AnalyticsPlatform(StrEnum):
    SEGMENT = "segment"
    AMPLITUDE = "amplitude"
    MIXPANEL = "mixpanel"
    CUSTOM = "custom"


class MonitoringStack(StrEnum):
    DATADOG = "datadog"
    NEWRELIC = "newrelic"
    GRAFANA = "grafana"
    CUSTOM = "custom"


class EngineName(StrEnum):
    BLUEPRINT = "blueprint"
    CLAUDE = "claude"


class DocumentKind(StrEnum):
    BUSINESS = "business"
    ARCHITECTURE = "architecture"
    REGULATION = "regulation"
    INTERFACE = "interface"
    DATA = "data"
    OPERATIONS = "operations"


# What each choice changes in the run, in one sentence. By type first: members of two enums may have the same value.
EFFECTS: dict[type[StrEnum], dict[str, str]] = {
    Methodology: {
        Methodology.TRADITIONAL: "Code first, then the test suite in phase 3.",
        Methodology.TDD: "Acceptance tests are written and shown to fail in phase 2, before the backend; phase 3 turns them green.",
        Methodology.BDD: "Every acceptance criterion that a test can prove becomes a rule of Gherkin, with scenarios that run.",
        Methodology.DDD: "The package is laid out by bounded context, with aggregates and domain events.",
    },
    Complexity: {
        Complexity.SIMPLE: "One service, few integrations; 1 to 2 days. One approval per gate.",
        Complexity.MEDIUM: "Several modules, moderate integration; 3 to 5 days. One approval per gate, of security at gates 1 and 3.",
        Complexity.COMPLEX: "Cross-domain work, many integrations; 1 to 2 weeks. Deeper tests, a decomposition plan, two approvals at gates 1 and 3.",
        Complexity.EPIC: "Architectural change over several teams; more than 2 weeks. Contracts between services, a plan per team, two approvals per gate.",
    },
    DeploymentStrategy: {
        DeploymentStrategy.DIRECT: "Everyone gets the feature at once; a kill switch stays.",
        DeploymentStrategy.CANARY: "Traffic grows in stages from the first percentage you set.",
        DeploymentStrategy.FEATURE_FLAG: "Deployed dark, then opened by a flag in stages.",
        DeploymentStrategy.BLUE_GREEN: "Two environments; one switch moves all traffic, and moves it back.",
        DeploymentStrategy.A_B_TEST: "Traffic is split for an experiment with a metric, guardrails and a sample size.",
    },
    FlagService: {
        FlagService.LAUNCHDARKLY: "Flag rules as LaunchDarkly flag data.",
        FlagService.SPLIT: "Flag rules as a Split definition.",
        FlagService.UNLEASH: "Flag rules as an Unleash feature with strategies.",
        FlagService.CUSTOM: "Flag rules as a flagd file that needs no service.",
    },
    AnalyticsPlatform: {
        AnalyticsPlatform.SEGMENT: "Tracking plan in Segment's format.",
        AnalyticsPlatform.AMPLITUDE: "Tracking plan in Amplitude's format.",
        AnalyticsPlatform.MIXPANEL: "Tracking plan in Mixpanel's format.",
        AnalyticsPlatform.CUSTOM: "Tracking plan as JSON Schema per event.",
    },
    MonitoringStack: {
        MonitoringStack.DATADOG: "Monitors and a dashboard as Datadog JSON.",
        MonitoringStack.NEWRELIC: "Alert conditions and a dashboard for New Relic.",
        MonitoringStack.GRAFANA: "Prometheus rules and a Grafana dashboard.",
        MonitoringStack.CUSTOM: "Prometheus rules and a plain dashboard description.",
    },
    EngineName: {
        EngineName.BLUEPRINT: "Generators on this machine; no model is called, nothing leaves it.",
        EngineName.CLAUDE: "Agents with a model: the request, the documents and what is made go to the provider, and cost money.",
    },
    DocumentKind: {
        DocumentKind.BUSINESS: "Read by business analysis.",
        DocumentKind.ARCHITECTURE: "Read by technical architecture and backend services.",
        DocumentKind.REGULATION: "Read by feasibility and risk, and by security validation.",
        DocumentKind.INTERFACE: "Read by the frontend.",
        DocumentKind.DATA: "Read by the data pipeline.",
        DocumentKind.OPERATIONS: "Read by deployment and by observability.",
    },
}


def effect_of(option: StrEnum) -> str:
    """What choosing the option changes."""
    return EFFECTS[type(option)][option]
