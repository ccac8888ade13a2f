"""Operations of a choice as JSON values and files, and back."""

from pathlib import Path

import pytest

from forecast_doubles import Doubling
from tsgen.curation import AugmentationPolicy, Draws, FunctionOperation, PolicyEntry, Transform
from tsgen.curation.choosing import saved_operations
from tsgen.curation.choosing.saved_operations import described, model_files, restored_operation
from tsgen.data import simulate_series
from tsgen.errors import SettingsError

REAL = simulate_series(num_series=4, length=60, seed=1)


class Saved(Doubling):
    def save(self, place):
        place.mkdir(parents=True)
        (place / "model.json").write_text("all of it")


def test_a_restored_generator_keeps_its_constraints_and_is_loaded_where_asked(monkeypatch):
    loads = []

    def load(path, device, trust):
        loads.append((path, device, trust))
        return Doubling()

    monkeypatch.setattr(saved_operations, "load", load)
    facts = described(Draws(Doubling(), "gan", constraints=None))
    again = restored_operation(facts, Path("folder/gan"), "cuda", True)
    assert (again.name, again.constraints) == ("gan", None)
    assert loads == [(Path("folder/gan"), "cuda", True)]


def test_a_policy_keeps_its_entries_and_the_generators_it_takes(monkeypatch, tmp_path):
    entries = [
        PolicyEntry(1, "gan", None, 0.5, 0.9),
        PolicyEntry(1, "jitter", 0.05, 0.5),
        PolicyEntry(1, "idle", None, 0.0),
    ]
    idle = FunctionOperation(lambda table: table, "idle")
    policy = AugmentationPolicy(entries, {"gan": Draws(Saved(), "gan"), "idle": idle})
    for path, write in model_files("policy", policy).items():
        write(tmp_path / path)
    assert (tmp_path / "policy" / "gan" / "model.json").read_text() == "all of it"
    loads = []
    monkeypatch.setattr(
        saved_operations, "load", lambda path, **rest: loads.append(path) or Doubling()
    )
    again = restored_operation(described(policy), tmp_path / "policy", "cpu", False)
    assert loads == [tmp_path / "policy" / "gan"]
    assert again.entries[0].score == 0.9
    assert again(REAL, 2.0, seed=3).fingerprint() == policy(REAL, 2.0, seed=3).fingerprint()


def test_functions_of_the_user_are_refused_and_names_are_kept():
    own = Transform("own", function=lambda sources, draw: sources.values)
    for operation in (own, FunctionOperation(lambda table: table, "own")):
        with pytest.raises(SettingsError, match="'own' is a function of yours"):
            described(operation)
    assert model_files("mixing", Transform("mixing")) == {}


def test_settings_and_season_of_an_operation_come_back(monkeypatch):
    warped = Transform("time_warp", {"sigma": 0.4}, season=5)
    assert restored_operation(described(warped), Path(), "cpu", False) == warped
    saved_before = {"kind": "transform", "name": "time_warp", "settings": {"sigma": 0.4}}
    again = restored_operation(saved_before, Path(), "cpu", False)
    assert again == Transform("time_warp", {"sigma": 0.4})
    named = FunctionOperation(len, "synforecast-mbb", settings={"block": 7})
    facts = described(named)
    monkeypatch.setattr(
        saved_operations, "operation", lambda name, **settings: FunctionOperation(
            len, name, settings=settings
        )
    )  # fmt: skip
    assert restored_operation(facts, Path(), "cpu", False) == named
