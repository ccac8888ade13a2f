"""What a forecasting study may ask for."""

import json

import pytest

from forecast_doubles import study_of
from tsgen.errors import SettingsError
from tsgen.evaluation import ForecastStudy
from tsgen.evaluation.forecast.settings import Regime


def test_a_misspelt_key_has_its_nearest_name():
    with pytest.raises(
        SettingsError, match=r"no setting 'num_window'\. Did you mean 'num_windows'"
    ):
        study_of(num_window=3)
    with pytest.raises(SettingsError, match=r"no setting 'ratoi'\. Did you mean 'ratio'"):
        study_of(arms={"a": {"method": "jitter", "ratoi": 1}})


@pytest.mark.parametrize("name", ["../../x", "a/b", "", ".hidden", "a b", "x" * 65])
@pytest.mark.parametrize("what", ["arms", "forecasters"])
def test_names_that_are_no_slugs_are_refused(name, what):
    content = {"method": "jitter"} if what == "arms" else {"estimator": "seasonal_naive"}
    with pytest.raises(SettingsError, match="is no name: write letters, digits"):
        study_of(**{what: {name: content}})


def test_an_endpoint_must_be_in_the_study():
    with pytest.raises(
        SettingsError, match=r"the study has no arm 'jiter'\. Did you mean 'jitter'"
    ):
        study_of(primary={"forecaster": "last", "arm": "jiter"})
    with pytest.raises(SettingsError, match=r"primary.*'mape'"):
        study_of(primary={"forecaster": "last", "arm": "jitter", "metric": "mape"})


def test_a_regime_is_called_by_what_is_left():
    assert Regime().name == "all series"
    assert Regime(series=0.05).name == "5 % of the series"
    assert Regime(series=0.5, history=0.25).name == "50 % of the series, 25 % of the history"


def test_steps_of_windows_and_of_the_tested_part():
    study = study_of(prediction_length=6, num_windows=4)
    assert (study.step, study.tested_steps) == (6, 24)
    closer = study_of(prediction_length=6, num_windows=4, stride=2)
    assert (closer.step, closer.tested_steps) == (2, 12)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seeds": (1, 1)}, r"seeds \[1, 1\] must be different whole numbers from 0"),
        ({"seeds": (-1,)}, "must be different whole numbers from 0"),
        ({"arms": {"real": {"only": True}}}, "method 'real' makes no series"),
        ({"arms": {"real": {"budget": "9s"}}}, "method 'real' makes no series"),
        ({"primary": {"forecaster": "lst", "arm": "real"}}, "no forecaster 'lst'. Did you mean"),
        ({"primary": {"forecaster": "last", "arm": "real", "regime": 1}}, "regime 1 of 1"),
        ({"regimes": [{"series": 0}]}, "greater than 0"),
        ({"regimes": [{"history": 1.1}]}, "less than or equal to 1"),
    ],
)
def test_impossible_studies_are_refused(changes, told):
    with pytest.raises(SettingsError, match=told):
        study_of(**changes)


def test_a_study_is_read_from_a_file_and_says_itself_in_json(tmp_path):
    study = study_of(primary={"forecaster": "last", "arm": "jitter"})
    (tmp_path / "study.json").write_text(json.dumps(study.to_json()))
    assert ForecastStudy.from_file(tmp_path / "study.json") == study


def test_objects_in_settings_are_written_as_their_text():
    spec = {"estimator": "deepar", "settings": {"output": object}}
    assert study_of(forecasters={"last": spec}).to_json()["forecasters"]["last"]["settings"] == {
        "output": "<class 'object'>"
    }
