"""群机器人: messengers' group robots that tell of what waits."""
