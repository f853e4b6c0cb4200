"""Names of products as their makers write them."""

from enum import StrEnum

from services.workflow.options import AnalyticsPlatform, FlagService, MonitoringStack

# By type first: members of two enums may have the same value.
_NAMES: dict[type[StrEnum], dict[str, str]] = {
    FlagService: {
        FlagService.LAUNCHDARKLY: "LaunchDarkly", FlagService.SPLIT: "Split", FlagService.UNLEASH: "Unleash", FlagService.CUSTOM: "flagd (OpenFeature)",
    },
    AnalyticsPlatform: {
        AnalyticsPlatform.SEGMENT: "Segment", AnalyticsPlatform.AMPLITUDE: "Amplitude", AnalyticsPlatform.MIXPANEL: "Mixpanel",
        AnalyticsPlatform.CUSTOM: "a platform of your own",
    },
    MonitoringStack: {
        MonitoringStack.GRAFANA: "Grafana over Prometheus", MonitoringStack.DATADOG: "Datadog", MonitoringStack.NEWRELIC: "New Relic",
        MonitoringStack.CUSTOM: "a stack of your own over Prometheus",
    },
}  # fmt: skip


def brand_of(choice: FlagService | AnalyticsPlatform | MonitoringStack) -> str:
    return _NAMES[type(choice)][choice]
