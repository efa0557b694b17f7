"""The template in which staff are listed, as an .xlsx file."""

import io

from config.words import say

COLUMNS = ("姓名", "工号", "单位", "窗口编号", "前/后台", "岗位", "A/B", "角色", "入驻日期", "手机", "楼层")
OPTIONAL = frozenset(("工号", "窗口编号", "前/后台", "岗位", "A/B", "角色", "入驻日期", "手机", "楼层"))
WIDTHS = (12, 12, 26, 10, 10, 16, 8, 22, 14, 16, 8)
ROWS = 2000  # so far down cells are text or days, so that Excel does not make numbers of numbers
_NOTES = (
    "第一行是标题，请勿改动；每人一行，不要合并单元格，不要用公式。",
    "姓名、单位必填，其余可空。同一单位有同名的人时须填工号。",
    "前/后台填“前台”或“后台”，空着按前台。",
    "岗位是窗口上的岗位名称，空着按“窗口岗”。",
    "A/B 填 A 或 B，一个岗位只能有一个 A，B 按表中先后排序。填了 A/B 就要填窗口编号。",
    "角色可填多个，用顿号分开；空着按窗口人员。",
    "可填的角色：窗口人员、窗口负责人、首席代表、考勤员、派驻单位领导、值班长、督查室、巡查人员、政务服务办领导、中心分管领导。",
    "窗口负责人是本行窗口编号那个窗口的负责人。",
    "角色有期限的写在括号里：值班长（2026-03-01至2026-03-31）。",
    "楼层填窗口所在楼层的数字，地下填 -1；空着可以以后在窗口页面上填。",
    "入驻日期写成 2026-03-01；空着表示一直在册。",
)


def template() -> bytes:
    """The file: a sheet to fill in, and one that says how."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E0F3EA", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(say("人员"))
        for place, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            sheet.set_column(place, place, width, day if name == "入驻日期" else text)
            sheet.write_string(0, place, name, head)
        sheet.freeze_panes(1, 1)
        sheet.data_validation(1, 4, ROWS, 4, {"validate": "list", "source": ["前台", "后台"], "ignore_blank": True})
        sheet.data_validation(1, 6, ROWS, 6, {"validate": "list", "source": ["A", "B"], "ignore_blank": True})
        notes = book.add_worksheet(say("填写说明"))
        notes.set_column(0, 0, 100, book.add_format({"text_wrap": True}))
        for place, note in enumerate(_NOTES):
            notes.write_string(place, 0, say(note))
    return made.getvalue()
