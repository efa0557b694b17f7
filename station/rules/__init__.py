"""The law: pure functions over frozen values. No clock, no file, no log; every answer names its clauses."""
