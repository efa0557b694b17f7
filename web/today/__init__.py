"""今日: the hall's running day."""
