"""WHAT IT PRODUCES: one typed, frozen model per task, by phase, and how each is shown.

Ids run through all of them and later steps cite them: US-1, AC-1.2, OP-createOrder, EV-order_created, TH-4, SLO-2, AL-3.
`REGISTRY` maps a task key to its model.
"""
