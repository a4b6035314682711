"""Text is UTF-8 wherever it is read or written, whatever the locale says."""

import ast

import pytest

from tests.test_layers import FILES, ROOT

TEXT = {"open": 0, "read_text": None, "write_text": None}  # where the mode stands, of a path's method
PROCESS = {"text", "universal_newlines"}


def unspoken(source: str) -> list[int]:
    """Lines of calls that leave the encoding to the locale."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _leaves(call)]


def _leaves(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in keywords:
        return False
    if name in ("run", "Popen", "check_output"):
        return bool(PROCESS & set(keywords))
    if name not in TEXT or (name == "open" and _module(call) in ("os", "Image", "safetensors")):
        return False
    place = 1 if isinstance(call.func, ast.Name) else TEXT[name]
    typed = call.args[place : place + 1] if place is not None else []
    modes = [
        node.value
        for mode in [keywords.get("mode"), *typed]
        for node in ast.walk(mode or ast.Pass())
        if isinstance(node, ast.Constant)
    ]
    return not any("b" in str(mode) for mode in modes)


def _module(call: ast.Call) -> str:
    return getattr(getattr(call.func, "value", None), "id", "")


@pytest.mark.parametrize("file", FILES)
def test_every_text_file_is_read_and_written_as_utf_8(file):
    assert unspoken((ROOT / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("p.open()", [1]),
        ("p.open('w')", [1]),
        ("open(p)", [1]),
        ("open(p, 'r', newline='')", [1]),
        ("p.read_text(errors='replace')", [1]),
        ("p.write_text(t)", [1]),
        ("run(c, text=True)", [1]),
        ("p.open('rb')\nopen(p, 'xb')\np.open(mode='wb')\nos.open(p, 1)\nrun(c)", []),
        ("p.open(encoding='utf-8')\np.read_text(encoding='utf-8')", []),
    ],
)
def test_the_check_sees_what_it_should(source, lines):
    assert unspoken(source) == lines
