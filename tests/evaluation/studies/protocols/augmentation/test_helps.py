"""The protocol of help: what is known when, what is judged, and what is said of it."""

import importlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import Candidate, Gain, SynthesizerTraining, Transform
from tsgen.curation.choosing import Way
from tsgen.errors import SettingsError
from tsgen.evaluation.studies.protocols.augmentation.helps import helps

module = importlib.import_module("tsgen.evaluation.studies.protocols.augmentation.helps")
LENGTH, STEPS = 4, 80
STUDY = {"part": "test", "num_series": 5, "reference_seeds": 2, "draws": 3,
         "generator_budget": "7s",
         "plan": {"seeds": [1, 1, 1], "draws": [1, 1, 1], "kept": [1, 1]}}  # fmt: skip
ARM = {"data": "load", "prediction_length": LENGTH, "way": "mixing"}
CAME = Gain(-0.04, -0.07, -0.01, 0.015, 6)


@pytest.fixture
def sources():
    random = np.random.default_rng(1)
    hours = pd.date_range("2024-01-01", periods=STEPS, freq="h")
    rows = [
        pd.DataFrame({"item_id": f"s{k}", "timestamp": hours, "target": values})
        for k, values in enumerate([*random.normal(10, 1, (9, STEPS)), np.zeros(STEPS)])
    ]
    rows.append(pd.DataFrame({"item_id": "short", "timestamp": hours[:20], "target": 1.0}))
    from tsgen.data import to_dataset

    data = to_dataset(pd.concat(rows))
    return SimpleNamespace(series=lambda name: data)


@pytest.fixture
def raced(monkeypatch):
    """What was raced, without a network."""
    seen = []

    class Race:
        def __init__(self, validation, operations, *, seed):
            self.run = lambda candidates, seeds, draws: seen.append(
                SimpleNamespace(validation=validation, operations=operations, seed=seed,
                                candidates=candidates, seeds=seeds, draws=draws)
            )  # fmt: skip
            self.gain = lambda candidate: CAME

    monkeypatch.setattr(module, "Race", Race)
    return seen


def test_an_operation_is_judged_on_the_last_windows_of_one_draw_of_the_series(sources, raced):
    cell = helps(STUDY, ARM, 1, sources)
    (race,) = raced
    assert race.candidates == [Candidate.of("mixing", 0.5)]
    assert race.operations == {"mixing": Transform("mixing")}
    assert (race.seeds, race.draws, race.seed) == (2, 3, 1)
    ids = race.validation.usable.item_ids
    assert len(ids) == 5
    assert not {"s9", "short"} & set(ids)  # constant, and too short
    assert race.validation.usable.lengths.tolist() == [STEPS] * 5
    assert race.validation.num_windows == 3
    assert cell["measures"] == {"change": {"value": -4.0, "low": -7.0, "high": -1.0}}
    helps(STUDY, ARM, 2, sources)
    assert raced[1].validation.usable.item_ids != ids
    helps(STUDY, ARM | {"way": "jitter", "share": 0.25}, 1, sources)
    assert raced[2].validation.usable.item_ids == ids  # the same for every way
    assert raced[2].candidates == [Candidate.of("jitter", 0.25)]


def test_the_validation_part_ends_before_the_windows_of_the_test_part(sources, raced):
    helps(STUDY | {"part": "validation"}, ARM | {"test_windows": 1}, 1, sources)
    assert raced[0].validation.usable.lengths.tolist() == [STEPS - 3 * LENGTH] * 5
    assert raced[0].validation.num_windows == 1


def test_a_choice_knows_nothing_of_the_tested_windows_and_its_best_is_judged(
    sources, raced, monkeypatch
):
    asked = {}
    said = Gain(-0.05, -0.08, -0.02, 0.02, 4)
    best = Candidate.of("jitter", 0.75)

    def choose(known, length, **options):
        asked.update(options, lengths=known.lengths.tolist(), length=length)
        table = pd.DataFrame([{"candidate": best.name, "change": -5.0, "sureness": 2.0, "runs": 4}])
        return SimpleNamespace(best=best, operations={"jitter": Transform("jitter")}, gain=said,
                               table=table, facts={"narrowing": {}})  # fmt: skip

    monkeypatch.setattr(module, "choose_augmentation", choose)
    arm = ARM | {"way": "auto"}
    cell = helps(STUDY | {"candidates": ["mixing", "psa-gan"]}, arm, 1, sources)
    assert asked["lengths"] == [STEPS - 3 * LENGTH] * 5
    assert asked["rule"].takes(Gain(0.5, 0.4, 0.6, 0.01, 4))  # whatever the rule would say
    assert asked["candidates"]["mixing"] == Transform("mixing")
    assert raced[0].candidates == [best]
    assert cell["measures"]["estimate"]["value"] == -5.0
    assert cell["measures"]["sureness"]["value"] == round(said.sureness, 3)
    assert cell["measures"]["expected"]["value"] == round(100 * said.expected, 3)


def test_generators_are_given_processor_seconds(sources, raced, monkeypatch):
    trained = []

    class Maker:
        def train(self, dataset, *, options):
            trained.append((dataset.lengths.tolist(), options.budget, options.budget_clock))
            return SimpleNamespace(sample_after=None)

    made = SynthesizerTraining(Maker(), "gan")
    monkeypatch.setattr(module, "operation", lambda name: made)
    helps(STUDY, ARM | {"way": "gan"}, 1, sources)
    assert trained == [([STEPS - 3 * LENGTH] * 5, 7.0, "cpu")]
    inside = module._on_cpu("gan", STUDY)
    inside.train(sources.series("load"), module.TrainingOptions(seed=1, budget="99s"))
    assert trained[1][1:] == (7.0, "cpu")
    inside = module._on_cpu("gan", STUDY | {"choice_budget": "3s"})
    inside.train(sources.series("load"), module.TrainingOptions(seed=1, budget="99s"))
    assert trained[2][1:] == (3.0, "cpu")


@pytest.mark.parametrize("way", ["policy", "uniform"])
def test_policies_are_learnt_of_what_is_known(way, sources, raced, monkeypatch):
    learnt = []

    class Search(module.PolicySearch):
        def fit(self, real):
            learnt.append(real.lengths.tolist())
            return super().fit(real, ["mixing", "jitter"])

    monkeypatch.setattr(module, "PolicySearch", Search)
    helps(STUDY, ARM | {"way": way}, 1, sources)
    assert learnt == [[STEPS - 3 * LENGTH] * 5]
    assert raced[0].candidates == [Candidate.of(way, 0.5)]
    rows = raced[0].operations[way].table()
    even = rows.groupby("layer")["probability"].nunique().tolist() == [1, 1]
    assert even == (way == "uniform")


def test_a_mixture_is_of_the_weights_at_a_share(sources, raced, monkeypatch):
    study = STUDY | {"candidates": ["mixing", "jitter", "psa-gan"]}
    way = Way("weighted mixture", (("mixing", 0.25), ("jitter", 0.75)))

    def narrowed(validation, operations, seed):
        assert list(operations) == ["mixing", "jitter"]  # what needs no training
        assert validation.usable.lengths.tolist() == [STEPS - 3 * LENGTH] * 5
        return SimpleNamespace(ways=ways, facts={"weights_together": {"real": 1.0}})

    monkeypatch.setattr(module, "narrowed", narrowed)
    ways = [way]
    helps(study, ARM | {"way": "mixture"}, 1, sources)
    assert raced[0].candidates == [way.at(0.5)]
    ways = []
    with pytest.raises(SettingsError, match="No mixture: the weights are"):
        helps(study, ARM | {"way": "mixture"}, 1, sources)


def test_one_small_cell_end_to_end(sources):
    study = STUDY | {"reference_seeds": 1, "draws": 1, "candidates": ["mixing", "jitter"]}
    cell = helps(study, ARM | {"way": "auto"}, 1, sources)
    assert cell["measures"].keys() == {"change", "estimate", "sureness", "expected"}
    assert cell["series"] == 5
    assert cell["candidate"].rsplit(" ", 2)[0] in {
        "mixing", "jitter", "policy", "weighted mixture"}  # fmt: skip
