"""The rules as data: settings, policies, clauses, the checklist."""
