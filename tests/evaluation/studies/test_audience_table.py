"""The page of an audience study: means over seeds and windows, paired draws, 95 % intervals."""

import re

import numpy as np
import pytest

from tsgen.evaluation.studies.audience_table import _draws, _interval, audience_page

MEASURES = ("user_rec", "item_rec", "user_rec_new", "item_rec_new")
FIELD = [
    f"{side}_{name}"
    for side in ("user_rec", "item_rec")
    for name in ("precision_with_targets", "recall_with_targets", "hit_rate", "ndcg", "map")
]
DRAWS = np.random.default_rng(0).normal(0, 0.1, 200)


def cell(arm, seed, value, windows=1, drawn=(*MEASURES, "user_rec_precision_with_targets")):
    """A cell whose measures are its value, twice, three times, ... and drawn around it."""
    measures = {name: value * (k + 1) for k, name in enumerate((*MEASURES, *FIELD))}
    window = {
        "facts": {"users": 200, "test_events": 7},
        "measures": measures,
        "drawn": {name: " ".join(map(str, measures[name] + DRAWS)) for name in drawn},
    }
    return {"arm": arm, "seed": seed, "cpu_seconds": 4.0 + seed, "windows": [window] * windows}


def test_the_first_value_is_of_all_users_and_the_draws_are_of_users():
    found = _draws([cell("ours", 1, 0.2)])
    assert set(found) == {*MEASURES, *FIELD}
    assert found["user_rec"].shape == (201,)
    assert found["user_rec"][0] == pytest.approx(0.2)
    assert found["item_rec"][0] == pytest.approx(0.4)
    np.testing.assert_allclose(found["user_rec"][1:], 0.2 + DRAWS)
    assert found["user_rec_ndcg"].shape == (1,)  # no draw applies to it


def test_seeds_and_windows_are_averaged():
    found = _draws([cell("ours", 1, 0.2), cell("ours", 2, 0.4)])
    assert found["user_rec"][0] == pytest.approx(0.3)
    twice = cell("ours", 1, 0.2)
    twice["windows"] += cell("ours", 1, 0.6)["windows"]
    np.testing.assert_allclose(_draws([twice])["user_rec"][1:], 0.4 + DRAWS)


def test_an_interval_holds_the_middle_95_of_100_draws():
    random = np.random.default_rng(0)
    draws = np.concatenate([[0.4], random.permutation(np.linspace(0, 1, 1001))])
    assert _interval(draws) == "0.4000 [0.0250, 0.9750]"
    assert _interval(draws, sign=True) == "+0.4000 [+0.0250, +0.9750]"


STUDY = {"question": "Who?", "data": "shop", "part": "test", "arms": ["ours", "rule", "absent"],
         "against": ["rule", "absent"], "judged": ["ours"]}  # fmt: skip


def test_the_page_sets_the_judged_arm_against_the_others_on_the_same_users():
    cells = [cell("ours", 1, 1.5), cell("rule", 1, 0.5)]
    page = audience_page(STUDY, cells, "a study")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    named = [row for row in rows if row.split("|")[1].strip() in ("ours", "rule")]
    ours, rule, difference, *field = named
    assert ours.startswith("| ours | 1.5000 [1.")
    assert ours.endswith("| 5 |")
    assert rule.startswith("| rule | 0.5000 [0.")
    # one more in every draw: paired, it is certain
    assert re.search(r"\+1\.0000 \[\+1\.0000, \+1\.0000\]", difference)
    assert "absent" not in page
    assert "200 users, 7 test events" in page
    # of those with something to find: audiences, and recommendations, of both arms
    assert len(field) == 4
    assert re.match(r"\| ours \| 7\.5000 \[.*\] \| 9\.0000 \| 10\.5000 \| 12\.0000 \|", field[0])
    assert field[3].startswith("| rule | 5.0000 | 5.5000 |")
