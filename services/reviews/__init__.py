"""WHO SIGNS: the policy of a gate, what a gate shows, and decisions bound to exactly that.

`policies.py` and `problems.py` are the rules, `standing.py` says how a gate stands, `views.py` is the gate as shown, `decisions.py`
holds the acts, `opening.py` what follows from them, `explanations.py` why a gate is open, from the ledger alone.
"""
