"""What tells people at the door how it went: lamps, a buzzer, a voice."""
