import pytest

from tsgen.evaluation.leads import lead_in_words


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((28, 5, 50), "28 fewer [5 to 50]"),
        ((-28, -50, -5), "28 more [5 to 50]"),
        ((2, -5, 9), "no clear difference: +2 [-5 to +9] for the model"),
        ((0, 0, 0), "no clear difference: +0 [+0 to +0] for the model"),
    ],
)
def test_what_another_way_finds_is_less_or_more_in_plain_numbers(ends, words):
    assert lead_in_words(*ends, number="{:.0f}".format) == words
