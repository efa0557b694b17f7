"""The station: facts, their journal, and what a hall does at a clock-in point."""
