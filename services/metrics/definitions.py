"""What each metric means; the page shows these sentences beside its charts."""

DEFINITIONS: dict[str, str] = {
    "lead_time": "Median time from the start of a run to its last approval, over finished runs.",
    "wait_share": "Time that runs stood at gates, divided by the time from start to end or to now.",
    "first_pass": "Gates approved without a request for changes before, divided by gates approved.",
    "rework_share": "Revisions caused by a change request, an upstream change, a step run again or an edit, divided by all revisions.",
    "cost": "Sum of the known costs of all revisions; n/a when the cost of one is unknown.",
    "duration": "Time that a step's attempts took, from start to result.",
}
