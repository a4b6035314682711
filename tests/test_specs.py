"""Names with options: one canonical spelling, and a sentence for every mistake."""

from dataclasses import dataclass

import pytest

from evidence_bench.models import specs
from evidence_bench.models.errors import BadOption


@pytest.mark.parametrize("text", ["jvi[order=2]", "jvi:order=2", " jvi[ order = 2 ] "])
def test_both_spellings_mean_the_same(text):
    assert str(specs.parse_spec(text)) == "jvi[order=2]"


def test_options_are_sorted_and_stay_text_until_their_type_is_known():
    spec = specs.parse_spec("m:b=1.5:a=2:d=true:c=word")
    assert spec.options == (("a", "2"), ("b", "1.5"), ("c", "word"), ("d", "true"))


@dataclass(frozen=True)
class Options:
    text: str = ""
    count: int = 0
    size: float = 1.0
    on: bool = False
    word: str | None = None
    limit: float | None = None
    either: int | str = 0
    anything: object = None


@pytest.mark.parametrize("text", ["2", "true", "1e3", "007", "nan", "none", "1_000"])
def test_text_that_looks_like_something_else_is_text_where_text_is_wanted(text):
    spec = specs.parse_spec(f"m[text={text},word={text}]")
    made = specs.build(Options, dict(spec.options), "m")
    assert made.text == text
    assert made.word == (None if text == "none" else text)
    assert str(specs.canonical(spec, Options)).startswith(f"m[text={text}")


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("count=7", "count", 7),
        ("size=2", "size", 2.0),
        ("size=1e+3", "size", 1000.0),
        ("on=TRUE", "on", True),
        ("limit=none", "limit", None),
        ("limit=3", "limit", 3.0),
        ("either=3", "either", 3),
        ("either=x3", "either", "x3"),
        ("anything=3", "anything", 3),
        ("anything=x", "anything", "x"),
    ],
)
def test_the_field_decides_what_a_text_is(typed, field, value):
    spec = specs.parse_spec(f"m[{typed}]")
    made = getattr(specs.build(Options, dict(spec.options), "m"), field)
    assert (made, type(made)) == (value, type(value))
    again = specs.parse_spec(str(specs.canonical(spec, Options)))
    assert getattr(specs.build(Options, dict(again.options), "m"), field) == value


@pytest.mark.parametrize("typed", ["count=1.5", "count=true", "count=1e3", "on=1", "size=x", "limit=x"])
def test_a_text_that_no_type_of_the_field_takes_is_refused(typed):
    with pytest.raises(BadOption, match="takes"):
        specs.build(Options, dict(specs.parse_spec(f"m[{typed}]").options), "m")


def test_a_plus_inside_brackets_joins_nothing():
    assert specs.halves("student-t[inflation=1e+0]+jvi[order=2]") == [
        "student-t[inflation=1e+0]",
        "jvi[order=2]",
    ]


def test_commas_inside_brackets_do_not_split_a_list():
    assert specs.split_list("a,b[c=1,d=2],e") == ["a", "b[c=1,d=2]", "e"]


@pytest.mark.parametrize("text", ["", "[a=1]", "jvi[order]", "jvi[order=]", "jvi[a=1,a=2]", "jvi[a=1", "a]b"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(BadOption, match=r"write|give"):
        specs.parse_spec(text)


@dataclass(frozen=True)
class Thing:
    order: int = 1
    width: float = 1.0
    wide: bool = False


def test_a_whole_number_will_do_for_a_real_one():
    assert specs.build(Thing, {"width": 2}, "thing").width == 2.0


def test_an_unknown_option_names_its_near_match():
    with pytest.raises(BadOption, match="did you mean 'order'"):
        specs.build(Thing, {"ordre": 2}, "thing")


@pytest.mark.parametrize("given", [{"order": 1.5}, {"order": True}, {"width": "x"}, {"wide": 1}])
def test_a_value_of_the_wrong_type_is_refused(given):
    with pytest.raises(BadOption, match="takes"):
        specs.build(Thing, given, "thing")


def test_colons_inside_brackets_are_told_apart_from_a_value():
    with pytest.raises(BadOption, match=r"a comma stands between options; write 'm\[kind=a,mode=b,n=1\]'"):
        specs.parse_spec("m[kind=a:mode=b:n=1]")
    assert specs.parse_spec("m[text=a:b]").options == (("text", "a:b"),)
    assert specs.parse_spec("m[text=/here:a=1/x]").options == (("text", "/here:a=1/x"),)
