"""The threads of a running station: each keeps itself dumb, everything fallible is elsewhere."""
