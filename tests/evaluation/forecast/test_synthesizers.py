"""Synthesizers of a study: trained once for what is the same, kept and read again."""

import pytest

from forecast_doubles import Doubling
from tsgen.evaluation import Arm
from tsgen.evaluation.forecast import synthesizers as module
from tsgen.evaluation.forecast.synthesizers import TrainedSynthesizers


class Kept(Doubling):
    """A synthesizer that can be saved."""

    def save(self, path):
        path.mkdir()
        (path / "factor").write_text(str(self.factor))


@pytest.fixture
def data(make_dataset, make_series):
    return make_dataset(make_series(2, 30, 0))


@pytest.fixture(autouse=True)
def trained(monkeypatch):
    monkeypatch.setattr(Doubling, "trained", [])
    return Doubling.trained


def test_what_the_numbers_depend_on_is_trained_anew_and_nothing_else(data, trained):
    kept = TrainedSynthesizers({"kept": Kept})
    arm = Arm(method="kept")
    model, _ = kept.trained(arm, data, 1)
    assert kept.trained(arm, data, 1)[0] is model
    assert kept.trained(Arm(method="kept", ratio=0.5, only=True), data, 1)[0] is model
    others = [
        kept.trained(arm, data, 2),
        kept.trained(Arm(method="kept", settings={"factor": 3.0}), data, 1),
        kept.trained(Arm(method="kept", budget="9s"), data, 1),
        kept.trained(arm, data.subset([0]), 1),
    ]
    assert all(other is not model for other, _ in others)
    kept.forget()
    assert kept.trained(arm, data, 1)[0] is not model


def test_a_saved_one_is_read_with_the_cost_of_its_training(data, tmp_path, monkeypatch):
    arm, folder = Arm(method="kept", settings={"factor": 4.0}), tmp_path / "deep" / "models"
    _, seconds = TrainedSynthesizers({"kept": Kept}, folder).trained(arm, data, 1)
    (place,) = [path for path in folder.iterdir() if path.is_dir()]
    monkeypatch.setattr(module, "load", lambda path, *, device: (path, device))
    again = TrainedSynthesizers({"kept": Kept}, folder).trained(arm, data, 1)
    assert again == ((place, "cpu"), seconds)
