"""The protocols of fidelity: what is known, what is held out, what is drawn and trained."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series
from tsgen.evaluation.studies.protocols import fidelity as module
from tsgen.evaluation.studies.protocols import training
from tsgen.evaluation.studies.protocols.fidelity import _cut_last, authors, held_out

LENGTH = 8
STUDY = {"data": "load", "target_length": LENGTH, "part": "test", "encoder": "enc", "budget": "1s"}
REAL = simulate_series(3, 100)
TABLE = pd.DataFrame({
    "metric": ["fid"], "value": [1.23456789], "spread": [0.1], "floor": [0.2],
    "floor_spread": [0.3], "further": [9.0],
})  # fmt: skip


class Model:
    """Remembers what it was asked for; its windows are numbered."""

    plan = {"schedule": [5, 7]}  # noqa: RUF012
    noise_scale, age_deviation = 1.25, 16.0

    def __init__(self, name="trained"):
        self.name, self.asked = name, []

    def sample(self, count, **options):
        self.asked.append((count, options))
        return SimpleNamespace(values=np.arange(float(count * LENGTH)))

    def sample_after(self, real, rows, starts, lengths, *, seed):
        self.asked.append((rows.tolist(), starts.tolist(), lengths.tolist(), seed))
        return SimpleNamespace(values=np.arange(float(len(rows) * LENGTH)))

    def with_noise_scale(self, scale):
        return Model(f"{self.name} at {scale}")

    def save(self, place, *, overwrite):
        place.mkdir(parents=True)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a protocol with doubles; return what was judged and trained."""
    state = SimpleNamespace(judged=[], trained=[], loaded=[], model=Model(), spreads=[])
    sources = SimpleNamespace(
        series=lambda name: REAL, encoder=lambda name: f"encoder {name}", models=tmp_path
    )

    def factory(name):
        def make(**settings):
            def train(dataset, *, options):
                state.trained.append((name, settings, dataset, options))
                return state.model

            return SimpleNamespace(train=train)

        return make

    def judge(known, unseen, made, **options):
        state.judged.append((known, unseen, made, options))
        return SimpleNamespace(table=TABLE, facts={"draws": 20})

    def spread(real, sampler, **options):
        state.spreads.append((real, sampler, options))
        return SimpleNamespace(table=TABLE.assign(metric="noise_spread"))

    monkeypatch.setattr(training, "synthesizer_factory", factory)
    monkeypatch.setattr(module, "window_fidelity", judge)
    monkeypatch.setattr(module, "sampler_noise_spread", spread)
    monkeypatch.setattr(module, "load", lambda place: state.loaded.append(place) or Model("loaded"))
    monkeypatch.setattr(module, "_NUM_TEST", 40)
    monkeypatch.setattr(module.torch, "set_num_threads", lambda number: None)

    def go(protocol, arm, **study):
        state.cell = protocol(STUDY | study, arm, 7, sources)
        return state

    state.sources = sources
    return go


def rows():
    return REAL.values.reshape(3, 100)


@pytest.mark.parametrize(("part", "cut", "end"), [("test", 80, 100), ("validation", 64, 80)])
def test_windows_to_compare_with_are_held_out_and_nothing_of_them_is_known(run, part, cut, end):
    state = run(held_out, {"settings": {"channels": [4]}}, part=part)
    known, unseen, made, options = state.judged[0]
    before, after = rows()[:, :cut], rows()[:, cut:end]
    assert np.isin(known, before).all()
    assert not np.isin(known, rows()[:, cut:]).any()
    assert np.isin(unseen, after).all()
    _, settings, dataset, training = state.trained[0]
    assert settings == {"target_length": LENGTH, "channels": [4]}
    assert dataset.lengths.tolist() == [cut] * 3
    assert (training.seed, training.budget, training.budget_clock) == (7, 1.0, "cpu")
    assert made.shape == (40, LENGTH)
    assert options == {"seed": 7, "num_windows": 1000, "encoder": "encoder enc", "draws": 20}


def test_a_cell_holds_the_measures_the_draws_and_the_training(run):
    cell = run(held_out, {"settings": {"channels": [4]}}).cell
    assert cell["measures"] == {
        "fid": {"value": 1.23457, "spread": 0.1, "floor": 0.2, "floor_spread": 0.3}
    }
    assert (cell["draws"], cell["schedule"], cell["budget"]) == (20, [5, 7], "1s")
    assert cell["settings"] == {"channels": [4]}


def test_constraints_are_inferred_unless_the_arm_says_none(run):
    state = run(held_out, {})
    run(held_out, {"constraints": "none"})
    asked = [(count, options["constraints"]) for count, options in state.model.asked[:1]]
    assert asked == [(40, "infer")]
    assert state.model.asked[0][1] == {"constraints": "infer", "missing": "none", "seed": 7}


def test_a_training_is_found_again_by_what_it_depends_on(run):
    state = run(held_out, {"settings": {"channels": [4]}})
    run(held_out, {"settings": {"channels": [4]}, "noise_scale": 0.5})
    assert len(state.trained) == 1
    assert len(state.loaded) == 1
    assert state.cell["noise_scale"] == 0.5
    for change in ({"settings": {"channels": [8]}}, {"budget": "2s"}):
        run(held_out, {"settings": {"channels": [4]}} | change)
    assert len(state.trained) == 3
    run(held_out, {"settings": {"channels": [4]}}, part="validation")  # other data
    assert len(state.trained) == 4
    facts = [json.loads(path.read_text()) for path in state.sources.models.glob("*/facts.json")]
    assert [sorted(fact)[0] for fact in facts] == ["budget"] * 4


def test_the_noise_may_be_that_of_training_instead_of_the_calibrated_one(run):
    state = run(held_out, {"noise_deviation": 1.0}, weeks=5)
    assert state.cell["calibrated_noise"] == 1.25
    asked = []
    state.model.with_noise_scale = lambda scale: asked.append(scale) or state.model
    module._train(REAL, {**STUDY, "budget": "3s"}, {"noise_deviation": 1.0}, 7,
                  state.sources.models)  # fmt: skip
    assert asked == [1 / 1.25]


def test_a_baseline_draws_from_scaled_windows_of_the_known_part(run, monkeypatch):
    given = []

    def baseline(windows, count, *, seed):
        given.append((windows, count, seed))
        return windows[:count]

    monkeypatch.setitem(module.BASELINES, "copy", baseline)
    state = run(held_out, {"baseline": "copy"})
    ((windows, count, seed),) = given
    assert (windows.min(), windows.max(), count, seed) == (0.0, 1.0, 40, 7)
    assert state.trained == []
    assert len(windows) == len(state.judged[0][0])


def test_the_spread_of_draws_is_measured_only_where_the_study_asks_for_it(run):
    state = run(held_out, {})
    assert state.spreads == []
    cell = run(held_out, {}, weeks=5).cell
    real, _, options = state.spreads[0]
    assert real.lengths.tolist() == [80] * 3
    assert options == {
        "target_length": LENGTH, "seed": 7, "period": 168, "draws": 5, "pairs": 256, "repeats": 3,
        "age_deviation": 16.0,
    }  # fmt: skip
    assert set(cell["measures"]) == {"fid", "noise_spread"}


def test_the_published_protocol_trains_on_whole_series_and_draws_after_them(run, monkeypatch):
    asked = {}

    def score(real, sampler, encoder, **options):
        asked.update(options, encoder=encoder, real=real)
        asked["windows"] = sampler(["series-2", "series-0"], np.array([5, 9]), 3)
        return SimpleNamespace(table=TABLE)

    monkeypatch.setattr(module, "authors_context_fid", score)
    state = run(authors, {}, weeks=4)
    assert state.trained[0][2] is REAL
    assert (asked["n"], asked["seed"], asked["target_length"]) == (512, 7, LENGTH)
    assert (asked["encoder"], asked["real"]) == ("encoder enc", REAL)
    assert state.model.asked == [([2, 0], [5, 9], [LENGTH, LENGTH], 3)]
    assert asked["windows"].shape == (2, LENGTH)


def test_the_last_fifth_is_cut_off_but_never_less_than_a_window():
    before, after = _cut_last(REAL, 8)
    assert (before.lengths.tolist(), after.lengths.tolist()) == ([80] * 3, [20] * 3)
    before, after = _cut_last(REAL, 30)
    assert (before.lengths.tolist(), after.lengths.tolist()) == ([70] * 3, [30] * 3)
    np.testing.assert_array_equal(before.series(1), rows()[1, :70])
    np.testing.assert_array_equal(after.series(1), rows()[1, 70:])
