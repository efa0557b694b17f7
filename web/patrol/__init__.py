"""Patrol: the phone's pages on the floor, and the desk's: checkpoints, tags, plan."""
