"""WHO SIGNS: the policy of a gate, what a gate shows, and decisions bound to exactly that.

`policies.py` is the rule, `views.py` the gate as shown, `decisions.py` the approval, `changes.py` what sends
steps through again, `forecasts.py` and `remarks.py` what is said of that before.
"""
