"""The commands beside those of every day: each file what follows one word of the shell."""
