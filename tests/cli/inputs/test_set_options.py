"""Texts after --set become the fields of settings."""

import pytest

from tsgen.cli.inputs.set_options import assigned
from tsgen.errors import SettingsError


def test_texts_are_read_as_json_where_they_are_and_as_text_otherwise():
    texts = ["length=4", 'names=["a", "b"]', "inner.rate = 0.25", "noise=true", "loss=hinge"]
    assert assigned(texts, {"length": 9, "freq": "h"}) == {
        "length": 4,
        "freq": "h",
        "names": ["a", "b"],
        "inner": {"rate": 0.25},
        "noise": True,
        "loss": "hinge",
    }
    assert assigned(None) == assigned([]) == {}


def test_a_text_without_a_sign_of_assignment_is_refused_and_a_value_may_hold_one():
    with pytest.raises(SettingsError, match="--set length has no '='; write --set key=value"):
        assigned(["length"])
    assert assigned(["text=a=b"]) == {"text": "a=b"}
    assert assigned(["text=plain words"]) == {"text": "plain words"}


def test_a_dot_sets_one_key_of_a_group_and_leaves_the_others():
    base = {"length": 1, "group": {"x": 1, "y": 2}}
    texts = ["group.y=5", "group.z=7"]
    assert assigned(texts, base) == {"length": 1, "group": {"x": 1, "y": 5, "z": 7}}
    assert base["group"] == {"x": 1, "y": 2}
    assert assigned(["group.x=3", "length.deep.er=1"], {"length": 1}) == {
        "group": {"x": 3},
        "length": {"deep": {"er": 1}},
    }


def test_a_setting_is_given_once_or_twice_alike():
    assert assigned(["count=2", " count =2"]) == {"count": 2}
    with pytest.raises(SettingsError, match=r"--set count= is given twice \(2 and 3\)"):
        assigned(["count=2", "count=3"])
