"""Servers of tests: real HTTP on loopback, at the doors to what cannot be reached from here."""
