"""WHAT IS UPLOADED: what a file is by its content, and its text or picture, read apart from everything else.

`contents.py` tells kinds of files and their limits, `apart.py` starts a child process with limits and is the only one
that does, `inside.py` is what runs there, `pages.py` makes one text of pages. No rule about features belongs here.
"""
