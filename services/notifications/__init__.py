"""WHAT A PERSON SHOULD KNOW: who was told what, where they want to be told, and how it gets there.

`telling.py` writes, in the transaction of whoever calls it; `inbox.py` is what a person sees; `deliveries.py` works off what
goes outside, by `mail.py` (the only door to SMTP) and `posting.py` (the only door to webhooks). It knows nothing of gates
and criteria: who is to be told is found in `services/reminders`.
"""
