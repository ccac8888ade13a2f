"""What all verbs of `tsgen batch` share."""

import pytest

import tsgen
from command_line import fail


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--item", "x", "--engine", "lokal"], "There is no engine 'lokal'"),
        ([], "Give either --item ID"),
        (["--item", "no such item"], "no such item"),
        (["--item", "x", "--memory", "much"], "'much' is no size of memory"),
    ],
)
def test_mistakes_get_one_sentence(shop, log, tmp_path, words, said):
    item = str(tsgen.load(shop / "model").items.ids[0])
    words = [item if word == "x" else word for word in words]
    assert said in fail("batch", "audience", shop / "model", log, "-o", tmp_path / "o.csv", *words)
    assert not list(tmp_path.glob("o.csv*"))
