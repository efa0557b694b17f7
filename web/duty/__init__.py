"""Duty: the roster, a day's page, prints."""
