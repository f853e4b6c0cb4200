"""WHAT TO READ at a gate: one page, made by rule from records, files and evidence; no model writes it.

`seen.py` is what a person saw and what is there now; `in_records.py`, `in_files.py` and `in_evidence.py` read facts out of
it, `changes.py` is the table of what is critical about a fact that came, went or changed. `sections.py` says the rest,
`fitting.py` keeps it short, `gates.py` is the act.
"""
