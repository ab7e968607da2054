"""Builds, names, locks, dumps, exports and compares releases."""
