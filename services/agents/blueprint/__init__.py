"""The embedded engine: generators over the typed understanding of a request. No key, no network, no model, no clock.

`engine.py` dispatches; each task has a module with `generate(brief) -> Draft`; files are templates below `templates/`.
Later steps read names only from the records of earlier ones, never from the text again.
"""
