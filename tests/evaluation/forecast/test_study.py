"""The forecasting study: pairing, resuming, failures, and what it refuses."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from forecast_doubles import Doubling, LastValue, study_of
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError, UntrustedCodeError
from tsgen.evaluation import StudyResult, evaluate_forecast
from tsgen.evaluation.forecast.regime_windows import TestWindows, make_scene


@pytest.fixture(scope="module")
def panel(make_dataset, make_series):
    return make_dataset(5 + make_series(10, 150, 0))


def test_two_arms_that_are_the_same_have_the_same_numbers(doubles, panel):
    result = evaluate_forecast(study_of(arms={"real": {}, "twin": {}}), panel)
    twins = result.table[result.table["arm"] == "twin"]
    assert (twins["difference"] == 0).all()
    assert (twins["difference_low"] == 0).all()
    assert (twins["spread"] > 0).all()  # seeds do differ


def test_all_arms_and_seeds_keep_the_same_series_and_are_asked_the_same(doubles, panel, tmp_path):
    study = study_of(regimes=({"series": 0.3},), seeds=(1, 2))
    evaluate_forecast(study, panel, cells=tmp_path)
    cells = [json.loads(p.read_text()) for p in tmp_path.glob("*.json")]
    assert len({cell["windows"] for cell in cells}) == 1
    real_1, jitter_1, real_2, jitter_2 = LastValue.trained_on
    assert len(real_1) == 3
    assert real_1 == real_2 == jitter_1[:3] == jitter_2[:3]
    assert {entry["item_id"] for entry in LastValue.tasks} == set(real_1)
    assert [name.startswith("synthetic/jitter/") for name in jitter_1[3:]] == [True] * 3


def test_series_that_were_not_trained_on_are_tested_on_request(doubles, panel):
    study = study_of(regimes=({"series": 0.3},), seeds=(1,), arms={"real": {}}, test_on="all")
    evaluate_forecast(study, panel)
    assert len(LastValue.trained_on[0]) == 3
    assert len(LastValue.tasks) == 20


def test_only_trains_on_synthetic_series_alone(doubles, panel):
    arms = {"real": {}, "jitter": {"method": "jitter", "only": True, "ratio": 0.5}}
    evaluate_forecast(study_of(arms=arms, seeds=(1,)), panel)
    assert LastValue.trained_on[1] == [f"synthetic/jitter/{i}" for i in range(5)]


def test_an_interrupted_run_goes_on_where_it_was(doubles, panel, tmp_path):
    study = study_of(seeds=(1, 2))
    whole = evaluate_forecast(study, panel)
    LastValue.trained_on.clear()
    LastValue.fails_at = {1: KeyboardInterrupt()}
    with pytest.raises(TrainingInterruptedError, match=r"1 of 4 cells were finished; they are"):
        evaluate_forecast(study, panel, cells=tmp_path)
    (kept,) = tmp_path.glob("*.json")
    before = kept.read_bytes(), kept.stat().st_mtime_ns
    LastValue.fails_at = None
    computed = []
    resumed = evaluate_forecast(study, panel, cells=tmp_path, on_cell=computed.append)
    assert len(computed) == 3
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == before
    assert resumed.table.equals(whole.table)
    evaluate_forecast(study, panel, cells=tmp_path, on_cell=computed.append)
    assert len(computed) == 3


def test_a_changed_setting_or_dataset_computes_its_cells_anew(doubles, panel, tmp_path):
    computed = []

    def count(study, data):
        computed.clear()
        evaluate_forecast(study, data, cells=tmp_path, on_cell=computed.append)
        return len(computed)

    assert count(study_of(), panel) == 6
    assert count(study_of(question="Why?", seeds=(1, 2)), panel) == 0
    assert (
        count(study_of(arms={"real": {}, "jitter": {"method": "jitter", "ratio": 2}}), panel) == 3
    )
    assert count(study_of(num_windows=3), panel) == 6
    assert count(study_of(), replace(panel, values=panel.values + 1)) == 6


def test_a_setting_may_be_an_object_of_gluonts(panel, tmp_path):
    from gluonts.transform import LastValueImputation

    settings = {"imputation_method": LastValueImputation()}
    naive = {"naive": {"estimator": "seasonal_naive", "settings": settings}}
    study, computed = study_of(forecasters=naive, arms={"real": {}}, seeds=(1,)), []
    for _ in range(2):
        result = evaluate_forecast(study, panel, cells=tmp_path, on_cell=computed.append)
    result.save(tmp_path / "run")
    assert len(computed) == 1
    assert "failed" not in computed[0]


def test_cells_of_other_versions_are_kept_and_counted(doubles, panel, tmp_path, monkeypatch):
    study = study_of(seeds=(1, 2))
    fresh = evaluate_forecast(study, panel, cells=tmp_path)
    assert "other versions" not in fresh.answer
    monkeypatch.setattr(
        "tsgen.evaluation.forecast.cells.library_versions",
        lambda: {"tsgen": "99", "gluonts": "1", "torch": "1"},
    )
    later = evaluate_forecast(study_of(seeds=(1, 2, 3)), panel, cells=tmp_path)
    assert "4 of 6 cells were kept from other versions of tsgen, GluonTS or torch" in later.answer
    assert later.facts["cells"]["of_other_versions"] == 4


def test_a_damaged_cell_is_computed_again(doubles, panel, tmp_path):
    evaluate_forecast(study_of(), panel, cells=tmp_path)
    next(iter(tmp_path.glob("*.json"))).write_text('{"metrics":')
    computed = []
    evaluate_forecast(study_of(), panel, cells=tmp_path, on_cell=computed.append)
    assert len(computed) == 1


def test_a_forecaster_that_fails_on_one_seed_is_recorded(doubles, panel, tmp_path):
    LastValue.fails_at = {3: RuntimeError("loss is NaN\nat step 7")}  # jitter, seed 2
    result = evaluate_forecast(study_of(), panel, cells=tmp_path)
    (failure,) = result.facts["failures"]
    assert (failure["arm"], failure["seed"]) == ("jitter", 2)
    assert failure["failed"] == "RuntimeError: loss is NaN"
    rows = result.table.set_index(["arm", "metric"])
    assert rows.loc[("jitter", "nrmse"), "num_seeds"] == 2
    assert rows.loc[("real", "nrmse"), "num_seeds"] == 3
    assert "1 of 6 cells failed" in result.answer
    LastValue.fails_at, computed = None, []
    evaluate_forecast(study_of(), panel, cells=tmp_path, on_cell=computed.append)
    assert computed == []
    evaluate_forecast(study_of(), panel, cells=tmp_path, retry_failed=True, on_cell=computed.append)
    assert [(c["arm"], c["seed"]) for c in computed] == [("jitter", 2)]


def test_an_arm_that_fails_everywhere_leaves_a_row_without_numbers(doubles, panel):
    LastValue.fails_at = dict.fromkeys((1, 3, 5), ValueError("no"))
    result = evaluate_forecast(study_of(), panel)
    row = result.table.set_index(["arm", "metric"]).loc[("jitter", "mase")]
    assert row["num_seeds"] == 0
    assert np.isnan(row["value"])


def test_the_primary_comparisons_come_first_against_every_arm(doubles, panel, tmp_path):
    arms = {"real": {}, "jitter": {"method": "jitter"}, "scaling": {"method": "scaling"}}
    study = study_of(arms=arms, primary={"forecaster": "last", "arm": "jitter"})
    result = evaluate_forecast(study, panel)
    primary = result.table[result.table["role"] == "primary"]
    assert primary.index.tolist() == [0, 1]
    assert primary["reference"].tolist() == ["real", "scaling"]
    assert set(primary["metric"]) == {"mean_weighted_quantile_loss"}
    assert "against real" in result.answer
    result.save(tmp_path / "run")
    again = StudyResult.load(tmp_path / "run")
    assert again.answer == result.answer
    assert again.arrays["bands.last.jitter"].shape == (3, 3, 6)


def test_a_synthesizer_is_trained_once_a_seed_on_the_kept_series(doubles, panel):
    arms = {"real": {}} | {
        f"half_{i}": {"method": "doubling", "ratio": r, "settings": {"factor": 3.0}}
        for i, r in enumerate((0.5, 1.0))
    }
    study = study_of(arms=arms, regimes=({"series": 0.4},), seeds=(1, 2))
    result = evaluate_forecast(study, panel, synthesizers={"doubling": Doubling})
    assert [seed for seed, _, _ in Doubling.trained] == [1, 2]
    assert all(lengths == [138] * 4 for _, _, lengths in Doubling.trained)
    assert [len(given) for given in LastValue.trained_on[:3]] == [4, 6, 8]
    assert not result.facts["failures"]


@pytest.mark.parametrize("part", ["validation", "test"])
def test_no_step_of_the_tested_part_is_trained_on(doubles, panel, part):
    study = study_of(part=part, seeds=(1,), arms={"a": {"method": "doubling"}})
    evaluate_forecast(study, panel, synthesizers={"doubling": Doubling})
    length = 150 - 12 * (2 if part == "validation" else 1)
    assert Doubling.trained[0][2] == [length] * 10
    ends = {entry["start"] + len(entry["target"]) for entry in LastValue.tasks}
    first = next(iter(panel))["start"]
    assert ends == {first + length, first + length + 6}


def test_a_regime_of_the_history_keeps_its_end(doubles, panel):
    study = study_of(regimes=({"history": 0.25},), seeds=(1,), arms={"real": {}})
    evaluate_forecast(study, panel)
    lengths = {len(entry["target"]) for entry in LastValue.tasks}
    assert lengths == {35, 41}  # a quarter of 138, rounded up, and a window later


# The four tasks of the paper


def scene_of(panel, **changes):
    study = study_of(**changes)
    return study, make_scene(panel, study, study.regimes[0], seed=1)


def test_far_hides_all_that_comes_after_training(panel):
    study, scene = scene_of(panel, task="far")
    second = scene.windows(study).seen_through(scene.seen).input[1]["target"]
    assert len(second) == 144
    assert not np.isnan(second[:138]).any()
    assert np.isnan(second[138:]).all()


def test_gaps_are_in_the_second_half_of_the_training_part(panel):
    _, scene = scene_of(panel, task="gaps", gap_length=20, num_gaps=1)
    holes = np.isnan(scene.seen.values.reshape(10, 150))
    assert (holes.sum(axis=1) == 20).all()
    assert not holes[:, :69].any()
    assert not holes[:, 138:].any()
    assert (np.abs(np.diff(holes, axis=1)).sum(axis=1) <= 2).all()  # one stretch each


def test_cold_start_leaves_the_last_values_and_scores_only_the_cut_series(panel):
    study, scene = scene_of(panel, task="cold_start", cold_share=0.3, cold_length=24)
    assert len(scene.tested) == 3
    holes = np.isnan(scene.seen.values.reshape(10, 150))
    assert (holes[scene.tested].sum(axis=1) == 138 - 24).all()
    assert not holes[np.setdiff1d(np.arange(10), scene.tested)].any()
    assert set(scene.windows(study).rows) == set(scene.tested)


@pytest.mark.parametrize("task", ["far", "gaps", "cold_start"])
def test_filling_arms_leave_nothing_missing_and_change_nothing_seen(doubles, panel, task):
    arms = {"real": {}, "doubling": {"method": "doubling"}, "average": {"method": "moving_average"},
            "season": {"method": "seasonal_fill"}}  # fmt: skip
    study = study_of(task=task, arms=arms, seeds=(1,), gap_length=20)
    result = evaluate_forecast(study, panel, synthesizers={"doubling": Doubling})
    assert not result.facts["failures"]
    tasks = np.split(np.array(LastValue.tasks, dtype=object), 4)
    for arm in tasks[1:]:
        for bare, filled in zip(tasks[0], arm, strict=True):
            seen = ~np.isnan(bare["target"])
            assert not np.isnan(filled["target"]).any()
            np.testing.assert_array_equal(filled["target"][seen], bare["target"][seen])
    halves = {138 // 2} if task == "gaps" else {138}
    assert set(Doubling.trained[0][2]) == halves  # before the gaps, as in the paper


def test_direct_takes_the_samples_as_the_forecast(doubles, panel):
    arms = {"real": {}, "samples": {"method": "doubling"}}
    study = study_of(task="direct", arms=arms, seeds=(1, 2))
    result = evaluate_forecast(study, panel, synthesizers={"doubling": Doubling})
    row = result.table[result.table["arm"] == "samples"].iloc[0]
    assert row["forecaster"] == "samples"
    truth = panel.values.reshape(10, 150)
    guess = 2 * truth[:, :138].mean(axis=1)[:, None]
    # All quantiles are the one value, so the mean over levels of 2 |e| |1(e<0) - q| is |e|.
    expected = np.abs(truth[:, 138:] - guess).sum() / np.abs(truth[:, 138:]).sum()
    assert row["value"] == pytest.approx(expected, rel=1e-5)


# What is refused


def refused(panel, error=SettingsError, **changes):
    with pytest.raises(error) as caught:
        evaluate_forecast(study_of(**changes), panel)
    return str(caught.value)


@pytest.mark.parametrize("path", ["no.such.module:Thing", "os:system", "gluonts.itertools:pickle"])
def test_nothing_of_somebody_else_is_imported_without_consent(panel, path):
    text = refused(panel, UntrustedCodeError, forecasters={"a": {"estimator": path}})
    assert f"The study asks to import {path}" in text
    assert "trust=True" in text
    assert path.split(":")[0] not in sys.modules or path.startswith(("os", "gluonts"))


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        ({"method": "jitter", "settings": {"shar": 1}}, "unexpected keyword argument 'shar'"),
        ({"method": "toy", "settings": {"target_len": 1}}, "no setting 'target_len'"),
        ({"method": "toy", "settings": {"target_length": 7}}, "target_length"),
        ({"method": "jitter", "budget": "soon"}, "'soon' is not a time"),
    ],
)
def test_settings_of_every_arm_are_checked_before_the_first_cell(doubles, panel, arm, told):
    from tsgen.psagan import PSAGANEstimator

    study = study_of(arms={"real": {}, "wrong": arm})
    with pytest.raises(SettingsError) as caught:
        evaluate_forecast(study, panel, synthesizers={"toy": PSAGANEstimator})
    assert told in str(caught.value)
    assert "Arm 'wrong'" in str(caught.value)
    assert LastValue.trained_on == []


def test_a_misspelt_setting_of_a_forecaster_has_its_nearest_name(doubles, panel):
    spec = {"estimator": "toy_forecasters:LastValue", "settings": {"stps": 3}}
    assert "no setting 'stps'. Did you mean 'steps'?" in refused(panel, forecasters={"a": spec})


def test_an_unknown_method_has_its_nearest_name(doubles, panel):
    text = refused(panel, arms={"a": {"method": "mixin"}})
    assert (
        "Arm 'a': there is no method 'mixin' for the task 'augment'. Did you mean 'mixing'" in text
    )


def test_a_method_of_another_task_is_refused(doubles, panel):
    assert "for the task 'far'" in refused(panel, task="far", arms={"a": {"method": "jitter"}})


def test_synthetic_series_are_not_tested_on(doubles, panel):
    info = tuple({"synthetic": i == 4} for i in range(10))
    text = refused(replace(panel, info=info), DataError)
    assert "1 of 10 series are synthetic, the first '4'" in text


def test_too_short_series_are_named(doubles, panel):
    text = refused(panel, DataError, num_windows=24)
    assert "has 150 steps: 24 windows of 6, 6 apart, take 144, and training at least 7" in text


def test_another_frequency_than_the_study_s_is_refused(doubles, panel):
    assert "The study is about freq='D', the data have 'h'" in refused(panel, DataError, freq="D")


def test_early_stopping_needs_epochs(doubles, panel):
    arms = {"real": {}, "stopped": {"early_stopping": 2}}
    result = evaluate_forecast(study_of(arms=arms, seeds=(1,)), panel)
    assert "not trained in epochs" in result.facts["failures"][0]["failed"]


# GluonTS


def test_seasonal_naive_scores_as_gluonts_scores_it(panel):
    from gluonts.dataset.split import split
    from gluonts.ev.metrics import MASE, NRMSE, MeanWeightedSumQuantileLoss
    from gluonts.model import evaluate_model
    from gluonts.model.seasonal_naive import SeasonalNaivePredictor

    values = panel.values.copy()
    values[[148, 455]] = np.nan  # in the tested parts of two series
    holed = replace(panel, values=values)
    study = study_of(forecasters={"naive": {"estimator": "seasonal_naive"}}, arms={"real": {}})
    result = evaluate_forecast(study, holed)
    _, template = split(holed, offset=-12)
    levels = [k / 10 for k in range(1, 10)]
    expected = evaluate_model(
        SeasonalNaivePredictor(prediction_length=6, season_length=24),
        test_data=template.generate_instances(6, windows=2),
        metrics=[MeanWeightedSumQuantileLoss(levels), MASE(), NRMSE()],
        seasonality=24,
    ).iloc[0]
    assert result.value("mean_weighted_quantile_loss") == pytest.approx(expected.iloc[0], rel=1e-5)
    assert result.value("mase") == pytest.approx(expected.iloc[1], rel=1e-5)
    assert result.value("nrmse") == pytest.approx(expected.iloc[2], rel=1e-5)


def test_deepar_of_two_steps_end_to_end(panel):
    small = {
        "context_length": 6,
        "lags_seq": [1, 2],
        "hidden_size": 4,
        "num_layers": 1,
        "batch_size": 8,
        "num_batches_per_epoch": 2,
        "num_parallel_samples": 10,
        "trainer_kwargs": {"max_epochs": 1},
    }
    study = study_of(
        forecasters={"deepar": {"estimator": "deepar", "settings": small}},
        arms={"real": {}, "twin": {}, "stopped": {"early_stopping": 1}},
        seeds=(1,),
        num_test_series=3,
    )
    result = evaluate_forecast(study, panel)
    assert not result.facts["failures"]
    rows = result.table.set_index(["arm", "metric"])["value"]
    assert rows[("twin", "mase")] == rows[("real", "mase")]
    assert rows[("stopped", "mase")] != rows[("real", "mase")]


def test_windows_are_gluonts_s_rolling_windows(panel):
    from gluonts.dataset.split import split

    rows, begins = np.repeat(np.arange(10), 2), np.tile([138, 144], 10)
    mine = TestWindows(panel, rows, begins, 6)
    theirs = split(panel, offset=-12)[1].generate_instances(6, windows=2)
    for name in ("input", "label"):
        for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
            assert a["start"] == b["start"]
            np.testing.assert_array_equal(a["target"], b["target"])


def test_series_of_a_panel_are_the_channels_of_one_entry(doubles, panel, monkeypatch):
    from tsgen.data import MultivariateDataset
    from tsgen.evaluation.forecast import study as module

    seen = []
    runner = module.CellRunner

    def remembered(study, dataset, *rest):
        seen.append((rest[-1], dataset.fingerprint()))
        return runner(study, dataset, *rest)

    monkeypatch.setattr(module, "CellRunner", remembered)
    by_study = evaluate_forecast(study_of(panel=True), panel)
    joined = MultivariateDataset.of_panel(panel)
    by_data = evaluate_forecast(study_of(), joined)
    assert seen[0] == seen[1] == (tuple(panel.item_ids), joined.series.fingerprint())
    assert by_study.table.equals(by_data.table)
