"""What a browser says it is, in the words that its owner knows it by."""

from web.words import _

# The first that the text holds counts: many browsers also name those that they are like.
BROWSERS = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Lark", "飞书"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"),
    ("360SE", "360 浏览器"), ("UCBrowser", "UC 浏览器"), ("Firefox", "Firefox"), ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"), ("Chromium", "Chromium"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"), ("Windows", "Windows"),
    ("Mac OS", "苹果电脑"), ("Linux", "Linux"),
)  # fmt: skip


def agent_words(agent: str) -> str:
    """Browser and system; what is neither comes as it is."""
    found = [next((words for sign, words in known if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    return _("，").join(_(words) for words in found if words) or agent[:60] or _("未知浏览器")
