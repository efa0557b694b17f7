"""账号: who may sign in, and by what."""
