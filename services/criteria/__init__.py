"""HOW SUCCESS IS JUDGED: verdicts from evidence, never from an agent's word. `judging.py` is pure; `views.py` reads."""
