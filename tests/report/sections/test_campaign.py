import numpy as np
import pandas as pd
import pytest

from tsgen.report.sections.campaign import campaign_section
from tsgen.results import StudyResult


def result():
    rows = [("model", "engagements", 9.0, 7, 11), ("model", "buyers", 5.0, 3, 7),
            ("recency", "engagements", 8.0, 6, 9), ("recency", "buyers", 4.0, 2, 6),
            ("random", "engagements", 2.0, 1, 3), ("random", "buyers", 1.0, 0.5, 2),
            ("model", "expected_engagements", 8.5, np.nan, np.nan),
            ("model", "expected_buyers", 4.5, np.nan, np.nan)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["arm", "metric", "value", "low", "high"]).assign(
        spread=0.1, better="higher", protocol="past origins", n=50, seed=1, difference=1.0,
        difference_low=-0.5, difference_high=2.0,
    )  # fmt: skip
    window = {"begins": "2024-02-01 00:00:00", "may_be_listed": 50, "events": 300}
    facts = {"study": "campaign", "settings": {"size": 10}, "origins": [window, window],
             "rules": {"recency": "Recent ones count more.", "random": "All alike."},
             "half": {"size": 5, "buyers": 3.0, "of": 5.0}, "pays_until": 10, "curve_until": 20,
             "data": {"fingerprint": "f"}}  # fmt: skip
    curve = np.array([[10, 4.5, 5.0, 1.0], [20, 6.0, 6.0, 2.0]])
    return StudyResult(table, "Of 10 customers ...", facts, {"curve": curve})


def test_a_page_has_arms_expectations_steps_and_origins():
    section = campaign_section(result())
    who, expected, steps, origins = section.tables
    assert [row[0].text for row in who.rows] == ["model", "recency", "random"]
    assert [cell.text for cell in who.rows[1][1:4]] == ["+1.0", "4.0", "40.00 %"]
    assert expected.rows[0][1].text == "4.5"
    assert [row[2].text for row in steps.rows] == ["5.0", "6.0"]
    assert len(origins.rows) == 2
    assert section.headline["Expected"].text == "4.5"
    assert "3 of 5 are in the first 5" in section.pictures[0].alt


def test_the_verdict_counts_people():
    (cell,) = campaign_section(result()).verdicts
    assert cell.text.startswith(
        "In the past, lists of 10 were expected to hold 4.5 buyers and held 5, "
    )
    assert "1 more than the best simple rule (recency) found." in cell.text


@pytest.mark.parametrize("gap", [0.0, 0.4, -0.4])
def test_less_than_a_buyer_is_no_lead(gap):
    made = result()
    made.table.loc[:, "difference"] = gap
    (cell,) = campaign_section(made).verdicts
    assert "held 5, as many as the best simple rule (recency) found." in cell.text
