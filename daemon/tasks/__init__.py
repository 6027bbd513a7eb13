"""Loops over core and ports: each waits, asks the core what to do, and does it through a port."""
