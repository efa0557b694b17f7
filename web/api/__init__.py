"""`/api/v1`: what stations (and later integrators) speak. Errors are JSON `{"error": words}`."""
