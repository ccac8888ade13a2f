"""What a forecaster sees with parts absent, and the random series."""

import numpy as np
import pytest

from coupled_series import panel_of
from tsgen.responsible.interaction.windows import PLAYERS, PanelWindows, with_control

VALUES = np.arange(60.0).reshape(2, 30) + np.array([[0.0], [1000.0]])


@pytest.fixture
def windows():
    entries = list(panel_of(np.vstack([VALUES, VALUES[:1] - 500])))
    return PanelWindows.spread(entries, past=4, horizon=2, test_share=0.3, num=5)


def test_windows_lie_in_the_test_part(windows):
    assert windows.train.tolist() == [21]
    assert windows.begins[0] == 21
    assert windows.begins[-1] == 28
    assert windows.futures(1)[0].tolist() == [1051.0, 1052.0]
    assert windows.pasts(0)[0].tolist() == [17.0, 18.0, 19.0, 20.0]


def test_nothing_absent_is_the_entry_as_it_is(windows):
    seen = windows.entry(0, 1, {})
    assert seen["target"].tolist() == windows.entries[0]["target"][:, 17:21].tolist()
    assert seen["start"] == windows.entries[0]["start"] + 17


def test_each_absent_part_comes_from_another_time_and_nothing_else_does(windows):
    here = windows.entry(0, 1, {})
    there = np.array([0, 10])
    own, others, control, calendar = (
        windows.entry(0, 1, {player: there}) for player in PLAYERS[:4]
    )
    full = windows.entries[0]["target"]
    assert own["target"][1].tolist() == full[1, 6:10].tolist()
    assert others["target"][0].tolist() == full[0, 6:10].tolist()
    assert control["target"][2].tolist() == full[2, 6:10].tolist()
    for changed, row in ((own, 1), (others, 0), (control, 2)):
        rest = [k for k in range(3) if k != row]
        assert changed["target"][rest].tolist() == here["target"][rest].tolist()
        assert changed["start"] == here["start"]
    assert calendar["target"].tolist() == here["target"].tolist()
    assert calendar["start"] == windows.entries[0]["start"] + 6


def test_strangers_are_of_the_training_part(windows):
    strangers = windows.strangers(PLAYERS[:3], draws=50, seed=1)
    for places in strangers.values():
        assert places.shape == (5, 50, 2)
        assert places[..., 1].min() >= 4
        assert places[..., 1].max() <= 21 - 2
    assert (strangers["own past"] != strangers["other series"]).any()


def test_the_random_series_has_mean_spread_and_memory_and_no_more():
    random = np.random.default_rng(0)
    smooth = np.cumsum(random.normal(size=4000)) * 0.1
    smooth = 50 + smooth - np.linspace(smooth[0], smooth[-1], 4000)
    entry = {"target": np.stack([smooth, np.ones(4000)])}
    (made,) = with_control([entry], 0, seed=3)
    noise = made["target"][2]
    assert made["target"][:2].tolist() == entry["target"].tolist()
    assert abs(noise.mean() - 50) < 3 * smooth.std()
    white = with_control([{"target": random.normal(size=(1, 4000))}], 0, seed=3)[0]["target"]
    assert abs(np.corrcoef(white[1, 1:], white[1, :-1])[0, 1]) < 0.1
    assert abs(np.corrcoef(white)[0, 1]) < 0.1
    assert white[1].std() == pytest.approx(1, abs=0.1)
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] > 0.9


def test_the_type_of_the_numbers_stays():
    entry = {"target": VALUES.astype(np.float32)}
    assert with_control([entry], 0, seed=1)[0]["target"].dtype == np.float32


def test_constant_and_missing_values_make_a_finite_series():
    values = np.array([[5.0, np.nan, 5.0, 5.0]])
    assert np.isfinite(with_control([{"target": values}], 0, seed=1)[0]["target"][1]).all()
