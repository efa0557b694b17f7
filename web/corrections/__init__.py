"""更正: missing presses made good, and the sheets that people sign by hand when the reader is out of order."""
