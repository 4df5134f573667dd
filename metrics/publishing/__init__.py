"""From the landing database to a publication that pages read."""
