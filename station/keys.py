"""Ed25519 keys of a station or hub, and the words by which people compare them."""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from station.durable import write_durably

# The opening of the Thousand Character Classic (千字文, 6th century): 256 characters, none twice.
_CLASSIC = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"
    "剑号巨阙珠称夜光果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国有虞陶唐"
    "吊民伐罪周发殷汤坐朝问道垂拱平章爱育黎首臣伏戎羌遐迩一体率宾归王鸣凤在竹白驹食场化被草木赖及万方"
    "盖此身发四大五常恭惟鞠养岂敢毁伤女慕贞洁男效才良知过必改得能莫忘罔谈彼短靡恃己长信使可覆器欲难量"
    "墨悲丝染诗赞羔羊景行维贤克念作圣德建名立形端表正空谷传声虚堂习听祸因恶积福缘善庆尺璧非宝寸阴是竞"
    "资父事君曰严与敬孝当竭力忠则尽命临深履薄夙兴温凊似兰斯馨如松之盛川流不息渊澄取映"
)
CHARACTERS = "".join(dict.fromkeys(_CLASSIC))[:256]


class Key:
    """A private key held by its owner."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def become(self, other: "Key") -> None:
        """Be that key from now on, for everybody who holds this one."""
        self._private, self.public = other._private, other.public

    def sign(self, message: bytes) -> str:
        """The signature of `message`, hex."""
        return self._private.sign(message).hex()


def load_or_make(path: Path) -> Key:
    """The key in `path` (raw 32 bytes, readable by its owner only); a new one is made durable first if none is."""
    try:
        return Key(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))
    except FileNotFoundError:
        private = Ed25519PrivateKey.generate()
        write_durably(path, private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        return Key(private)


def verified(public: str, signature: str, message: bytes) -> bool:
    """Whether `signature` (hex) of `message` was made by the owner of `public` (hex). Nonsense is False, no error."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def words(*public: str) -> str:
    """Public keys as eight characters in four pairs, for two people to compare aloud (64 bits of their SHA-256).

    A station's are of the key it signs with and the key PINs are sealed for, in this order.
    """
    digest = hashlib.sha256(b"".join(bytes.fromhex(key) for key in public)).digest()
    characters = [CHARACTERS[byte] for byte in digest[:8]]
    return " ".join("".join(characters[i : i + 2]) for i in range(0, 8, 2))
