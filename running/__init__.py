"""Processes: how one is ended, and how the server is run."""
