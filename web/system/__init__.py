"""What machines ask about the hub."""
