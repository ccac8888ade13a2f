"""Fidelity of channels observed together: one more measure, its floor, its picture."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import MultivariateDataset, simulate_series
from tsgen.errors import DataError
from tsgen.evaluation import CROSS_CORRELATION, WINDOW_MEASURES, evaluate_fidelity
from tsgen.evaluation.fidelity.channels import ChannelsModel, joint_windows
from tsgen.metrics import cross_correlation
from tsgen.report import write_page

ROLES = ("real", "synthetic")


def entries(num, length, seed, *, together=True, synthetic=False):
    """Two noisy channels that share a random walk, or have one each."""
    random = np.random.default_rng(seed)
    walks = np.cumsum(random.normal(size=(2, num * length)), axis=1)
    noise = random.normal(size=(2, num * length))
    head = simulate_series(num, length)
    info = ({"synthetic": True, "source_item_id": "series-0"},) * num if synthetic else None
    ids = tuple(f"made-{i}" for i in range(num)) if synthetic else head.item_ids
    parts = [
        replace(head, values=walks[0 if together else k] + noise[k], item_ids=ids, info=info)
        for k in range(2)
    ]
    return MultivariateDataset(tuple(parts), ("a", "b"))


REAL = entries(6, 120, 1)
TOGETHER = entries(30, 16, 2, synthetic=True)
APART = entries(30, 16, 3, together=False, synthetic=True)


@pytest.fixture(scope="module", autouse=True)
def _no_judges():
    """Judges take long and are tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "tsgen.evaluation.fidelity.draws.WINDOW_MEASURES",
            [m for m in WINDOW_MEASURES if "judge" not in m.needs],
        )
        yield


def judged(samples, real=REAL, **options):
    return evaluate_fidelity(
        real, samples, seed=1, num_windows=40, draws=3, encoder=None, **options
    )


@pytest.fixture(scope="module")
def good():
    return judged(TOGETHER, train_until="2024-01-04 00:00")


def test_channels_that_go_together_are_near_the_floor_and_others_are_not(good):
    apart = judged(APART, train_until="2024-01-04 00:00")
    rows = [r.table.set_index("metric").loc[CROSS_CORRELATION] for r in (good, apart)]
    assert rows[0]["floor"] == rows[1]["floor"]
    assert rows[0]["value"] < 3 * rows[0]["floor"]
    assert rows[1]["value"] > 3 * rows[0]["value"]
    assert rows[0]["n"] == 30  # there are so many samples


def test_the_floor_is_of_training_windows_against_the_test_windows_of_the_samples(monkeypatch):
    """In each draw, samples and training windows are set against the same test windows."""
    compared = []

    def note(check, trial):
        compared.append((check.copy(), trial.copy()))
        return float(len(compared))

    monkeypatch.setattr("tsgen.evaluation.fidelity.channels.cross_correlation_distance", note)
    found = judged(TOGETHER, train_until="2024-01-04 00:00")
    values, floors, controls = compared[::3], compared[1::3], compared[2::3]
    cut, real = 72, REAL.values.reshape(2, 6, 120)

    def places(windows, values):
        """Where windows (n, C, L) begin in series (C, s, T), by their first value."""
        at = {value: place for place, value in np.ndenumerate(values[0])}
        return [at[window[0, 0]] for window in windows]

    for (check, trial), (same, known), (again, control) in zip(
        values, floors, controls, strict=True
    ):
        np.testing.assert_array_equal(check, same)
        np.testing.assert_array_equal(check, again)
        np.testing.assert_array_equal(control, known)  # these values have no grid to be removed
        assert all(step >= cut for _, step in places(check, real))
        assert all(step < cut for _, step in places(known, real))
        assert len(places(trial, TOGETHER.values.reshape(2, 30, 16))) == len(known) == len(check)
        assert not any(np.array_equal(a, b) for a in check for b in known)
    row = found.table.set_index("metric").loc[CROSS_CORRELATION]
    # means of 1, 4, 7, of 2, 5, 8 and of 3, 6, 9
    assert (row["value"], row["floor"], row["unrounded"]) == (4.0, 5.0, 6.0)


def test_the_control_of_channels_on_a_grid_is_off_it(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "tsgen.evaluation.fidelity.channels.cross_correlation_distance",
        lambda check, trial: compared.append(trial) or 1.0,
    )
    whole = replace(REAL, parts=tuple(replace(p, values=np.round(p.values)) for p in REAL.parts))
    judged(TOGETHER, whole, train_until="2024-01-04 00:00")
    for known, control in zip(compared[1::3], compared[2::3], strict=True):
        assert 0.2 < np.abs(control - known).mean() < 0.3  # half a step at most, evenly
        assert np.abs(control - known).max() <= 0.5


def test_every_channel_is_measured_as_a_series_of_its_own(good):
    alone = evaluate_fidelity(
        REAL.series, TOGETHER.series, seed=1, num_windows=40, draws=3, encoder=None,
        train_until="2024-01-04 00:00",
    )  # fmt: skip
    ours = good.table.set_index("metric").drop(CROSS_CORRELATION)
    assert ours.equals(alone.table.set_index("metric"))


def test_without_a_test_part_real_windows_are_halved_and_the_answer_says_so():
    assert "No held-out test" in judged(TOGETHER).answer


def test_the_page_shows_pairs_and_the_measure(good, tmp_path):
    assert good.facts["channels"] == ["a", "b"]
    for role in ROLES:
        assert good.arrays[f"{role}_cross_correlation"].shape == (1, 17)
    good.save(tmp_path / "run")
    write_page(good, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "cross correlation distance" in page
    assert "Cross-correlation of pairs of channels over lags" in page


def test_joint_windows_are_windows_of_the_entries_with_enough_observed():
    values = REAL.parts[1].values.copy()
    values[:114] = np.nan
    gappy = replace(REAL, parts=(REAL.parts[0], replace(REAL.parts[1], values=values)))
    drawn = joint_windows(gappy, 12, 10_000, seed=1, name="x")
    targets = [e["target"] for e in gappy]
    expected = {
        target[:, t : t + 12].tobytes()
        for target in targets
        for t in range(120 - 12 + 1)
        if (~np.isnan(target[:, t : t + 12])).sum(axis=1).min() >= 6
    }
    assert {w.tobytes() for w in drawn.astype(np.float32)} == expected
    assert cross_correlation(drawn).shape == (1, 13)
    with pytest.raises(DataError, match="No window of 200 steps in x"):
        joint_windows(gappy, 200, 5, seed=1, name="x")


def test_a_model_of_channels_answers_for_each_channel_apart():
    class Echo:
        """Draws the first steps of the entries themselves."""

        age_deviation, features = 9.0, "a table"

        def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
            named = tuple(f"made-{i}" for i in range(len(rows)))
            cut = [
                part.series(r)[:n]
                for part in like.parts
                for r, n in zip(rows, lengths, strict=True)
            ]
            values = np.concatenate(cut).reshape(2, -1)
            offsets = np.concatenate([[0], np.cumsum(lengths)])
            head = simulate_series(len(rows), 1)
            parts = [replace(head, values=v, offsets=offsets, item_ids=named) for v in values]
            return MultivariateDataset(tuple(parts), like.channels)

    rows = np.array([7, 0, 5, 6])  # of 6 entries by 2 channels
    series = REAL.series
    model = ChannelsModel(Echo(), REAL)
    assert (model.age_deviation, model.features) == (9.0, "a table")
    drawn = model.sample_after(series, rows, series.starts[rows], np.full(4, 9))
    expected = np.concatenate([series.series(r)[:9] for r in rows])
    np.testing.assert_array_equal(drawn.values, expected)


def test_datasets_of_other_channels_are_refused():
    with pytest.raises(DataError, match="differ in their channels: a, b, and b, a"):
        judged(replace(TOGETHER, channels=("b", "a")))
    with pytest.raises(DataError, match="a, b, and univariate series"):
        judged(TOGETHER.series)
