"""Simulated devices: real bytes on a pty or a loopback socket, with memory and with faults."""
