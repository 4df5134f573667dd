"""From what a team has to a first stages.yaml: which columns, which statuses, which stages.

Everything here is a proposal, with its reason, that a person may change before it is written.
"""
