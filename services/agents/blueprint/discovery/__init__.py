"""Steps 1 to 3: what is wanted, how it is built, what could go wrong."""
