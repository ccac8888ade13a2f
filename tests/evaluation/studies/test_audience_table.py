"""The page of an audience study: means over seeds and windows, paired draws, 95 % intervals."""

import re

import numpy as np
import pytest

from tsgen.evaluation.studies.audience_table import _draws, _interval, audience_page

MEASURES = ("user_rec", "item_rec", "user_rec_new", "item_rec_new")
USERS = 200


def cell(arm, seed, hits, selected=100, windows=1):
    """A cell in which user k has `hits[k]` hits by every measure."""
    text = " ".join(f"{user}:{int(count)}" for user, count in enumerate(hits) if count)
    window = {
        "facts": {"users": USERS, "test_events": 7},
        "hits": dict.fromkeys(MEASURES, text),
        "selected": dict(zip(MEASURES, selected * np.array([1, 2, 4, 5]), strict=True)),
    }
    return {"arm": arm, "seed": seed, "cpu_seconds": 4.0 + seed, "windows": [window] * windows}


random = np.random.default_rng(0)
HITS = random.poisson(0.3, USERS)


def test_the_first_value_is_of_all_users_and_the_draws_are_of_users():
    found = _draws([cell("ours", 1, HITS)])
    assert set(found) == set(MEASURES)
    assert found["user_rec"].shape == (1001,)
    assert found["user_rec"][0] == pytest.approx(HITS.sum() / 100)
    assert found["item_rec"][0] == pytest.approx(HITS.sum() / 200)
    assert found["user_rec_new"][0] == pytest.approx(HITS.sum() / 400)
    spread = (USERS * HITS.var()) ** 0.5 / 100  # of a sum of that many drawn users
    assert found["user_rec"][1:].std() == pytest.approx(spread, rel=0.1)
    assert found["user_rec"][1:].mean() == pytest.approx(found["user_rec"][0], abs=0.02)


def test_seeds_and_windows_are_averaged():
    random = np.random.default_rng(0)
    other = random.poisson(0.5, USERS)
    found = _draws([cell("ours", 1, HITS), cell("ours", 2, other)])
    assert found["user_rec"][0] == pytest.approx((HITS.sum() + other.sum()) / 200)
    twice = _draws([cell("ours", 1, HITS, windows=2)])
    assert twice["user_rec"][0] == pytest.approx(HITS.sum() / 100)


def test_an_interval_holds_the_middle_95_of_100_draws():
    random = np.random.default_rng(0)
    draws = np.concatenate([[0.4], random.permutation(np.linspace(0, 1, 1001))])
    assert _interval(draws) == "0.4000 [0.0250, 0.9750]"
    assert _interval(draws, sign=True) == "+0.4000 [+0.0250, +0.9750]"


STUDY = {"question": "Who?", "data": "shop", "part": "test", "arms": ["ours", "rule", "absent"],
         "against": ["rule", "absent"], "judged": ["ours"]}  # fmt: skip


def test_the_page_sets_the_judged_arm_against_the_others_on_the_same_users():
    cells = [cell("ours", 1, HITS + 1), cell("rule", 1, HITS)]
    page = audience_page(STUDY, cells, "a study")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    ours, rule, difference = (row for row in rows if row.split("|")[1].strip() in ("ours", "rule"))
    assert ours.startswith(f"| ours | {(HITS.sum() + USERS) / 100:.4f} [")
    assert ours.endswith("| 5 |")
    assert rule.startswith(f"| rule | {HITS.sum() / 100:.4f} [")
    # one hit more of everybody is one more in every draw: paired, it is certain
    assert re.search(r"\+2\.0000 \[\+2\.0000, \+2\.0000\]", difference)
    assert "absent" not in page
    assert "200 users, 7 test events" in page
