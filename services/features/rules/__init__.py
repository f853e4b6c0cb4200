"""WHAT A SENTENCE DEMANDS: tables of phrases, each with a reader that turns it into rules.

`grammar.py` compiles phrases; `reading.py` tries them on a sentence; every other file is one family of phrases. A reader
gives nothing unless the whole sentence is understood.
"""
