"""The station's own page: what the screen beside the fingerprint module shows. Works while the hub is away."""
