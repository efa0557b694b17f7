"""Alembic's home: how to run (`env`) and the steps (`versions`)."""
