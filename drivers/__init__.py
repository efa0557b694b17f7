"""Hardware: fingerprint modules, tap readers, cameras, and their simulators."""
