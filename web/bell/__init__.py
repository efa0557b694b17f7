"""铃: what waits for whoever is signed in."""
