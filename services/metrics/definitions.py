"""What each metric means; the page shows these sentences beside its charts."""

DEFINITIONS: dict[str, str] = {
    "lead_time": "Median time from the start of a run to its last approval, over finished runs.",
    "wait_share": "Time that runs stood at gates, divided by the time from start to end or to now.",
    "first_pass": "Gates approved without a request for changes before, divided by gates approved.",
    "rework_share": "Revisions caused by a change request, an upstream change, a step run again or an edit, divided by all revisions.",
    "cost": "Sum of what every request to a model has cost, broken ones included, and of what is held for those without an answer; n/a when the price of one is unknown.",
    "cached_share": "Tokens that were read from the provider's cache, divided by all tokens of the prompts.",
    "retry_cost": "Cost of requests that broke off or whose answer could not be used, so that they were made again.",
    "rework_cost": "Cost of requests that made revisions which newer ones have replaced.",
    "duration": "Time that a step's attempts took, from start to result.",
}
