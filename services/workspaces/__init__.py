"""THE FILES of a run as git objects in the database. A directory on disk is only a disposable checkout.

`trees.py` stores and reads, `paths.py` says which paths are refused, `archives.py` makes zips.
"""
