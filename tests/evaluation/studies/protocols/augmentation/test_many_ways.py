"""All ways of a dataset in one cell: judged in the same runs, generators trained once."""

import importlib
from types import SimpleNamespace

import pytest
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

from tsgen.curation import SynthesizerTraining, Transform
from tsgen.data import simulate_series
from tsgen.errors import DataError
from tsgen.evaluation.studies.protocols.augmentation.many_ways import many_ways
from tsgen.evaluation.studies.protocols.augmentation.settings import ManyWaysStudy

module = importlib.import_module("tsgen.evaluation.studies.protocols.augmentation.many_ways")
helps = importlib.import_module("tsgen.evaluation.studies.protocols.augmentation.helps")
REAL = simulate_series(num_series=8, length=80, seed=1)
SOURCES = SimpleNamespace(series=lambda name: REAL)
STUDY = {"part": "test", "num_series": 5, "reference_seeds": 2, "draws": 2,
         "generator_budget": "7s", "learner": "linear"}  # fmt: skip
ARM = {"data": "load", "prediction_length": 4, "last": 60}


@pytest.fixture
def races(monkeypatch):
    """The races that are run."""
    seen = []

    class Remembered(module.Race):
        def run(self, candidates, seeds, draws):
            seen.append(self)
            return super().run(candidates, seeds, draws)

    monkeypatch.setattr(module, "Race", Remembered)
    return seen


def test_shares_and_pools_are_those_of_each_way(races, monkeypatch):
    sizes = []
    call = Transform.__call__

    def remembered(self, dataset, ratio, *, seed):
        sizes.append((self.name, ratio))
        return call(self, dataset, ratio, seed=seed)

    monkeypatch.setattr(Transform, "__call__", remembered)
    ways = {
        "mixing": {"way": "mixing"},
        "alone": {"way": "mixing", "share": 1.0},
        "once": {"way": "jitter", "share": 0.25, "pool": 0.5},
    }
    cell = many_ways({**STUDY, "ways": ways}, ARM, 1, SOURCES)
    (race,) = races
    assert {c.name: c.real for c in race.losses} == {"mixing": 0.5, "alone": 0.0, "once": 0.75}
    assert sizes == [("mixing", 2.0), ("mixing", 2.0), ("jitter", 0.5)] * 2
    assert race.learner == "linear"
    assert [way["way"] for way in cell["ways"]] == list(ways)
    assert cell["measures"]["once"] == cell["ways"][2]["measures"]["change"]
    assert cell["series"] == 5
    assert not cell["failed"]
    assert race.validation.usable.lengths.tolist() == [60] * 5  # only the last steps
    assert race.validation.usable.starts[0] == REAL.starts[0] + 20


def test_an_annealed_way_reaches_its_networks(monkeypatch):
    members = []
    quantiles = module.Race._quantiles

    def remembered(race, given, sets):
        members.extend(given)
        return quantiles(race, given, sets)

    monkeypatch.setattr(module.Race, "_quantiles", remembered)
    ways = {"mixing": {"way": "mixing"}, "annealed": {"way": "mixing", "annealed": 40}}
    cell = many_ways({**STUDY, "draws": 1, "learner": "network", "ways": ways}, ARM, 1, SOURCES)
    assert [member.annealed for member in members] == [0, 0, 0, 0, 40, 40]
    assert cell["measures"]["mixing"] != cell["measures"]["annealed"]


def test_a_generator_is_trained_once_for_all_its_ways_and_a_failure_is_kept(races, monkeypatch):
    trained = []

    def fit(self, dataset, options):
        trained.append(self.name)
        if self.name == "psa-gan-c":
            raise DataError("too short")
        return Transform("mixing")

    monkeypatch.setattr(SynthesizerTraining, "fit", fit)
    ways = {
        "psa-gan": {"way": "psa-gan"},
        "alone": {"way": "psa-gan", "share": 1.0},
        "futures": {"way": "psa-gan-c"},
        "more futures": {"way": "psa-gan-c", "pool": 4.0},
    }
    monkeypatch.setattr(helps, "operation", lambda name: SynthesizerTraining(None, name))
    cell = many_ways({**STUDY, "ways": ways}, ARM, 1, SOURCES)
    assert trained == ["psa-gan", "psa-gan-c"]
    assert [way["way"] for way in cell["ways"]] == ["psa-gan", "alone"]
    assert cell["failed"] == {"psa-gan-c": "too short"}


def test_a_choice_keeps_its_own_shares(races, monkeypatch):
    said = SimpleNamespace(change=-0.05, low=-0.1, high=-0.01, sureness=2.0, expected=-0.04)
    parts = (("mixing", 0.5), ("jitter", 0.25))
    chosen = helps.JudgedWay(
        module.Candidate("policy", parts),
        {"mixing": Transform("mixing"), "jitter": Transform("jitter")},
        said,
        {"narrowing": {}},
    )
    monkeypatch.setattr(module, "judged_way", lambda *args: chosen)
    ways = {"auto": {"way": "auto"}, "mixing": {"way": "mixing"}}
    cell = many_ways({**STUDY, "ways": ways}, ARM, 1, SOURCES)
    auto = next(way for way in cell["ways"] if way["way"] == "auto")
    assert auto["parts"] == [["auto/mixing", 0.5], ["auto/jitter", 0.25]]
    assert auto["measures"]["sureness"]["value"] == 2.0
    assert auto["narrowing"] == {}


def test_a_forecaster_of_gluonts_judges_in_place_of_the_networks(monkeypatch):
    """It is trained on real series alone and on as many more as the share says, each draw."""
    trained = []

    def train(self, entries):
        trained.append((self.spec.estimator, len(list(entries)), self.freq, self.prediction_length))
        return SeasonalNaivePredictor(prediction_length=4, season_length=len(trained))

    monkeypatch.setattr(module.NamedEstimator, "train", train)
    ways = {"quarter": {"way": "mixing", "share": 0.25}, "half": {"way": "jitter", "pool": 7.0}}
    study = {**STUDY, "ways": ways, "forecaster": {"estimator": "deepar"}}
    study["num_series"] = 6
    cell = many_ways(study, ARM, 1, SOURCES)
    assert [number for _, number, _, _ in trained] == [6, 6, 8, 8, 12, 12]
    assert {(name, freq, length) for name, _, freq, length in trained} == {("deepar", "h", 4)}
    assert list(cell["measures"]) == ["quarter", "half"]
    assert cell["measures"]["quarter"]["value"] != cell["measures"]["half"]["value"]


def test_a_forecaster_cannot_be_asked_for_synthetic_series_alone():
    study = {**STUDY, "question": "?", "protocol": "many-ways", "seeds": [1], "data": "one",
             "forecaster": {"estimator": "deepar"}}  # fmt: skip
    ManyWaysStudy(**study, ways={"mixing": {"way": "mixing"}})
    with pytest.raises(ValueError, match="way 'alone' has no real series"):
        ManyWaysStudy(**study, ways={"alone": {"way": "mixing", "share": 1.0}})


@pytest.mark.parametrize("judge", [{"forecaster": {"estimator": "deepar"}}, {"learner": "linear"}])
def test_the_networks_alone_can_be_annealed(judge):
    study = {**STUDY, "question": "?", "protocol": "many-ways", "data": "load", "seeds": [1],
             **judge}  # fmt: skip
    with pytest.raises(ValueError, match="way 'annealed' is annealed"):
        ManyWaysStudy(**study, ways={"annealed": {"way": "mixing", "annealed": 9}})
