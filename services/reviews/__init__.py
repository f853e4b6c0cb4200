"""WHO SIGNS: the policy of a gate, what a gate shows, and decisions bound to exactly that.

`policies.py` is the rule, `views.py` the gate as shown, `decisions.py` the acts.
"""
