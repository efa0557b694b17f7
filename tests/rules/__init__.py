"""The law, held to tables that an office can read."""
