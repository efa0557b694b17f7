"""待整改: findings put right, needs settled, key patrols proposed."""
