"""What people think and promise: a small database of their own, written to by several at once."""
