"""Runs in the sandbox with the environment of generated code: how the workspace's own code decides, for each person of standard input."""

import json
import sys
from importlib import import_module

flag_file = import_module("app.flag_file")
people = json.load(sys.stdin)
flag = flag_file.configuration()
json.dump({"key": flag_file.KEY, "on": [bool(flag_file.decide(flag, person)) for person in people]}, sys.stdout)
