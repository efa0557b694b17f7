"""The live stream: pages hear that something changed and fetch their fragment."""
