"""Journeys: a real browser on the real pages."""
