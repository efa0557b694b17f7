"""条款: every clause that a verdict or a number follows from, in our own words."""
