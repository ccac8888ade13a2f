"""The protocol of channels: which windows each way draws, and what they are held against."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series
from tsgen.errors import SettingsError
from tsgen.evaluation.studies.protocols import channels as module
from tsgen.evaluation.studies.protocols.channels import channels

COUNT, LENGTH, STEPS = 6, 4, 50
STUDY = {"data": "load", "num_channels": 3, "target_length": LENGTH, "part": "test",
         "budget": "1s"}  # fmt: skip


class Model:
    """Says which model drew: one of all channels (1), or of each series alone (2)."""

    plan = {"schedule": [5, 7]}  # noqa: RUF012

    def __init__(self, dataset):
        self.dataset = dataset

    def sample(self, count, *, seed):
        values = np.arange(3 * count * LENGTH, dtype=float).reshape(3, -1)
        return SimpleNamespace(values=values, starts=np.arange(count) + 100)

    def sample_after(self, series, rows, starts, lengths, *, seed):
        self.asked = rows.tolist(), starts.tolist(), lengths.tolist(), seed
        return SimpleNamespace(values=np.repeat(rows * 1000.0 + starts, LENGTH))


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run an arm; return what was compared, the models that were trained, and the cell."""
    state = SimpleNamespace(compared=[], models=[])
    table = simulate_series(4, STEPS).to_frame()
    table.to_parquet(tmp_path / "load.parquet")
    sources = SimpleNamespace(series_file=lambda name: tmp_path / "load.parquet")

    def trained(name, dataset, settings, *, budget, seed):
        assert (name, settings, budget) == ("psa-gan", {"target_length": LENGTH}, STUDY["budget"])
        state.models.append(Model(dataset))
        return state.models[-1]

    def distance(first, second):
        state.compared.append((first, second))
        return float(len(state.compared))

    monkeypatch.setattr(module, "_COUNT", COUNT)
    monkeypatch.setattr(module, "train_synthesizer", trained)
    monkeypatch.setattr(module, "cross_correlation_distance", distance)

    def go(windows, **study):
        state.cell = channels(STUDY | study, {"windows": windows}, 1, sources)
        return state

    return go


def test_real_windows_are_of_the_training_part_and_held_against_the_test_part(run):
    state = run("real")
    assert state.models == []
    assert len(state.compared) == 20
    check, trial = state.compared[0]
    assert check.shape == trial.shape == (COUNT, 3, LENGTH)
    values = simulate_series(4, STEPS).values.reshape(4, STEPS)[:3]
    before, after = values[:, :40], values[:, 40:]
    for windows, part, other in ((check, after, before), (trial, before, after)):
        assert np.isin(windows[:, 0], part[0]).all()
        assert not np.isin(windows[:, 0], other[0]).any()


def test_a_validation_part_is_cut_off_the_training_part(run):
    check, trial = run("real", part="validation").compared[0]
    values = simulate_series(4, STEPS).values.reshape(4, STEPS)[0]
    assert np.isin(check[:, 0], values[30:40]).all()
    assert np.isin(trial[:, 0], values[:30]).all()


def test_the_measure_is_mean_and_deviation_over_draws(run):
    measure = run("real").cell["measures"]["cross_correlation_distance"]
    numbers = np.arange(1.0, 21)
    assert measure["value"] == pytest.approx(numbers.mean())
    assert measure["spread"] == pytest.approx(numbers.std(ddof=1), abs=1e-5)


def test_channels_together_keep_their_windows(run):
    state = run("together")
    assert len(state.models) == 1
    assert state.models[0].dataset.channels == ("series-0", "series-1", "series-2")
    assert state.cell["schedule"] == [5, 7]
    drawn = np.arange(3 * COUNT * LENGTH, dtype=float).reshape(3, COUNT, LENGTH)
    rows = {tuple(drawn[:, k].ravel()) for k in range(COUNT)}
    _, trial = state.compared[0]
    assert {tuple(window.ravel()) for window in trial} == rows


def test_shuffled_channels_are_the_same_windows_in_orders_of_their_own(run):
    _, trial = run("shuffled").compared[0]
    drawn = np.arange(3 * COUNT * LENGTH, dtype=float).reshape(3, COUNT, LENGTH)
    for channel in range(3):
        found = {tuple(window) for window in trial[:, channel]}
        assert found == {tuple(window) for window in drawn[channel]}
    together = {tuple(drawn[:, k].ravel()) for k in range(COUNT)}
    assert {tuple(window.ravel()) for window in trial} != together


def test_channels_apart_are_drawn_after_their_own_series_at_the_same_times(run):
    state = run("apart")
    together, alone = state.models
    assert len(alone.dataset) == 3
    rows, starts, lengths, seed = alone.asked
    assert rows == [0] * COUNT + [1] * COUNT + [2] * COUNT
    assert starts == [*range(100, 100 + COUNT)] * 3
    assert (set(lengths), seed) == ({LENGTH}, 1)
    _, trial = state.compared[0]
    times = trial[:, :, 0] - [0, 1000, 2000]
    assert (times == times[:, :1]).all()  # one window, one time
    assert sorted(times[:, 0]) == list(range(100, 100 + COUNT))
    assert len(together.dataset.channels) == 3


def test_an_unknown_way_is_refused(run):
    with pytest.raises(SettingsError, match="An arm has windows = 'alone'; use one of"):
        run("alone")


def test_the_study_reads_the_first_channels_of_the_table(tmp_path):
    table = pd.DataFrame(simulate_series(3, 10).to_frame())
    table.to_parquet(tmp_path / "load.parquet")
    sources = SimpleNamespace(series_file=lambda name: tmp_path / f"{name}.parquet")
    panel = module._panel_of({"data": "load", "num_channels": 2}, sources)
    assert panel.channels == ("series-0", "series-1")
    assert panel.item_ids == ("load",)
