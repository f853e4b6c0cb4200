"""Runs in the sandbox with the environment of generated code: what the application says of itself, on standard output."""

import json
import sys
from importlib import import_module

json.dump(import_module("app.main").app.openapi(), sys.stdout)
