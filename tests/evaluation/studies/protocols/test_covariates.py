"""The protocol of covariates: which windows are drawn, with what, and how they are scored."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, SettingsError
from tsgen.evaluation.studies.protocols import covariates as module
from tsgen.evaluation.studies.protocols.covariates import covariates

LENGTH, STEPS = 4, 250
STUDY = {"data": "load", "targets": ["demand"], "features": {"warm": "temperature"},
         "target_length": LENGTH, "part": "test", "budget": "1s"}  # fmt: skip
HOURS = pd.date_range("2024-01-01", periods=STEPS, freq="h")


def table(gap=()):
    random = np.random.default_rng(1)
    temperature = random.normal(size=STEPS)
    demand = 10 + temperature + random.normal(size=STEPS)
    demand[list(gap)] = np.nan
    columns = {"demand": demand, "temperature": temperature, "wind": temperature * 0}
    return pd.concat(
        pd.DataFrame({"item_id": name, "timestamp": HOURS, "target": values})
        for name, values in columns.items()
    )


class Model:
    """Draws the truth plus the number of the draw."""

    plan = {"schedule": [5]}  # noqa: RUF012
    settings = SimpleNamespace(target_length=LENGTH)
    conditions = SimpleNamespace(calendar=SimpleNamespace(stride=1))
    spread = 0.0

    def __init__(self, train):
        self.train = train

    def sample_after(self, whole, rows, starts, lengths, *, seed):
        assert set(lengths) == {LENGTH}
        self.whole, self.seed = whole, seed
        self.places = starts - whole.starts[rows]
        values = whole.values[self.places[:, None] + np.arange(LENGTH)]
        draw = np.arange(len(rows)) % 20
        return SimpleNamespace(values=(values + self.spread * draw[:, None]).ravel())


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run an arm; return its cell and its model."""

    def go(features=True, data=None, spread=0.0, **study):
        models = []
        (table() if data is None else data).to_parquet(tmp_path / "load.parquet")
        sources = SimpleNamespace(series_file=lambda name: tmp_path / f"{name}.parquet")

        def trained(name, dataset, settings, *, budget, seed):
            wanted = {"target_length": LENGTH}
            assert (name, settings, budget) == ("psa-gan", wanted, STUDY["budget"])
            models.append(Model(dataset))
            models[-1].spread = spread
            return models[-1]

        monkeypatch.setattr(module, "train_synthesizer", trained)
        cell = covariates(STUDY | study, {"features": features}, 3, sources)
        return cell, models[0]

    return go


def test_training_ends_where_the_windows_begin(run):
    cell, model = run()
    assert model.train.lengths.tolist() == [200]
    assert model.train.item_ids == ("demand",)
    assert model.places[::20].tolist() == list(range(200, 247, LENGTH))
    assert (cell["windows"], cell["schedule"], model.seed) == (12, [5], 3)


def test_a_validation_part_is_cut_off_the_training_part(run):
    _, model = run(part="validation")
    assert model.train.lengths.tolist() == [160]
    assert model.places[::20].tolist() == list(range(160, 200, LENGTH))


def test_only_one_arm_has_the_features_and_both_score_the_same_windows(run):
    _, seeing = run(features=True)
    _, blind = run(features=False)
    assert seeing.train.dynamic.names == seeing.whole.dynamic.names == ("warm",)
    np.testing.assert_allclose(
        seeing.train.dynamic.real[0],
        table().query("item_id == 'temperature'")["target"][:200],
    )
    assert blind.train.dynamic is None
    assert seeing.places.tolist() == blind.places.tolist()


def test_windows_with_a_gap_are_left_out(run):
    cell, model = run(data=table(gap=[205]))
    assert cell["windows"] == 11
    assert 204 not in model.places
    with pytest.raises(DataError, match="no window of 4 steps without missing values"):
        run(data=table(gap=range(200, 250, 2)))


def test_the_truth_has_no_error_and_a_shifted_draw_has_its_own(run):
    cell, _ = run()
    assert cell["measures"]["crps_steps"]["value"] == 0
    assert cell["measures"]["correlation_within_blocks"]["value"] == 1
    cell, _ = run(spread=1.0)
    scale = table().query("item_id == 'demand'")["target"].std(ddof=0)
    gaps = np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    expected = (np.arange(20).mean() - gaps.mean() / 2) / scale
    for name in ("crps_steps", "crps_means"):
        assert cell["measures"][name]["value"] == pytest.approx(expected, abs=1e-5)


def test_the_score_is_that_of_a_slow_loop():
    random = np.random.default_rng(2)
    drawn, real = random.normal(size=(3, 5, 4)), random.normal(size=(3, 4))
    slow = [
        np.mean([abs(x - real[r, t]) for x in drawn[r, :, t]])
        - np.mean([abs(x - y) for x in drawn[r, :, t] for y in drawn[r, :, t]]) / 2
        for r in range(3)
        for t in range(4)
    ]
    assert module._crps(drawn, real) == pytest.approx(np.mean(slow))
    assert module._crps(drawn[..., 0], real[:, 0]) == pytest.approx(np.mean(slow[::4]))


def test_what_a_block_shares_does_not_correlate():
    rows, blocks = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1, 1])
    values = np.array([1.0, 3, 10, 14, 100, 100])
    assert module._less_block_means(values, rows, blocks).tolist() == [-1, 1, -2, 2, 0, 0]


def test_finer_tables_become_means_of_the_frequency(run):
    _, model = run(freq="2h")
    assert model.whole.freq == "2h"
    demand = table().query("item_id == 'demand'")["target"].to_numpy()
    np.testing.assert_allclose(model.whole.values, demand.reshape(-1, 2).mean(axis=1))


def test_what_is_not_there_is_refused(run):
    with pytest.raises(DataError, match="'load' has no series 'rain'"):
        run(targets=["rain"])
    with pytest.raises(SettingsError, match="An arm has features = 'all'; expected true or false"):
        run(features="all")
