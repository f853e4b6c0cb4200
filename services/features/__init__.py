"""WHAT IS ASKED: the request as typed, its validation, its context documents, and what is understood of its text.

Pure rules are in `request.py` and `understanding.py`; what touches the database is in `store.py`.
"""
