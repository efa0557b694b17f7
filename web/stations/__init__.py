"""考勤站: joining, confirming, and how each one is."""
