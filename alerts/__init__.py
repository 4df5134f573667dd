"""One message for each change of state, and how it gets to people."""
