"""WHO SIGNS: the policy of a gate, what a gate shows, and decisions bound to exactly that.

`policies.py` is the rule, `views.py` the gate as shown, `decisions.py` the acts. `threads.py` is what people discuss,
`discussions.py` where that stands now, `chosen.py` how it becomes a remark.
"""
