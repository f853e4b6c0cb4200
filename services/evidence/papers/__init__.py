"""Checks over what people read: nothing is run, text is only read, line by line and in time that grows with its length.

`pages.py` reads a Markdown file; `documents.py` judges the documents; `consistency.py` compares what the twelve steps say.
"""
