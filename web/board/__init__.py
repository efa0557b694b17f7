"""岗位看板: every window now, the record of empty ones, and a window's day with its covers."""
