"""Stand-ins at the doors to the outside: an engine whose work can be counted and slowed down."""
