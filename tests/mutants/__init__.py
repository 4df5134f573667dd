"""Deliberate faults, one at a time, to see whether the tests can fail: `make mutants`."""
