"""What is compared of each kind of side."""

import pandas as pd
import pytest

from small_shop import QUIET, USERS, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import bias_report, compare_audiences
from tsgen.responsible.drift import snapshot_of
from tsgen.results import StudyResult

PEOPLE = pd.DataFrame({"user_id": range(400), "sex": ["f", "m"] * 200})


def test_a_list_has_its_users_scores_and_groups():
    listed = PEOPLE[:100].assign(intensity=1.5)
    shot = snapshot_of(listed, users=PEOPLE, facets="sex=f")
    assert shot.kind == "audience"
    assert len(shot.listed) == 100
    assert shot.numbers["scores"].mean() == 1.5
    assert shot.measures["sex=f", "sex=f", "DI"] == pytest.approx(1)


def test_a_log_has_activity_and_a_report_its_measures():
    assert snapshot_of(read(log())).numbers["activity"].sum() == 900
    report = bias_report(PEOPLE[:100], PEOPLE, facets="sex=f", draws=10)
    assert snapshot_of(report).measures["sex=f", "sex=f", "DI"] == pytest.approx(1)
    assert ("sex=f", "sex=f", "RD") not in snapshot_of(report).measures


def test_a_model_needs_items_and_a_size():
    estimator = RIMEstimator(
        horizon="7D", activity="moving-average", relevance="popularity", repeats="mixture"
    )
    model = estimator.train(read(log(), users=USERS), options=QUIET)
    shot = snapshot_of(model, items=[101], size=5)
    assert list(shot.listed) == model.audience(101, size=5)["user_id"].tolist()
    with pytest.raises(SettingsError, match="give both"):
        snapshot_of(model)


def test_what_has_no_effect_is_refused():
    listed = PEOPLE[:100].assign(intensity=1.5)
    report = bias_report(PEOPLE[:100], PEOPLE, facets="sex=f", draws=10)
    for side, options, said in (
        (read(log()), {"facets": "sex"}, "facets has no effect on a log"),
        (report, {"size": 0}, "size has no effect on a report"),
        (listed, {"items": ["x"]}, "items has no effect on an audience"),
        (listed, {"users": PEOPLE}, "users has no effect on a comparison without facets"),
    ):
        with pytest.raises(SettingsError, match=said):
            snapshot_of(side, **options)


def test_two_kinds_are_refused_before_anything_else_is_asked_for():
    listed = pd.DataFrame({"user_id": [1, 2]})
    with pytest.raises(DataError, match="Audience and log cannot be compared; give two of one"):
        compare_audiences(listed, read(log()), items=[101])


def test_other_things_are_refused():
    with pytest.raises(DataError, match="DataFrame cannot be compared"):
        snapshot_of(pd.DataFrame({"x": [1]}))
    row = {"metric": "m", "value": 1.0, "spread": 0.0, "better": "one", "protocol": "p", "n": 1}
    other = StudyResult(pd.DataFrame([row | {"seed": 1}]), "", {"study": "share"})
    with pytest.raises(DataError, match="the kind 'share' cannot be compared"):
        snapshot_of(other)
