"""`bias_report` of tables and of models, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, START, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, DataWarning, SettingsError
from tsgen.responsible import bias_report

PEOPLE = pd.DataFrame({"user_id": range(400), "sex": ["f", "m"] * 200, "age": range(400)})
LISTED = PEOPLE[(PEOPLE["user_id"] % 4 == 0) | (PEOPLE["user_id"] % 16 == 1)]  # 100 f, 25 m


@pytest.fixture(scope="module")
def model():
    table = log(size=4000)
    people = pd.DataFrame({"user_id": [f"u{k:02d}" for k in range(40)]})
    people["country"] = ["DE", "AT"] * 19 + [None, None]
    estimator = RIMEstimator(
        horizon="7D", activity="moving-average", relevance="popularity", repeats="mixture"
    )
    return estimator.train(read(table, users=people), options=QUIET)


def test_an_audience_is_compared_by_group():
    report = bias_report(LISTED, PEOPLE, facets=["sex=m", "age<100"], draws=50)
    assert report.kind == "bias"
    assert report.value("DI", group="sex=m") == pytest.approx(25 / 100)
    assert report.value("DPPL", group="sex=m") == pytest.approx(0.5 - 0.125)
    assert "RD" not in set(report.table["metric"])
    assert report.facts["settings"]["line"] is None
    assert "yours to say" in report.answer
    again = bias_report(LISTED, PEOPLE, facets=["sex=m", "age<100"], draws=50)
    pd.testing.assert_frame_equal(report.table, again.table)


def test_outcomes_and_strata_add_their_measures():
    acted = PEOPLE["user_id"][:200].tolist()
    report = bias_report(LISTED, PEOPLE, facets="sex", outcomes=acted, strata="age", draws=20)
    metrics = set(report.table["metric"])
    assert {"RD", "GE", "CDD", "CDDL"} <= metrics
    assert report.value("RD", group="f") == pytest.approx(12 / 100 - 50 / 100, abs=0.02)


def test_users_without_attributes_are_kept_and_counted():
    some = PEOPLE[PEOPLE["user_id"] < 300]
    with pytest.warns(DataWarning, match="31 of 331 users are not in the table"):
        report = bias_report(LISTED, some, facets="sex", draws=20)
    sizes = {row["group"]: row["users"] for row in report.facts["groups"]}
    assert sizes == {"f": 150, "m": 150, "unknown": 31}
    assert report.facts["counts"]["without attributes"] == 31


def test_a_models_gap_is_split(model):
    outcomes = read(log(seed=1, size=300).assign(timestamp=lambda t: t["timestamp"] + (
        model.cutoff.tz_localize(None) - START)))  # fmt: skip
    report = bias_report(model, facets="country", items=[101], size=38, outcomes=outcomes, draws=20)
    table = report.table.set_index(["group", "metric"])["support"]
    assert table["DE", "DPPL from activity"] == table["DE", "DPPL"]
    sizes = {row["group"]: row["users"] for row in report.facts["groups"]}
    assert sizes == {"AT": 19, "DE": 19, "unknown": 2}
    assert report.facts["of"] == "model"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"facets": []}, SettingsError, "none is chosen for you"),
        ({"facets": "sexx"}, SettingsError, "Did you mean 'sex'"),
        ({"facets": "sex", "size": 5}, SettingsError, "taken as it is"),
        ({"facets": "sex", "strata": "agee"}, SettingsError, "Did you mean 'age'"),
        ({"facets": "sex", "draws": 1}, SettingsError, "at least twice"),
        ({"facets": "sex", "line": float("nan")}, SettingsError, "line=nan is no ratio"),
        ({"facets": "sex", "line": float("inf")}, SettingsError, "line=inf is no ratio"),
        ({"facets": "sex", "line": 0}, SettingsError, "line=0 is no ratio"),
        ({"facets": "sex", "horizon": ""}, SettingsError, "horizon='' is not a length"),
    ],
)
def test_impossible_reports_say_so(options, error, said):
    with pytest.raises(error, match=said):
        bias_report(LISTED, PEOPLE, **options)


def test_outcomes_of_before_the_cutoff_are_refused(model):
    with pytest.raises(DataError, match="Outcomes are what users did after the cut-off"):
        bias_report(model, facets="country", size=10, outcomes=read(log()))


def test_a_model_without_users_asks_for_them():
    bare = RIMEstimator(
        horizon="7D", activity="moving-average", relevance="popularity", repeats="mixture"
    ).train(read(log()), options=QUIET)
    assert bare.user_attributes is None
    with pytest.raises(SettingsError, match="give users="):
        bias_report(bare, facets="country", size=10)
    assert np.isfinite(bare.score_parts().activity).all()
