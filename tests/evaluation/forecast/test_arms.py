"""The arms of a study: which methods suit a task, and what each gives the forecaster."""

import numpy as np
import pytest

from forecast_doubles import LENGTH, Doubling
from forecast_doubles import made_study_of as study_of
from tsgen.errors import SettingsError
from tsgen.evaluation.forecast.arms import DirectArm, arms_of, check_arms
from tsgen.evaluation.forecast.filling import FILLINGS
from tsgen.evaluation.forecast.regime_windows import make_scene
from tsgen.evaluation.forecast.synthesizers import TrainedSynthesizers


@pytest.fixture(scope="module")
def panel(make_dataset, make_series):
    return make_dataset(5 + make_series(5, 60, 0))


def synthesizers():
    return TrainedSynthesizers({"asked": Doubling})


def given_by(panel, arm, **changes):
    """What an arm of one scene gives, and the scene."""
    study = study_of(arms={"arm": arm}, **changes)
    scene = make_scene(panel, study, study.regimes[0], 1)
    return arms_of(study, synthesizers())["arm"].training_set(scene), scene


@pytest.mark.parametrize(
    ("task", "arm", "message"),
    [
        ("augment", {"method": "jiter"}, r"no method 'jiter' for the task 'augment'.*'jitter'"),
        ("gaps", {"method": "jitter"}, "no method 'jitter' for the task 'gaps'"),
        ("direct", {"method": "jitter"}, "no method 'jitter' for the task 'direct'"),
        ("augment", {"method": "jitter", "settings": {"shape": 1}}, "'jitter': .*'shape'"),
        ("augment", {"method": "asked", "settings": {"size": 1}}, "'asked': .*'size'"),
        ("augment", {"method": "asked", "budget": "soon"}, "'soon' is not a time"),
    ],
)
def test_what_is_wrong_with_an_arm_is_said_before_the_first_cell(task, arm, message):
    study = study_of(task=task, arms={"real": {}, "odd": arm})
    with pytest.raises(SettingsError, match=message) as error:
        check_arms(study, synthesizers())
    assert "'odd'" in str(error.value)


@pytest.mark.parametrize("task", ["augment", "gaps", "far", "cold_start", "direct"])
def test_arms_that_suit_the_task_are_taken(task):
    arms = {"real": {}, "made": {"method": "asked", "settings": {"factor": 3.0}, "budget": "9s"}}
    if task == "augment":
        arms["jitter"] = {"method": "jitter", "settings": {"share": 0.1}}
    check_arms(study_of(task=task, arms=arms), synthesizers())


def test_real_series_are_given_as_they_are(panel):
    given, scene = given_by(panel, {})
    assert given.series.fingerprint() == scene.training().fingerprint()
    assert given.seen is scene.seen
    assert given.seconds is None


@pytest.mark.parametrize("arm", [{"method": "jitter"}, {"method": "asked"}])
@pytest.mark.parametrize("only", [False, True])
def test_made_series_stand_beside_the_real_ones_or_alone(panel, arm, only):
    given, scene = given_by(panel, arm | {"ratio": 0.6, "only": only})
    assert given.series.synthetic.sum() == 3
    assert (~given.series.synthetic).sum() == (0 if only else 5)
    assert given.seen is scene.seen
    assert (given.seconds is None) == (arm["method"] == "jitter")


@pytest.mark.parametrize("method", [*FILLINGS, "asked"])
def test_what_fills_leaves_no_gap_and_changes_no_observed_value(panel, method):
    given, scene = given_by(panel, {"method": method}, task="gaps", gap_length=8)
    before, after = scene.seen.values, given.seen.values
    missing = np.isnan(before)
    assert missing.sum() == 5 * 8
    assert not np.isnan(after).any()
    np.testing.assert_array_equal(after[~missing], before[~missing])
    assert given.series.fingerprint() == scene.training(given.seen).fingerprint()


def test_samples_are_a_forecast_at_the_time_of_each_window(panel):
    study = study_of(task="direct", arms={"made": {"method": "asked"}})
    scene = make_scene(panel, study, study.regimes[0], 1)
    arm = arms_of(study, synthesizers())["made"]
    assert isinstance(arm, DirectArm)
    windows = scene.windows(study)
    made = list(arm.forecasts(scene, windows))
    assert [str(f.start_date) for f in made] == [str(e["start"]) for e in windows.label]
    assert all(f.samples.shape[1] == LENGTH for f in made)
