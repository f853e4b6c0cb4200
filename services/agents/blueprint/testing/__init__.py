"""Steps 7 to 9: the tests, security, performance."""
