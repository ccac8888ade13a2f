import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.campaign.answer import campaign_answer

FACTS = {"settings": {"size": 5000}, "origins": [{}], "horizon": "28D", "pays_until": 6000,
         "curve_until": 10_000, "half": {"size": 2500, "buyers": 319, "of": 418}}  # fmt: skip


def table(gap, low, high):
    rows = [("model", "buyers", 418, 390, 450, np.nan, np.nan, np.nan),
            ("popularity", "buyers", 418 - gap, 360, 420, gap, low, high),
            ("recency", "buyers", 100, 90, 110, 318, 300, 330),
            ("random", "buyers", 138, 120, 150, 280, 260, 300),
            ("model", "expected_buyers", 430, *[np.nan] * 5)]  # fmt: skip
    columns = ["arm", "metric", "value", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((28, 5, 50), "390 (28 fewer [5 to 50])"),
        ((28, -9, 50), "390 (no clear difference: +28 [-9 to +50] for the model)"),
        ((-28, -50, -2), "446 (28 more [2 to 50])"),
    ],
)
def test_the_sentence(ends, words):
    text = campaign_answer(table(*ends), FACTS)
    assert text.startswith("Of 5,000 customers 430 are expected to buy, and 418 [390 to 450] did")
    assert f"(popularity) it would have been {words}, at random 138. The first 2,500" in text
    assert "hold 319 of 418. Beyond the first 6,000, more customers hold no more buyers" in text


def test_a_small_difference_is_not_rounded_to_none():
    text = campaign_answer(table(-0.5, -2.0, 1.4), FACTS)
    assert "(no clear difference: -0.5 [-2 to +1.4] for the model)" in text


def test_few_people_are_told_to_a_tenth():
    rows = table(0.0, 0.0, 0.0).astype({"value": float})
    rows.loc[[0, 4], "value"] = 6.5, 7.42
    assert "7.4 are expected to buy, and 6.5 [390" in campaign_answer(rows, FACTS)


def test_a_list_that_is_shorter_than_asked_for_says_so():
    words = "5,100 were asked for, but only 5,000 could be listed at one of the origins"
    short = FACTS | {"settings": {"size": 5000, "asked": 5100}}
    assert words in campaign_answer(table(28, 5, 50), short)
    assert "asked for" not in campaign_answer(table(28, 5, 50), FACTS)
