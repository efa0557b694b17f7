"""Instructions and confirmation codes of the ZFM family, as data.

Sources: ZFM-20 and R30x manuals, R503 manual 1.2.2, Synochip AS608 command set. Times are the manuals' upper bounds
with room to spare: a module that thinks longer is taken for silent.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from config.words import say


class Op(IntEnum):
    """Instruction codes, by the manuals' names. Images are never asked for, so their codes are not here."""

    GEN_IMG = 0x01
    IMG2TZ = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    REG_MODEL = 0x05
    STORE = 0x06
    LOAD_CHAR = 0x07
    UP_CHAR = 0x08
    DOWN_CHAR = 0x09
    DELET_CHAR = 0x0C
    EMPTY = 0x0D
    SET_SYS_PARA = 0x0E
    READ_SYS_PARA = 0x0F
    SET_PWD = 0x12
    VFY_PWD = 0x13
    GET_RANDOM = 0x14
    SET_ADDER = 0x15
    WRITE_NOTEPAD = 0x18
    READ_NOTEPAD = 0x19
    HISPEED_SEARCH = 0x1B
    TEMPLATE_NUM = 0x1D
    READ_INDEX = 0x1F
    AURA_LED = 0x35
    PROD_INFO = 0x3C
    HANDSHAKE = 0x40


OK: Final = 0x00
PACKET_ERROR: Final = 0x01
NO_FINGER: Final = 0x02
NO_MATCH: Final = 0x08
NOT_FOUND: Final = 0x09
MERGE_FAILED: Final = 0x0A
WRONG_PASSWORD: Final = 0x13
WRONG_ADDRESS: Final = 0x20
LOCKED: Final = 0x21
TIMED_OUT: Final = 0x26
DUPLICATE: Final = 0x27
UNSUPPORTED: Final = 0xFC
WAKE: Final = 0xFF

# Codes any instruction may meet, always without results.
ANYWHERE: Final = frozenset({0x01, 0x13, 0x18, 0x19, 0x20, 0x21, 0x29, 0x31, 0xFC, 0xFD, 0xFE})
# A print that cannot be used: the same press again helps.
UNCLEAR: Final = frozenset({0x03, 0x04, 0x05, 0x06, 0x07, 0x15, 0x17})
# "This instruction is not known": 13 on Synochip modules, FC on newer ones.
UNKNOWN_INSTRUCTION: Final = frozenset({0x13, 0xFC})

USUAL_THINK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Traits:
    """What an instruction's answer looks like, and how it may be handled.

    `think`: seconds the module may take beside the time on the wire. `results`: bytes after the confirmation code
    when it is 00. `says`: refusals this instruction is known for. `again`: asking twice changes nothing, so a
    damaged answer may be asked for once more. `padded`: refusals may carry the results' bytes as zeros (manual) or
    stand alone (seen in the field).
    """

    results: int = 0
    says: frozenset[int] = frozenset()
    think: float = USUAL_THINK
    again: bool = False
    padded: bool = False
    follows: bool = False

    def fits(self, payload: bytes) -> bool:
        """Whether these bytes can be an answer to this instruction at all."""
        if not payload:
            return False
        code, results = payload[0], len(payload) - 1
        if code == OK:
            return results == self.results
        if code in self.says:
            return results == 0 or (self.padded and results == self.results)
        return code in ANYWHERE and (results == 0 or (self.padded and results == self.results))


def _says(*codes: int) -> frozenset[int]:
    return frozenset(codes)


_CAPTURE = _says(0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x17)
_FEATURE = _says(0x06, 0x07, 0x08, 0x0A, 0x15, 0x17)
_FOUND = _says(0x09, 0x08, 0x17, 0x23, 0x24)

TRAITS: Final[dict[Op, Traits]] = {
    Op.GEN_IMG: Traits(says=_CAPTURE, again=True),
    Op.IMG2TZ: Traits(says=_FEATURE, again=True, follows=True),
    Op.MATCH: Traits(2, _says(0x08), again=True, padded=True, follows=True),
    Op.SEARCH: Traits(4, _FOUND, think=1.8, again=True, padded=True, follows=True),
    Op.HISPEED_SEARCH: Traits(4, _FOUND, think=1.8, again=True, padded=True, follows=True),
    Op.REG_MODEL: Traits(says=_says(0x0A, 0x07, 0x25), think=1.8, follows=True),
    Op.STORE: Traits(says=_says(0x0B, 0x18, 0x1F, 0x22), think=1.8, follows=True),
    Op.LOAD_CHAR: Traits(says=_says(0x0B, 0x0C, 0x22, 0x23), again=True),
    Op.UP_CHAR: Traits(says=_says(0x0D)),
    Op.DOWN_CHAR: Traits(says=_says(0x0E)),
    Op.DELET_CHAR: Traits(says=_says(0x10, 0x0B, 0x18), think=1.8),
    Op.EMPTY: Traits(says=_says(0x11, 0x18), think=1.8),
    Op.SET_SYS_PARA: Traits(says=_says(0x1A, 0x1B, 0x18)),
    Op.READ_SYS_PARA: Traits(16, again=True),
    Op.SET_PWD: Traits(),
    Op.VFY_PWD: Traits(again=True),
    Op.GET_RANDOM: Traits(4, again=True),
    Op.SET_ADDER: Traits(),
    Op.WRITE_NOTEPAD: Traits(says=_says(0x1C)),
    Op.READ_NOTEPAD: Traits(32, _says(0x1C), again=True),
    Op.TEMPLATE_NUM: Traits(2, again=True),
    Op.READ_INDEX: Traits(32, _says(0x0B), again=True),
    Op.AURA_LED: Traits(),
    Op.PROD_INFO: Traits(46, _says(0x1A, 0x1B), again=True),
    Op.HANDSHAKE: Traits(again=True),
}

# What a clerk reads when the module says no.
_WORDS: Final[dict[int, str]] = {
    0x01: "指纹模块没有收清楚，请再试一次",
    0x02: "没有检测到手指，请把手指按在指纹窗上",
    0x03: "指纹采集失败，请再按一次",
    0x04: "手指太干，请哈一口气再按",
    0x05: "手指太湿，请擦干再按",
    0x06: "指纹图像模糊，请擦净手指和指纹窗再按",
    0x07: "指纹特征太少，请把手指放正、按实再试",
    0x08: "两枚指纹不一致",
    0x09: "没有找到这枚指纹",
    0x0A: "几次按的不是同一枚手指，请从头再录",
    0x0B: "指纹位置超出模块容量",
    0x0C: "模块里的指纹模板读不出来，请删除后重录",
    0x0D: "模块没有交出指纹模板",
    0x0E: "模块现在不接收数据",
    0x0F: "模块没有交出图像",
    0x10: "模块没有删掉指纹，请再试一次",
    0x11: "模块没有清空指纹库",
    0x13: "指纹模块的口令不对，请在设置里填写正确的口令",
    0x15: "没有可用的指纹图像，请再按一次",
    0x17: "手指没有移开，请抬起手指再按",
    0x18: "指纹模块的存储写入出错，请更换模块",
    0x19: "指纹模块报告未知错误",
    0x1A: "指纹模块不认识这个参数",
    0x1B: "指纹模块不接受这个参数值",
    0x1C: "记事页号不对",
    0x1E: "录入失败，请从头再录",
    0x1F: "指纹库已满，请先删除离岗人员的指纹",
    0x20: "指纹模块的地址不对",
    0x21: "指纹模块要求先核对口令",
    0x22: "这个位置的状态不符（空或已占用）",
    0x23: "这个位置没有指纹模板",
    0x24: "指纹库是空的，请先录入指纹",
    0x25: "按指次数不对，请从头再录",
    0x26: "等候手指超时，请从头再录",
    0x27: "这枚手指已经录过",
    0x29: "指纹传感器故障，请更换模块",
    0x31: "指纹模块的加密等级不允许这个操作",
    0xFC: "指纹模块不支持这个操作",
    0xFD: "指纹模块硬件故障，请更换模块",
    0xFE: "指纹模块执行失败，请再试一次",
}


def words_for(code: int) -> str:
    """What people read for a confirmation code; an unlisted one is shown as its number."""
    known = _WORDS.get(code)
    return say(known) if known else say("指纹模块返回未知代码 {code}", code=f"0x{code:02X}")
