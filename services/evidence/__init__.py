"""WHY WE BELIEVE IT: a sandbox for generated code, the environment it runs in, and what is measured there.

Nothing here knows the database or a decision. `test_runs.py` and `page_pictures.py` measure, `sandbox/` isolates, `environments.py` builds.
Whether tests prove a criterion: `places.py` finds, `breakages.py` says how, `sabotage.py` breaks, `proofs.py` judges.
"""
