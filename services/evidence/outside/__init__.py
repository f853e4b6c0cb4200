"""Evidence that people bring from other machines: read with suspicion, bound to files where it can be, else said to be unbound.

`reading.py` tells what a file is by its content; one file here per format. Nothing is unpacked, fetched or run.
"""
