"""WHAT HAPPENS, as data: phases, tasks, options, criteria, the rollback ladder.

Pure: no database, no engine, no import from other services. The executor, the forms, the map, the metrics and the
tests read these tables. Read `tasks.py` first.
"""
