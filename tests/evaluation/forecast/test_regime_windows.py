"""What one regime and seed of a study see: series kept, history cut, windows, what is hidden."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.regime_windows import check_dataset, gluonts_season, make_scene
from tsgen.evaluation.forecast.settings import Regime

LENGTHS = (60, 45, 80, 50)


@pytest.fixture(scope="module")
def panel(make_dataset):
    """Every value says where it stands: a thousand times the series, plus the step."""
    return make_dataset([1000.0 * i + np.arange(n) for i, n in enumerate(LENGTHS)])


def study_of(**changes):
    fields = {"data": "panel", "prediction_length": 4, "num_windows": 3,
              "forecasters": {"naive": {"estimator": "seasonal_naive"}},
              "arms": {"real": {}}}  # fmt: skip
    return ForecastStudy(**fields | changes)


def scene_of(panel, study=None, seed=1, **regime):
    return make_scene(panel, study or study_of(), Regime(**regime), seed)


# ---- training and windows ------------------------------------------------------------------------


def test_training_ends_where_the_first_window_begins(panel):
    scene = scene_of(panel)
    training = scene.training()
    assert training.lengths.tolist() == [n - 12 for n in LENGTHS]
    windows = scene.windows(study_of())
    assert windows.rows.tolist() == [i for i in range(4) for _ in range(3)]
    truth = windows.truth
    for k, (row, begin) in enumerate(zip(windows.rows, windows.begins, strict=True)):
        assert begin == LENGTHS[row] - 12 + 4 * (k % 3)
        np.testing.assert_array_equal(truth[k], 1000.0 * row + begin + np.arange(4))
    for entry, row, begin in zip(windows.input, windows.rows, windows.begins, strict=True):
        np.testing.assert_array_equal(entry["target"], 1000.0 * row + np.arange(begin))
    for entry, row, begin in zip(windows.label, windows.rows, windows.begins, strict=True):
        np.testing.assert_array_equal(entry["target"], 1000.0 * row + begin + np.arange(4))
        assert entry["start"].ordinal == panel.starts[row] + begin


def test_windows_follow_each_other_by_the_stride(panel):
    study = study_of(stride=2)
    windows = scene_of(panel, study).windows(study)
    assert np.diff(windows.begins.reshape(4, 3)).tolist() == [[2, 2]] * 4
    assert windows.begins.reshape(4, 3)[:, 0].tolist() == [n - 8 for n in LENGTHS]


def test_a_share_of_the_history_is_its_end(panel):
    scene = scene_of(panel, history=0.5)
    for i, series in enumerate(map(scene.training().series, range(4))):
        kept = LENGTHS[i] - 12
        assert series[-1] == 1000.0 * i + kept - 1
        assert len(series) == kept - int(kept * 0.5)
    # the windows are the same ones
    whole, half = (scene_of(panel, history=h).windows(study_of()) for h in (1.0, 0.5))
    np.testing.assert_array_equal(whole.truth, half.truth)


def test_a_share_of_the_series_is_the_same_one_for_all_seeds(panel):
    first, other = (scene_of(panel, seed=s, series=0.5) for s in (1, 2))
    assert first.kept.tolist() == other.kept.tolist()
    assert len(first.kept) == 2
    assert first.tested.tolist() == first.kept.tolist()
    assert {int(v // 1000) for v in first.training().values} == set(first.kept)
    all_ = scene_of(panel, study_of(test_on="all"), series=0.5)
    assert all_.tested.tolist() == [0, 1, 2, 3]
    assert len(all_.training()) == 2
    few = [scene_of(panel, study_of(num_test_series=2), seed=s).tested.tolist() for s in (1, 2)]
    assert few[0] == few[1]
    assert len(few[0]) == 2
    assert len(scene_of(panel, study_of(num_test_series=2)).kept) == 4


def test_what_is_known_is_the_training_part_of_every_series(panel):
    scene = scene_of(panel, series=0.5)
    assert scene.training_parts.lengths.tolist() == [n - 12 for n in LENGTHS]
    filled = replace(scene.seen, values=-scene.seen.values)
    np.testing.assert_array_equal(scene.training(filled).values, -scene.training().values)


def test_a_season_is_gluonts_number_of_steps():
    assert [gluonts_season(freq) for freq in ("h", "D", "W", "M", "15min")] == [24, 1, 1, 12, 96]


# ---- what a task hides ---------------------------------------------------------------------------


def hidden(scene):
    """Steps of each series that are not seen."""
    return [np.flatnonzero(np.isnan(scene.seen.series(i))).tolist() for i in range(4)]


@pytest.mark.parametrize("task", ["augment", "direct"])
def test_to_augment_nothing_is_hidden(panel, task):
    scene = scene_of(panel, study_of(task=task))
    assert scene.seen is scene.truth


def test_far_hides_what_comes_after_training(panel):
    scene = scene_of(panel, study_of(task="far"))
    assert hidden(scene) == [list(range(n - 12, n)) for n in LENGTHS]
    assert not np.isnan(scene.windows(study_of()).truth).any()  # which is scored all the same


def test_gaps_lie_in_the_second_half_of_training_at_places_that_the_seed_draws(panel):
    study = study_of(task="gaps", gap_length=5, num_gaps=1)
    places = []
    for seed in (1, 1, 2):
        gaps = hidden(scene_of(panel, study, seed))
        for steps, n in zip(gaps, LENGTHS, strict=True):
            assert len(steps) == 5
            assert steps == list(range(steps[0], steps[0] + 5))
            assert (n - 12) // 2 <= steps[0]
            assert steps[-1] < n - 12
        places.append([steps[0] for steps in gaps])
    assert places[0] == places[1] != places[2]
    many = hidden(scene_of(panel, study_of(task="gaps", gap_length=5, num_gaps=3)))
    assert max(len(steps) for steps in many) > 5
    with pytest.raises(DataError, match="the second half has no room for a gap of 30"):
        scene_of(panel, study_of(task="gaps", gap_length=30))


def test_a_cold_start_leaves_the_last_values_of_the_series_that_are_scored(panel):
    study = study_of(task="cold_start", cold_share=0.5, cold_length=6)
    scene, other = (scene_of(panel, study, seed) for seed in (1, 5))
    assert len(scene.tested) == 2
    for i, steps in enumerate(hidden(scene)):
        expected = list(range(LENGTHS[i] - 12 - 6)) if i in scene.tested else []
        assert steps == expected
    assert set(scene.windows(study).rows) == set(scene.tested)
    assert scene.tested.tolist() != other.tested.tolist()
    one = scene_of(panel, study_of(task="cold_start", cold_share=0.01, cold_length=6))
    assert len(one.tested) == 1


# ---- what does not suit --------------------------------------------------------------------------


def test_validation_cuts_the_test_part_off_first(panel):
    study = study_of(part="validation")
    assert check_dataset(panel, study).lengths.tolist() == [n - 12 for n in LENGTHS]
    assert check_dataset(panel, study_of()) is panel


@pytest.mark.parametrize(("part", "least"), [("test", 17), ("validation", 29)])
def test_the_shortest_series_that_is_long_enough(make_dataset, part, least):
    study = study_of(part=part)
    enough, short = (
        make_dataset([np.arange(60.0), np.arange(float(n))]) for n in (least, least - 1)
    )
    scene = make_scene(check_dataset(enough, study), study, Regime(), 1)
    assert scene.training().lengths.min() == 5  # one more than is forecast
    with pytest.raises(DataError, match=f"Series '1' has {least - 1} steps") as error:
        check_dataset(short, study)
    assert error.value.item_id == "1"
    assert f"leave out the 1 series under {least} steps" in str(error.value)


def test_real_series_of_the_studys_frequency_are_needed(panel):
    made = replace(panel, info=({}, {"synthetic": True}, {}, {}))
    with pytest.raises(DataError, match="1 of 4 series are synthetic, the first '1'"):
        check_dataset(made, study_of())
    with pytest.raises(DataError, match="The study is about freq='D', the data have 'h'"):
        check_dataset(panel, study_of(freq="D"))
    check_dataset(panel, study_of(freq="H"))


def test_a_regime_must_leave_something_to_learn_from(panel):
    with pytest.raises(DataError, match=r"10 % of the history leaves series '1' 4 steps to train"):
        scene_of(panel, history=0.1)
    with pytest.raises(DataError, match=r"10 % of 4 series is no series"):
        scene_of(panel, series=0.1)
