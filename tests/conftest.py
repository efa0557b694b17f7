"""What holds for every test."""

import os

# Stations of tests keep little back: a reserve of the usual size for each would fill the disk of a small machine.
os.environ.setdefault("ZAIGANG_STATION_DISK__RESERVE_MB", "1")
