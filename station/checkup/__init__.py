"""The check-up's parts: each looks at one thing, and says in words how it is and what to do about it."""
