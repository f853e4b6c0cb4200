"""Steps 4 to 6: the service, its page, its figures."""
