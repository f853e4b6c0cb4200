"""HOW WE ARE DOING: definitions and plain rows for the charts. Unknown is None, never zero."""
