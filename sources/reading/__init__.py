"""Reading what a place holds: over the network, from files, from tables. Knows no database."""
