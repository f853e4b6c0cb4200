"""Joins, sums and second uses, one module per noun. Every function takes an open session and never commits."""
