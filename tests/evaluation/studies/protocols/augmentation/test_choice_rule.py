"""Choices of a linear forecaster, and what came of them."""

import importlib
from types import SimpleNamespace

from tsgen.data import simulate_series
from tsgen.evaluation.studies.protocols.augmentation.choice_rule import choice_rule

module = importlib.import_module("tsgen.evaluation.studies.protocols.augmentation.choice_rule")
REAL = simulate_series(num_series=8, length=80, seed=1)
STUDY = {"part": "validation", "num_series": 5, "draws": 2, "repeats": 2,
         "candidates": ["mixing", "jitter"]}  # fmt: skip
ARM = {"data": "load", "prediction_length": 4}


def test_the_best_of_the_known_part_is_judged_on_later_windows(monkeypatch):
    races = []

    class Remembering(module.Race):
        def run(self, candidates, seeds, draws):
            races.append((self.validation, self.seed, self.learner, list(candidates)))
            return super().run(candidates, seeds, draws)

    monkeypatch.setattr(module, "Race", Remembering)
    sources = SimpleNamespace(series=lambda name: REAL)
    cell = choice_rule(STUDY, ARM, 1, sources)
    assert len(cell["choices"]) == 2
    for k in (0, 1):
        (known, seed, learner, tried), (later, other, _, best) = races[2 * k : 2 * k + 2]
        assert known.usable.lengths.tolist() == [80 - 12 - 12] * 5  # test part and later windows
        assert later.usable.lengths.tolist() == [80 - 12] * 5
        assert known.usable.item_ids == later.usable.item_ids
        assert (len(tried), learner) == (6, "linear")
        assert [c.name for c in best] == [cell["choices"][k]["candidate"]]
        assert seed != other  # other draws of the series judge it
    assert races[0][0].usable.item_ids != races[2][0].usable.item_ids
    choice = cell["choices"][0]["measures"]
    assert choice.keys() == {"change", "estimate", "sureness", "expected"}
    assert cell["measures"]["change 0"] == choice["change"]
    assert choice["estimate"]["value"] <= 0 or choice["sureness"]["value"] < 0


def test_the_same_seed_gives_the_same_choices():
    sources = SimpleNamespace(series=lambda name: REAL)
    one, two = (choice_rule(STUDY, ARM, seed, sources)["choices"] for seed in (1, 1))
    assert one == two
    assert choice_rule(STUDY, ARM, 2, sources)["choices"] != one
