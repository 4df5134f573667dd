"""stages.yaml, read and checked into frozen values. Imports nothing of ours."""
