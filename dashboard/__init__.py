"""The pages: what the figures say, drawn. No SQL and no arithmetic here."""
