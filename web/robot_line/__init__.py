"""The line to the group robots of WeCom, DingTalk and Feishu, through apprise."""
