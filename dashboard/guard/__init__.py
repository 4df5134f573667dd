"""What stands between the network and the pages. Knows no page and no data."""
