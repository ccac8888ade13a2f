import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.campaign.answer import campaign_answer

FACTS = {"settings": {"size": 5000}, "origins": [{}], "horizon": "28D", "pays_until": 6000,
         "curve_until": 10_000, "half": {"size": 2500, "buyers": 319, "of": 418}}  # fmt: skip


def table(low, high):
    rows = [("model", "buyers", 418, 390, 450, np.nan, np.nan, np.nan),
            ("popularity", "buyers", 390, 360, 420, 28, low, high),
            ("recency", "buyers", 100, 90, 110, 318, 300, 330),
            ("random", "buyers", 138, 120, 150, 280, 260, 300),
            ("model", "expected_buyers", 430, *[np.nan] * 5)]  # fmt: skip
    columns = ["arm", "metric", "value", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("ends", "word"), [((5, 50), "fewer"), ((-9, 50), "no clear difference"), ((-50, -2), "more")]
)
def test_the_sentence(ends, word):
    text = campaign_answer(table(*ends), FACTS)
    assert text.startswith("Of 5,000 customers 430 are expected to buy, and 418 [390 to 450] did")
    assert f"(popularity) it would have been 390 ({word}: +28" in text
    assert "at random 138. The first 2,500 hold 319 of 418. Beyond 6,000 customers" in text


def test_a_small_difference_is_not_rounded_to_none():
    rows = table(-2.0, 1.4).astype({"value": float, "difference": float})
    rows.loc[1, "difference"] = -0.5
    rows.loc[1, "value"] = 418.5
    assert "(no clear difference: -0.5 [-2.0, +1.4] for the model)" in campaign_answer(rows, FACTS)
