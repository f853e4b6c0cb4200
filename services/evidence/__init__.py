"""WHY WE BELIEVE IT: a sandbox for generated code, the environments it runs in, and what is measured there.

Nothing here knows the database or a decision. `registry.py` is the table of checks and `subjects.py` what they look at; `sandbox/`
isolates, `environments.py` builds, `harness/` is what runs inside. Whether tests prove a criterion: `places.py` finds,
`breakages.py` says how, `sabotage.py` breaks, `proofs.py` judges. `papers/` reads documents, `outside/` what people bring.
"""
