"""Small pure functions over the rows of figures: limits, survival, forecasts, comparisons."""
