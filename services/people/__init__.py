"""Who is here: accounts, teams, roles, browsers, one-time links. `permissions.py` is the table of role x action."""
