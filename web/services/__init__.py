"""What the hub does, without Flask. Nothing here commits: the door that opened the session does."""
