"""Arms of a study: their names, their settings, and whose code they name."""

from pathlib import Path

import pytest

from tsgen.errors import SettingsError, UntrustedCodeError
from tsgen.evaluation.studies.arms import check_study_arms

PATH = Path("s.toml")


def study(arms, protocol="activity"):
    return {"protocol": protocol, "arms": arms}


@pytest.mark.parametrize("name", ["../x", "a/b", "-a", "", "a b", "\u00e9", "x" * 101, "a.b"])
def test_a_name_that_is_no_file_name_is_refused(name):
    with pytest.raises(SettingsError, match="names files"):
        check_study_arms(PATH, study({"good": {}, name: {}}), trust=False)
    check_study_arms(PATH, study({"a": {}, "B-2_x": {}}), trust=False)


@pytest.mark.parametrize("arms", [{}, [], None, "a", {"a": 1}, {"a": {"settings": "x"}}])
def test_what_is_no_table_of_tables_is_refused(arms):
    with pytest.raises(SettingsError, match=r"^s\.toml(: the arm 'a'| has no arms)"):
        check_study_arms(PATH, study(arms), trust=False)


@pytest.mark.parametrize(
    ("protocol", "good", "misspelt"),
    [
        ("activity", {"activity": "moving-average"}, {"activty": "x"}),
        ("totals", {"relevance": "popularity"}, {"relevance": "gpt"}),
        ("held-out", {"num_steps": 5}, {"num_stepz": 5}),
        ("gap-filling", {"num_steps": 5}, {"num_steps": -5}),
    ],
)
def test_settings_are_those_of_what_the_protocol_trains(protocol, good, misspelt):
    check_study_arms(PATH, study({"a": {"settings": good}}, protocol), trust=False)
    arms = {"a": {"settings": good}, "b": {"settings": misspelt}}
    with pytest.raises(SettingsError, match=r"^s\.toml: the arm 'b': "):
        check_study_arms(PATH, study(arms, protocol), trust=False)


def test_no_class_of_somebody_else_is_imported_without_consent(tmp_path, monkeypatch):
    (tmp_path / "intruder.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
        "class Evil:\n    def train(self, data): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("intruder:Evil", "intruder.Evil"):
        arms = {"a": {"forecaster": "seasonal_naive"}, "b": {"forecaster": name}}
        with pytest.raises(UntrustedCodeError, match=r"s\.toml asks to import intruder"):
            check_study_arms(PATH, study(arms, "forecasters"), trust=False)
    assert not (tmp_path / "ran").exists()
    check_study_arms(PATH, study(arms, "forecasters"), trust=True)
    assert (tmp_path / "ran").exists()
    with pytest.raises(SettingsError, match="no forecaster 'seasonal_naiv'"):
        check_study_arms(
            PATH, study({"a": {"forecaster": "seasonal_naiv"}}, "forecasters"), trust=False
        )
