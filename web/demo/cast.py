"""The demonstration hall, modelled on a district's: four floors, 24 windows, 60 people. Data alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
HALL = "示范区政务服务中心"
STATION = "一楼东门考勤站"
CENTRE = "政务服务中心"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the hall. `window`: where they are A; `covers`: whose registered B they are, in order.

    `late_in`: comes late on one working day in so many; `absent`: does not come today.
    """

    number: str
    name: str
    unit: str
    roles: tuple[str, ...] = ("staff",)
    window: str = ""
    covers: tuple[str, ...] = ()
    late_in: int = 24
    absent: bool = False

    @property
    def group(self) -> str:
        """Whose hours they keep."""
        return "window" if self.window or self.covers else "back_office"


# Three units a floor, two windows a unit. Of each: A of the first window and its head, A of the second, B of both (and
# A in turn for one another), and who keeps the unit's attendance in the back office.
UNITS = (
    ("医疗保障局", ("刘明", "王芳", "李娜", "何静")),
    ("人力资源和社会保障局", ("徐敏", "阿依古丽·买买提", "高飞", "梁玉兰")),
    ("公安局", ("周强", "吴芳洋", "郭亮", "宋佳")),
    ("市场监督管理局", ("张伟", "赵军磊", "唐晓燕", "韩冰")),
    ("税务局", ("黄涛", "陈静", "冯磊", "邓丽华")),
    ("公积金管理中心", ("曹颖", "彭浩", "曾庆文", "萧然")),
    ("不动产登记中心", ("孙丽", "马超", "蒋文静", "蔡国强")),
    ("住房和城乡建设局", ("余慧", "潘伟民", "杜鹃", "叶青")),
    ("规划和自然资源局", ("程刚", "魏红", "苏小梅", "吕志远")),
    ("民政局", ("丁香", "任建华", "沈洁", "姚远")),
    ("交通运输局", ("卢勇", "傅晓明", "钟丽", "汪洋")),
    ("生态环境局", ("田野", "石磊", "范冰洁", "方圆")),
)
OF_CENTRE = (
    ("欧阳建国", ("duty_leader",)),
    ("秦海燕", ("supervision",)),
    ("尹志强", ("patrol_officer",)),
    ("段玉梅", ("patrol_officer",)),
    ("江山", ("duty_leader",)),
    ("史文博", ("duty_leader", "patrol_officer")),
    ("龙飞", ("patrol_officer",)),
    ("贺兰", ("supervision",)),
    ("顾明远", ("centre_leader",)),
    ("万里", ("office_leader",)),
    ("钱进", ("staff",)),
    ("司马青", ("staff",)),
)
LATE_IN = {"张伟": 4, "黄涛": 6, "马超": 8}
ABSENT = ("周强", "孙丽", "钟丽")  # today
FLOOR_UNITS = 3
SMALL = 2, 4  # units and people of the centre in a small cast: twelve people at four windows


def floor_of(window: str) -> int:
    """The floor that a window's number begins with."""
    return int(window[0])


def cast(*, small: bool = False) -> tuple[Actor, ...]:
    """Everybody; or the first two units and a few of the centre."""
    units, centre = SMALL if small else (len(UNITS), len(OF_CENTRE))
    people = [*_of_units(UNITS[:units]), *_of_centre(OF_CENTRE[:centre])]
    return tuple(people)


def _of_units(units: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Actor]:
    for place, (unit, names) in enumerate(units):
        floor, first = place // FLOOR_UNITS + 1, place % FLOOR_UNITS * 2 + 1
        one, other = f"{floor}{first:02}", f"{floor}{first + 1:02}"
        parts = (
            (("staff", "window_head", "chief_rep"), one, (other,)),
            (("staff",), other, (one,)),
            (("staff",), "", (one, other)),
            (("staff", "attendance_clerk"), "", ()),
        )
        for nth, (name, (roles, window, covers)) in enumerate(zip(names, parts, strict=True), 1):
            yield _actor(f"{10 + place}{nth:02}", name, unit, roles, window, covers)


def _of_centre(people: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Actor]:
    for nth, (name, roles) in enumerate(people, 1):
        yield _actor(f"90{nth:02}", name, CENTRE, roles, "", ())


def _actor(number: str, name: str, unit: str, roles: tuple[str, ...], window: str, covers: tuple[str, ...]) -> Actor:
    return Actor(number, name, unit, roles, window, covers, LATE_IN.get(name, 24), name in ABSENT)
