"""Names with options: one canonical spelling, and a sentence for every mistake."""

from dataclasses import dataclass

import pytest

from models import specs
from models.errors import BadOption


@pytest.mark.parametrize("text", ["jvi[order=2]", "jvi:order=2", " jvi[ order = 2 ] "])
def test_both_spellings_mean_the_same(text):
    assert str(specs.parse_spec(text)) == "jvi[order=2]"


def test_options_are_sorted_and_typed():
    spec = specs.parse_spec("m:b=1.5:a=2:d=true:c=word")
    assert spec.options == (("a", 2), ("b", 1.5), ("c", "word"), ("d", True))


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
