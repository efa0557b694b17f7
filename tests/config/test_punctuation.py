"""Chinese words that people read are set in full-width punctuation: ，；：（）！？ beside every Chinese character."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("config", "drivers", "station", "web")
CHINESE = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
HALF_WIDTH = re.compile(rf"[{CHINESE}][,;:()!?]|[,;:()!?][{CHINESE}]")
NOT_PROSE = ("文件:制度:条", "{document}:制度:条", "(可空)")  # the form of a clause id; a heading folded to half width


def _half_width(words: str) -> list[str]:
    for form in NOT_PROSE:
        words = words.replace(form, "")
    return [words[max(0, found.start() - 12) : found.end() + 12] for found in HALF_WIDTH.finditer(words)]


def _is_command(function: ast.AST) -> bool:
    decorators = getattr(function, "decorator_list", [])
    return any(re.search(r"\b(command|group)\b", ast.unparse(each)) for each in decorators)


def _unread(tree: ast.AST) -> Iterator[ast.AST]:
    """Strings that nobody reads: docstrings (but a command's is its help) and patterns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not _is_command(node):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            yield from ast.walk(node)


def _read_in_code(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    unread = {id(node) for node in _unread(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread:
            yield node.value


def _read_in_page(path: Path) -> Iterator[str]:
    text = path.read_text()
    apart = r"(?m)//.*$" if path.suffix == ".js" else r"(?s)\{#.*?#\}|<!--.*?-->| pattern=\"[^\"]*\""
    yield re.sub(apart, "", text)


def _read_in_data(path: Path) -> Iterator[str]:
    yield re.sub(r"(?m)(^|\s)#.*$", "", path.read_text())


READERS = {".py": _read_in_code, ".html": _read_in_page, ".js": _read_in_page, ".toml": _read_in_data}


@pytest.mark.parametrize("room", ROOMS)
def test_chinese_words_stand_in_full_width_punctuation(room: str) -> None:
    faults = [
        f"{path.relative_to(ROOT)}: …{found}…"
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in READERS and "vendor" not in path.parts
        for words in READERS[path.suffix](path)
        for found in _half_width(words)
    ]
    assert faults == []


@pytest.mark.parametrize("words", ["已保存,请重试", "注意:本站", "提前(分钟)", "好吗?", "停用;保留", "完成!"])
def test_half_width_punctuation_is_found(words: str) -> None:
    assert _half_width(words)


@pytest.mark.parametrize(
    "words", ["已保存，请重试", "08:30 到 12:00", "{name}: {at}", "文件:制度:条", "第 3 条（共 5 条）"]
)
def test_other_punctuation_is_left_alone(words: str) -> None:
    assert not _half_width(words)
