"""Drivers and simulators, judged by their bytes."""
