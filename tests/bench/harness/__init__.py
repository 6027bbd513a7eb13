"""Rounds, ratios, tables: what all rows have in common, and what tests can look at without measuring."""
