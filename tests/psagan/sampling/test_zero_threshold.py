"""The level below which samples of intermittent series are zero."""

from types import SimpleNamespace

import numpy as np
import pytest

from tsgen.data import to_dataset
from tsgen.psagan.memory import SeriesTable
from tsgen.psagan.sampling.zero_threshold import zero_threshold

RANDOM = np.random.default_rng(0)
TARGETS = {
    "often": np.where(RANDOM.random(200) < 0.4, 0.0, RANDOM.exponential(size=200)),
    "seldom": np.where(RANDOM.random(200) < 0.05, 0.0, RANDOM.exponential(size=200)),
    "negative": np.where(RANDOM.random(200) < 0.6, 0.0, RANDOM.normal(size=200)),
}


class Model:
    """Draws noise at the scale of each series asked for, from -1 to 3 scales."""

    seed = 7

    def __init__(self, *names, index=None, shift=0.0):
        data = to_dataset([{"item_id": n, "start": "2024-01-01", "target": TARGETS[n]}
                           for n in names], freq="h")  # fmt: skip
        index = np.arange(1, len(names) + 1) if index is None else np.array(index)
        self.table = SeriesTable.of(data, "standard", index)
        self.tables, self.shift, self.asked = (self.table,), shift, []

    def sample(self, *, items, constraints, missing, seed):
        self.asked.append((items, constraints, missing, seed))
        rows = self.table.find(items)
        scaled = np.random.default_rng(1).uniform(-1, 3, size=(len(rows), 8)) + self.shift
        values = scaled * self.table.scaler.scale[rows][:, None]
        return to_dataset([{"item_id": k, "start": "2024-01-01", "target": v}
                           for k, v in enumerate(values)], freq="h")  # fmt: skip


def test_as_many_samples_lie_below_it_as_real_values_are_zero():
    model = Model("often", "seldom", "negative")
    share = (TARGETS["often"] == 0).mean()
    assert zero_threshold(model) == pytest.approx(-1 + 4 * share, abs=0.05)
    ((items, constraints, missing, seed),) = model.asked
    assert set(items) == {"often"}
    assert len(items) == 1024
    assert (constraints, missing, seed) == (None, "none", 7)


def test_it_is_never_below_zero():
    assert zero_threshold(Model("often", shift=-5.0)) == 0.0


@pytest.mark.parametrize(
    "model", [Model("seldom", "negative"), Model("often", index=[0])], ids=["none", "not trained"]
)
def test_without_an_intermittent_series_nothing_is_drawn(model):
    assert zero_threshold(model) == 0.0
    assert not model.asked


def test_channels_have_their_own_series():
    one, two = Model("seldom", "often"), Model("often", "seldom")
    pair = SimpleNamespace(tables=(one.table, two.table), table=one.table, seed=7)

    def sample(*, items, **options):
        rows = one.table.find(items)
        parts = []
        for table, height in ((one.table, 1.0), (two.table, 5.0)):
            values = height * np.ones((len(rows), 8)) * table.scaler.scale[rows][:, None]
            parts.append(SimpleNamespace(values=values.ravel()))
        return parts

    pair.sample = sample
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tsgen.psagan.sampling.zero_threshold.parts_of", lambda drawn: drawn)
        found = zero_threshold(pair)
    assert 1.0 <= found <= 5.0  # "often" is item 1 in the first channel, item 0 in the second
