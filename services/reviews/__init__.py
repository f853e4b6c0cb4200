"""WHO SIGNS: the policy of a gate, what a gate shows, and decisions bound to exactly that.

`policies.py` and `problems.py` are the rules, `standing.py` says how a gate stands, `views.py` is the gate as shown, `decisions.py`
holds approvals, `opening.py` what follows from them, `explanations.py` why a gate is open, from the ledger alone; `changes.py`
sends steps through again, `forecasts.py` and `remarks.py` say before what that will do. `threads.py` is what people discuss,
`discussions.py` where that stands now, `chosen.py` how it becomes a remark.
"""
