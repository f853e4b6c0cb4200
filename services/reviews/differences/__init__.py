"""WHAT CHANGED between two revisions: reports by paragraph and word, records by row and field, files by line. Pure.

`sequences.py` compares any two sequences within a budget of steps, and everything else stands on it. `revisions.py` is the
act; only it knows the database. What is too large is said to be, never compared half.
"""
