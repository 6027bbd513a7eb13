"""Decisions, pure: values in, values out. No I/O, no clock, no randomness; time is an argument."""
