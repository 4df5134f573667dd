"""The landing database: what came, as it came, and what was tried."""
