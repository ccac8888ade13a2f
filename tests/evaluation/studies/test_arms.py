"""Arms of a study: their names, their settings, and whose code they name."""

import sys
from pathlib import Path

import pytest

from tsgen.errors import SettingsError, UntrustedCodeError
from tsgen.evaluation.studies.arms import check_study_arms
from tsgen.evaluation.studies.protocols import PROTOCOLS

PATH = Path("s.toml")
LOG = {"data": "shop", "horizon": "7D", "histories": [2.0]}
DATASET = {"data": "load", "prediction_length": 6}
PERIODS = {"freq": "D", "prediction_length": 3}


def check(arms, protocol="activity", *, trust=False, **study):
    kind = PROTOCOLS[protocol].arm
    check_study_arms(PATH, {"protocol": protocol, "arms": arms, **study}, kind, trust=trust)


@pytest.mark.parametrize("name", ["../x", "a/b", "-a", "", "a b", "\u00e9", "x" * 101, "a.b"])
def test_a_name_that_is_no_file_name_is_refused(name):
    with pytest.raises(SettingsError, match="names files"):
        check({"good": {}, name: {}})
    check({"a": {}, "B-2_x": {}})


@pytest.mark.parametrize("arms", [{}, [], None, "a", {"a": 1}, {"a": {"settings": "x"}}])
def test_what_is_no_table_of_tables_is_refused(arms):
    with pytest.raises(SettingsError, match=r"^s\.toml(: the arm 'a'| has no arms)"):
        check(arms)


@pytest.mark.parametrize(
    ("protocol", "good", "misspelt"),
    [
        ("activity", {"activity": "moving-average"}, {"activty": "x"}),
        ("activity", {}, {"horizon": "7D"}),
        ("groups", {}, {"num_decay": 3}),
        ("reasons", {}, {"preset": []}),
        ("held-out", {"num_steps": 5}, {"num_stepz": 5}),
        ("gap-filling", {"num_steps": 5}, {"num_steps": -5}),
    ],
)
def test_settings_are_those_of_what_the_protocol_trains(protocol, good, misspelt):
    check({"a": {"settings": good}}, protocol)
    arms = {"a": {"settings": good}, "b": {"settings": misspelt}}
    with pytest.raises(SettingsError, match=rf"^s\.toml: the arm 'b': .*{next(iter(misspelt))}"):
        check(arms, protocol)


@pytest.mark.parametrize(
    ("protocol", "good", "bad", "told"),
    [
        ("totals", LOG, {**LOG, "settings": {"relevance": "gpt"}}, "'gpt' is not possible"),
        ("totals", LOG, {**LOG, "horizon": "soon"}, "horizon='soon' is not a length of time"),
        ("totals", LOG, {**LOG, "histories": []}, "histories"),
        ("audience", {"row": "neighbours", "num": 3}, {"row": "popularity", "num": 3},
         "the row 'popularity' has no option 'num'"),
        ("audience", {}, {"scale": 2.0}, "RIM has no option 'scale'"),
        ("audience", {}, {"row": "random", "settings": {"num_decays": 3}},
         "settings has no effect"),
        ("audience", {}, {"row": "decayed-pairs", "scale": -1.0}, "scale=-1.0 is not possible"),
        ("held-out", {"noise_scale": 2.0}, {"noise_scale": 0.0}, "noise_scale=0.0"),
        ("held-out", {"baseline": "jitter"}, {"baseline": "jitter", "budget": "3s"},
         "budget has no effect beside baseline = 'jitter'"),
        ("gap-filling", {"baseline": "linear"},
         {"baseline": "linear", "settings": {"num_steps": 3}}, "settings has no effect"),
        ("factors", {"world": "waves", "maker": "vae"}, {"world": "wave", "maker": "vae"},
         "no world 'wave'. Did you mean 'waves'"),
        ("factors", {"world": "waves", "maker": "vae"}, {"world": "waves", "maker": "gan"},
         "no maker 'gan'"),
        ("factors", {"world": "waves", "maker": "psa-gan", "settings": {"num_steps": 9}},
         {"world": "waves", "maker": "vae", "settings": {"num_steps": 3}}, "takes no settings"),
        ("helps", {**DATASET, "way": "mixing"}, {**DATASET, "way": "mixin"},
         "no operation 'mixin'"),
        ("helps", {**DATASET, "way": "synforecast-mbb"}, {**DATASET, "way": ""}, "no operation ''"),
        ("new-items", {"donors": "all"}, {"donors": "all", "settings": {"target_length": 8}},
         "target_length comes from the study"),
        ("forecasters", {"activity": "hawkes"}, {"activity": "hawks"}, "Did you mean 'hawkes'"),
        ("forecasters", {"activity": "hawkes"}, {}, "give an activity or a forecaster"),
        ("forecasters", {"forecaster": "seasonal_naive"},
         {"forecaster": "seasonal_naive", "settings": {"x": 1}}, "has no setting 'x'"),
        ("forecasters", {"activity": "hawkes"}, {"activity": "hawkes", "season": 3},
         "season has no effect"),
        ("forecasters", {"activity": "hawkes"}, {"forecaster": 1.5}, "forecaster=1.5"),
        ("interaction", {"estimator": "reference"}, {"estimator": "referense"},
         "no forecaster 'referense'"),
        ("interaction", {"estimator": "reference"},
         {"estimator": "reference", "settings": {"x": 1}}, "'x'"),
    ],
)  # fmt: skip
def test_what_an_arm_cannot_be_is_told_with_its_name(protocol, good, bad, told):
    check({"a": good}, protocol, **PERIODS)
    with pytest.raises(SettingsError) as refused:
        check({"a": good, "b": bad}, protocol, **PERIODS)
    assert str(refused.value).startswith("s.toml: the arm 'b': ")
    assert told in str(refused.value)


def test_settings_of_the_whole_study_are_checked_too():
    arms = {"a": {"activity": "hawkes"}}
    check(arms, "forecasters", settings={"num_decays": 3}, **PERIODS)
    with pytest.raises(SettingsError, match=r"^s\.toml: RIMEstimator has no setting 'num_decay'"):
        check(arms, "forecasters", settings={"num_decay": 3}, **PERIODS)


@pytest.mark.parametrize(
    ("protocol", "key"), [("forecasters", "forecaster"), ("interaction", "estimator")]
)
def test_no_class_of_somebody_else_is_imported_without_consent(
    tmp_path, monkeypatch, protocol, key
):
    (tmp_path / "intruder.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
        "class Evil:\n    def train(self, data): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "intruder", raising=False)
    for name in ("intruder:Evil", "intruder.Evil"):
        arms = {"a": {key: "seasonal_naive"}, "b": {key: name}}
        with pytest.raises(UntrustedCodeError, match=r"s\.toml asks to import intruder"):
            check(arms, protocol, **PERIODS)
    assert not (tmp_path / "ran").exists()
    check(arms, protocol, trust=True, **PERIODS)
    assert (tmp_path / "ran").exists()
    with pytest.raises(SettingsError, match="no forecaster 'seasonal_naiv'"):
        check({"a": {key: "seasonal_naiv"}}, protocol, **PERIODS)
