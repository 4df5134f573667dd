"""Charts: a frame in, a chart out."""
