"""Tap readers: each finds tags in what its wire says."""
