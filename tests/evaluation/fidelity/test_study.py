import importlib
from functools import partial

import numpy as np
import pytest

from tsgen.curation import jittered_windows
from tsgen.data import simulate_series
from tsgen.errors import DataError, SettingsError, UnknownIdError
from tsgen.evaluation import (
    NEAREST,
    WINDOW_MEASURES,
    evaluate_fidelity,
    floor_verdicts,
    load_encoder,
    score,
    train_encoder,
    window_features,
    window_fidelity,
)
from tsgen.metrics import coverage, linear_predictive_ratio, nearest_real_distance_ratio


@pytest.fixture
def short_judges(monkeypatch):
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 10)


def test_real_windows_are_at_the_floor_and_shuffled_ones_are_not(
    real_windows, small_encoder, short_judges
):
    rng = np.random.default_rng(9)
    train, test = real_windows(400, 1), real_windows(200, 2)
    fresh = real_windows(200, 3)
    kwargs = {"seed": 0, "num_windows": 100, "draws": 5, "encoder": small_encoder}
    good = window_fidelity(train, test, fresh, **kwargs)
    assert list(good.table["metric"]) == [m.name for m in WINDOW_MEASURES]
    assert set(good.table["protocol"]) == {"held-out"}
    assert set(good.table["n"]) == {100}
    verdicts = floor_verdicts(good.table)  # of 13
    assert verdicts.count("worse") <= 2
    assert verdicts.count("as good") >= 7
    assert f" {verdicts.count('as good')} of {len(verdicts)} measures are as good" in good.answer
    bad = window_fidelity(train, test, rng.permuted(fresh, axis=1), **kwargs)
    assert bad.answer.startswith("Easily told from real series: ")
    assert floor_verdicts(bad.table).count("as good") <= 3
    for name in ("context_fid", "feature_distance", "judge_trees", "linear_predictive_ratio"):
        assert bad.value(name) > 2 * good.value(name) or name == "linear_predictive_ratio"
        assert bad.value(name) > good.value(name)
    assert (good.table["floor"] == bad.table["floor"]).all()  # the floor knows real windows only


def test_copies_are_called_copies(real_windows, short_judges):
    train, test = real_windows(200, 1), real_windows(100, 2)
    found = window_fidelity(
        train, test, jittered_windows(train, 100, seed=0), seed=0, num_windows=60, draws=3
    )
    assert found.value(NEAREST) < 0.8
    assert "points to copies" in found.answer
    assert found.value("membership_advantage") > 0.15


def test_scaling_of_windows_makes_units_irrelevant_and_counts_constants(real_windows, short_judges):
    train, test, made = real_windows(64, 1), real_windows(40, 2), real_windows(40, 3)
    made[:2] = 0.25
    kwargs = {"seed": 0, "num_windows": 32, "draws": 2}
    first = window_fidelity(train, test, made, **kwargs)
    units = window_fidelity(50 * train - 9, 2 * test, made + 100, **kwargs)
    np.testing.assert_allclose(first.table["value"], units.table["value"], rtol=1e-4, atol=1e-7)
    assert first.facts["constant_windows"] == {"real_train": 0, "real_test": 0, "synthetic": 2}


def test_score_gives_the_metrics_of_exactly_these_windows(real_windows):
    train, test, made = real_windows(60, 1), real_windows(50, 2), real_windows(40, 3) ** 2
    found = score(train, test, made)
    assert set(found) == {m.name for m in WINDOW_MEASURES if not m.needs & {"judge", "encoder"}}
    assert found[NEAREST] == nearest_real_distance_ratio(made, train, test)
    assert found["linear_predictive_ratio"] == linear_predictive_ratio(made, train, test)
    features = [window_features(w) for w in (train, test, made)]
    mean, deviation = features[0].mean(0), features[0].std(0)
    deviation[deviation == 0] = 1
    standard = [(f - mean) / deviation for f in features]
    assert found["coverage"] == coverage(standard[1], standard[2])
    assert list(score(train, test, made, metrics=["coverage"])) == ["coverage"]
    with pytest.raises(SettingsError, match="no metric 'fid'"):
        score(train, test, made, metrics=["fid"])
    with pytest.raises(SettingsError, match="needs an encoder"):
        score(train, test, made, metrics=["context_fid"])


@pytest.fixture(scope="module")
def datasets(make_dataset, make_series):
    rows = make_series(12, 200, 1)
    rows[3, 50:60] = np.nan
    real = make_dataset(rows * 30 + 100)
    info = [{"synthetic": True, "source_item_id": str(i % 12)} for i in range(40)]
    made = make_dataset(make_series(40, 24, 2) * 30 + 100, prefix="synthetic/", info=info)
    return real, made


study = importlib.import_module("tsgen.evaluation.fidelity.study")
KWARGS = {"seed": 5, "num_windows": 40, "draws": 2, "encoder": None}


def test_datasets_are_cut_in_time_and_the_result_says_from_what(datasets, short_judges):
    real, made = datasets
    found = evaluate_fidelity(real, made, train_until="2024-01-06", command="tsgen eval", **KWARGS)
    facts = found.facts
    assert set(found.table["protocol"]) == {"held-out"}
    assert facts["settings"]["length"] == 24
    assert facts["command"] == "tsgen eval"
    assert facts["data"]["real"]["fingerprint"] == real.fingerprint()
    # 120 hours before the cut, 80 after; series 3 has a gap of 10 that 33 windows of 24 touch
    windows = facts["data"]["windows"]
    assert windows["the real training part"]["incomplete"] == 33
    assert windows["the real training part"]["complete"] == 12 * 97 - 33
    assert windows["the real test part"]["complete"] == 12 * 57
    assert "No held-out test" not in found.answer
    assert "training windows searched)" in found.answer
    assert "(ratio" not in found.answer  # one sentence on copies, that of the search


def test_real_series_too_short_for_a_spread_are_told(datasets, short_judges, monkeypatch):
    monkeypatch.setattr(study, "model_noise_spread", lambda *_, **__: None)
    found = evaluate_fidelity(*datasets, model=object(), **KWARGS)
    assert "too short to say how much draws of one time should differ" in found.answer


def test_without_a_test_part_the_answer_says_so(datasets, short_judges):
    found = evaluate_fidelity(*datasets, scale="series", **KWARGS)
    assert set(found.table["protocol"]) == {"random halves"}
    assert "No held-out test was given" in found.answer
    assert "(ratio" in found.answer
    assert found.value("marginal_distance") < 0.6  # series scaling found the sources


def test_entries_and_tables_are_judged_as_the_datasets_they_mean(datasets, short_judges):
    real, made = datasets
    kwargs = KWARGS | {"train_until": "2024-01-06"}
    found = evaluate_fidelity(list(real), made.to_frame(), **kwargs)
    expected = evaluate_fidelity(real, made, **kwargs)
    np.testing.assert_allclose(found.table["value"], expected.table["value"], rtol=1e-5)  # float32


def test_a_test_dataset_and_a_trained_encoder(datasets, short_judges, monkeypatch, tmp_path):
    real, made = datasets
    past, future = real.split(until="2024-01-06")
    quick = partial(train_encoder, num_steps=3)
    monkeypatch.setattr("tsgen.evaluation.fidelity.window_sets.train_encoder", quick)
    kwargs = KWARGS | {"encoder": "train", "encoder_cache": tmp_path}
    found = evaluate_fidelity(past, made, test_dataset=future, **kwargs)
    assert found.value("context_fid") > 0
    (file,) = tmp_path.iterdir()
    again = evaluate_fidelity(past, made, test_dataset=future, **(KWARGS | {"encoder": file}))
    assert again.value("context_fid") == found.value("context_fid")
    assert load_encoder(file).num_outputs == found.facts["encoder"]["num_outputs"]


def test_unsuitable_datasets_are_refused(datasets, make_dataset, make_series):
    real, made = datasets
    with pytest.raises(DataError, match=r"40 synthetic series \(first: 'synthetic/0'\)"):
        evaluate_fidelity(made, made, **KWARGS)
    with pytest.raises(SettingsError, match="not both"):
        evaluate_fidelity(real, made, train_until="2024-01-06", test_dataset=real, **KWARGS)
    with pytest.raises(DataError, match="longest series has 200 steps"):
        evaluate_fidelity(real, real.subset([0, 1]), target_length=201, **KWARGS)
    with pytest.raises(DataError, match="synthetic dataset the longest series has 24 steps"):
        evaluate_fidelity(real, made, target_length=32, **KWARGS)
    with pytest.raises(DataError, match=r"Too few windows .* 2 synthetic"):
        evaluate_fidelity(real, made.subset([0, 1]), **KWARGS)
    with pytest.raises(DataError, match="Windows of 4 steps are too short"):
        evaluate_fidelity(real, make_dataset(make_series(3, 4, 0)), **KWARGS)
    broken = make_series(3, 24, 0)
    broken[1, 7] = np.nan
    with pytest.raises(DataError, match=r"Too few windows .* 2 synthetic"):
        evaluate_fidelity(real, make_dataset(broken), **KWARGS)
    stranger = make_dataset(make_series(20, 24, 0), prefix="new")
    with pytest.raises(UnknownIdError, match="no known real series"):
        evaluate_fidelity(real, stranger, scale="series", **KWARGS)
    with pytest.raises(SettingsError, match="draws=1"):
        evaluate_fidelity(real, made, **(KWARGS | {"draws": 1}))


def test_same_seed_same_numbers(datasets, short_judges):
    kwargs = KWARGS | {"train_until": "2024-01-06"}
    first, again = (evaluate_fidelity(*datasets, **kwargs) for _ in range(2))
    assert first.table.equals(again.table)


def test_settings_are_looked_at_before_the_windows_are_drawn():
    real = simulate_series(2, 64, seed=1)
    with pytest.raises(SettingsError, match="num_windows=-1"):
        evaluate_fidelity(real, real, num_windows=-1)
