"""WHO MUST BE TOLD: found in the state of runs, never remembered; told once, by whichever worker finds it first.

`gates.py` looks at one run, `promises.py` at dates of waivers and criteria, `rounds.py` is the loop of a worker.
"""
