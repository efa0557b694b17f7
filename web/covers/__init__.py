"""顶岗: planned covers, what waits to be accepted, and posts that nobody covers."""
