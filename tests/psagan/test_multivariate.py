"""Channels generated together: what goes together in the data does so in the samples."""

import os
import signal
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import tsgen
from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError, UnknownIdError
from tsgen.psagan import PSAGANEstimator
from tsgen.psagan.learning.losses import energy_score, fill_alike, moment_loss
from tsgen.psagan.networks.default_discriminator import views
from tsgen.psagan.sampling.joining import join_windows
from tsgen.training import TrainingOptions

LAG = 2
OPTIONS = TrainingOptions(seed=1, progress=False)


def followers(num=4, length=160, seed=0):
    """Entries 0, 1, ... whose channel "after" is "ahead" two steps later, in another unit."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(num, length + LAG))
    for t in range(1, length + LAG):
        noise[:, t] += 0.7 * noise[:, t - 1]
    ahead, after = noise[:, LAG:], 50.0 + 10.0 * noise[:, :length]
    after = after + random.normal(0.0, 0.1, after.shape)
    times = pd.date_range("2024-01-01", periods=length, freq="h")
    table = pd.DataFrame({
        "item_id": np.repeat(np.arange(num), length),
        "timestamp": np.tile(times, num),
        "ahead": ahead.ravel(),
        "after": after.ravel(),
    })  # fmt: skip
    return to_dataset(table, target=["ahead", "after"])


@pytest.fixture(scope="module")
def pair():
    return followers()


@pytest.fixture(scope="module")
def model(pair):
    """Trained long enough to learn which channel follows which."""
    small = {"channels": (16, 16), "latent_size": 8, "attention_max_length": 0}
    estimator = PSAGANEstimator(target_length=16, num_steps=200, batch_size=16, **small)
    return estimator.train(pair, options=OPTIONS)


def lagged_correlation(values, lag):
    """Mean over windows (2, n, L) of the correlation of channel 0 with channel 1 `lag` later."""
    x, y = values - values.mean(axis=-1, keepdims=True)
    length = x.shape[-1]
    products = x[:, max(-lag, 0) : length - max(lag, 0)] * y[:, max(lag, 0) : length + min(lag, 0)]
    return (products.sum(-1) / np.sqrt((x**2).sum(-1) * (y**2).sum(-1))).mean()


def test_a_channel_that_follows_another_does_so_in_the_samples(model):
    windows = model.sample(300, seed=2).values.reshape(2, 300, 16)
    found = {lag: lagged_correlation(windows, lag) for lag in range(-5, 6)}
    assert max(found, key=found.get) == LAG
    assert found[LAG] > 0.4
    apart = windows.copy()
    apart[1] = apart[1, np.random.default_rng(1).permutation(300)]
    # What is left without the pairing is the calendar, which all windows share.
    assert abs(lagged_correlation(apart, LAG)) < found[LAG] / 3


def test_long_series_keep_their_channels_together_over_the_joins(model):
    drawn = model.sample(100, length=80, seed=3).values.reshape(2, 100, 80)
    found = {lag: lagged_correlation(drawn, lag) for lag in range(-5, 6)}
    assert max(found, key=found.get) == LAG
    assert found[LAG] > 0.4


def test_each_channel_comes_back_in_its_own_unit(model, pair):
    drawn = model.sample(200, seed=4)
    for name in pair.channels:
        real, made = pair.channel(name).values, drawn.channel(name).values
        assert abs(made.mean() - real.mean()) < real.std()
        assert 0.4 < made.std() / real.std() < 2.0


def test_samples_are_entries_with_provenance(model, pair):
    drawn = model.sample(2, items=[3, 0], start="2024-05-01", length=40, seed=5)
    assert isinstance(drawn, MultivariateDataset)
    assert drawn.channels == pair.channels
    assert drawn.item_ids == ("synthetic/3/0", "synthetic/3/1", "synthetic/0/0", "synthetic/0/1")
    assert drawn.lengths.tolist() == [40] * 4
    assert drawn.synthetic.all()
    assert [e["info"]["source_item_id"] for e in drawn] == [3, 3, 0, 0]
    assert drawn.to_frame(provenance=True).columns.tolist() == [
        "item_id", "timestamp", "ahead", "after", "source_item_id",
    ]  # fmt: skip
    assert drawn.to_frame()["timestamp"][0] == pd.Timestamp("2024-05-01")
    with pytest.raises(UnknownIdError, match="series 9"):
        model.sample(items=[9])


def test_the_same_seed_draws_the_same_and_another_does_not(model, pair):
    first, again, other = (model.sample(3, length=50, seed=s).values for s in (6, 6, 7))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    whole = model.sample(like=pair, length="like", seed=6)
    np.testing.assert_array_equal(whole.starts, pair.starts)
    np.testing.assert_array_equal(whole.lengths, pair.lengths)


def test_a_saved_model_draws_the_same(model, pair, tmp_path):
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    assert again.data == model.data
    assert repr(again) == repr(model)
    for request in ({"num_samples": 3, "length": 50}, {"like": pair, "constraints": "infer"}):
        ours, theirs = (m.sample(**request, seed=8) for m in (model, again))
        assert ours.fingerprint() == theirs.fingerprint()
    (tmp_path / "model" / "series_1.parquet").unlink()
    with pytest.raises(tsgen.ModelFormatError):
        tsgen.load(tmp_path / "model")


def test_augment_adds_entries_of_all_channels(model, pair):
    both = tsgen.augment(pair, model, ratio=0.5, seed=9)
    assert isinstance(both, MultivariateDataset)
    assert both.synthetic.tolist() == [False] * 4 + [True] * 2
    np.testing.assert_array_equal(both.values[:, : pair.values.shape[1]], pair.values)
    assert {frozenset(entry) for entry in both} == {frozenset(next(iter(both)))}
    more = tsgen.augment(both, model, ratio=0.5, seed=9)
    assert len(set(more.item_ids)) == len(more) == 8
    table = pair.to_frame()  # the model knows which columns its channels are
    assert tsgen.augment(table, model, ratio=0.5, seed=9).fingerprint() == both.fingerprint()


def test_fine_tuning_goes_on_with_the_same_channels_and_new_entries(model):
    newer = followers(num=2, seed=4)
    named = tuple(replace(part, item_ids=(0, "new")) for part in newer.parts)
    newer = replace(newer, parts=named)
    tuned = model.fine_tune(newer, num_steps=3, options=OPTIONS)
    assert tuned.table.item_ids == (1, 2, 3, 0, "new")
    for table, old, part in zip(tuned.tables, model.tables, newer.parts, strict=True):
        assert table.item_ids == tuned.table.item_ids
        assert table.scaler.location[0] == old.scaler.location[1]
        assert table.scaler.location[3] == pytest.approx(part.series(0).mean())
    assert tuned.sample(items=["new"], seed=1).channels == ("ahead", "after")
    with pytest.raises(DataError, match=r"channels x, y, the model .* ahead, after"):
        model.fine_tune(replace(newer, channels=("x", "y")), num_steps=3, options=OPTIONS)


def test_a_training_that_is_resumed_ends_as_one_that_was_not(pair, tmp_path):
    estimator = PSAGANEstimator(target_length=16, num_steps=8, batch_size=8)
    whole = estimator.train(pair, options=OPTIONS)
    kept = {"seed": 1, "progress": False, "log_every": 1, "checkpoint": tmp_path / "kept"}

    def stop(row):
        if row["step"] == 4:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(TrainingInterruptedError):
        estimator.train(pair, options=TrainingOptions(**kept, on_row=stop))
    again = estimator.train(pair, options=TrainingOptions(**kept, resume=True))
    for name, tensor in whole.weights.items():
        assert torch.equal(tensor, again.weights[name]), name


def test_what_a_model_of_channels_cannot_use_is_refused(model, pair):
    with pytest.raises(DataError, match=r"are univariate series, the model .* channels ahead"):
        model.sample(like=pair.channel("ahead"))
    with pytest.raises(SettingsError, match=r"preset='paper' is univariate.*2 channels"):
        PSAGANEstimator(preset="paper", target_length=16).train(pair, options=OPTIONS)
    univariate = PSAGANEstimator(target_length=16, num_steps=2, batch_size=4).train(
        pair.series, options=OPTIONS
    )
    with pytest.raises(DataError, match=r"are the channels ahead, after, the model .* univariate"):
        tsgen.augment(pair, univariate)


def test_an_unobserved_channel_and_channels_never_seen_together_are_refused(pair):
    estimator = PSAGANEstimator(target_length=16, num_steps=2, batch_size=4)
    values = pair.parts[1].values.copy()
    values[:160] = np.nan
    empty = replace(pair, parts=(pair.parts[0], replace(pair.parts[1], values=values)))
    with pytest.raises(DataError, match="Channel 'after' of entry 0 has no observed value"):
        estimator.train(empty, options=OPTIONS)
    halves = [part.values.copy() for part in pair.parts]
    for i in range(4):
        halves[0][i * 160 : i * 160 + 80] = np.nan
        halves[1][i * 160 + 80 : (i + 1) * 160] = np.nan
    parts = tuple(replace(p, values=v) for p, v in zip(pair.parts, halves, strict=True))
    with pytest.raises(DataError, match="observed in every channel"):
        PSAGANEstimator(target_length=16, num_steps=2, min_observed=0.6).train(
            replace(pair, parts=parts), options=OPTIONS
        )


def test_gaps_constant_channels_and_constraints_are_each_channels_own():
    real = followers(num=3, length=60)
    random = np.random.default_rng(5)
    counts = random.poisson(0.6, 180).astype(float)
    counts[random.random(180) < 0.2] = np.nan
    constant = np.full(180, 7.25)
    parts = [replace(real.parts[0], values=v) for v in (real.parts[0].values, counts, constant)]
    data = MultivariateDataset(tuple(parts), ("real", "counts", "constant"))
    model = PSAGANEstimator(target_length=16, num_steps=12, batch_size=8).train(
        data, options=OPTIONS
    )
    drawn = model.sample(40, constraints="infer", seed=1)
    assert np.isfinite(drawn.values).all()
    assert (drawn.channel("real").values < 0).any()
    made = drawn.channel("counts").values
    assert (made >= 0).all()
    np.testing.assert_array_equal(made, np.round(made))
    assert abs((made == 0).mean() - np.nanmean(counts == 0)) < 0.25
    assert (drawn.channel("constant").values == 7.25).all()


def test_a_panel_is_one_entry_and_its_series_are_the_channels():
    panel = MultivariateDataset.of_panel(simulate_series(3, 100, seed=1))
    model = PSAGANEstimator(target_length=16, num_steps=4, batch_size=8).train(
        panel, options=OPTIONS
    )
    drawn = model.sample(2, length=60, constraints="non-negative", seed=1)
    assert drawn.item_ids == ("synthetic/panel/0", "synthetic/panel/1")
    assert drawn.values.shape == (3, 120)
    assert (drawn.values >= 0).all()


def test_the_order_of_entries_does_not_matter_for_what_is_drawn_after_them(model, pair):
    turned = pair.subset([2, 0, 3, 1])
    assert {f.fingerprint() for f in (pair.subset([1, 3, 0, 2]).subset([2, 0, 3, 1]),)} == {
        pair.fingerprint()
    }
    known = {model.table.item_ids[i]: i for i in range(4)}
    drawn = model.sample(200, items=list(turned.item_ids), seed=3)
    for k, item_id in enumerate(turned.item_ids):
        windows = drawn.values.reshape(2, 4, 200, 16)[:, k]
        for channel, table in zip(windows, model.tables, strict=True):
            scale = table.scaler.scale[known[item_id]]
            assert abs(channel.mean() - table.scaler.location[known[item_id]]) < scale


# ---- the parts, channel by channel against the univariate ones -----------------------------------


def windows_with_gaps(size=5, channels=3, length=13):
    random = torch.Generator().manual_seed(4)
    windows = torch.randn((size, channels, length), generator=random)
    return windows.masked_fill(torch.rand(windows.shape, generator=random) < 0.3, torch.nan)


def test_filling_works_channel_by_channel():
    windows, fake = windows_with_gaps(), torch.randn(5, 3, 13)
    filled = fill_alike(windows, fake)
    for k in range(3):
        row = windows[:, k]
        for ours, theirs in zip(filled, fill_alike(row, fake[:, k]), strict=True):
            assert torch.equal(ours[:, k], theirs)


def test_the_discriminator_sees_the_views_of_every_channel():
    windows = torch.randn(5, 3, 16)
    for scaled, count in ((True, 4), (False, 1)):
        seen = views(windows, scaled).reshape(5, count, 3, 16)
        for k in range(3):
            assert torch.equal(seen[:, :, k], views(windows[:, k], scaled))


def test_the_energy_score_sees_whether_channels_go_together():
    """Draws whose channels are right one by one, but not together, score worse."""
    random = torch.Generator().manual_seed(2)
    level = torch.randn((3, 4_000, 1, 1), generator=random)
    real, first, second = (level + 0.1 * torch.randn((3, 4_000, 2, 16), generator=random)).unbind(0)
    apart = [
        torch.stack([x[:, 0], x[torch.randperm(4_000, generator=random), 1]], dim=1)
        for x in (first, second)
    ]
    assert energy_score(real, first, second) < energy_score(real, *apart) - 0.01
    assert moment_loss(real, first) == pytest.approx(
        float(np.mean([moment_loss(real[:, k], first[:, k]) for k in range(2)])), rel=1e-4
    )


def test_joining_equal_channels_is_joining_one():
    def draw(offset, candidates):
        return np.random.default_rng(offset).normal(size=(6, candidates, 24)).astype(np.float32)

    def draw_twice(offset, candidates):
        return np.repeat(draw(offset, candidates)[:, :, None], 3, axis=2)

    alone, cuts = join_windows(draw, 24, 100)
    together, same_cuts = join_windows(draw_twice, 24, 100)
    np.testing.assert_array_equal(cuts, same_cuts)
    for k in range(3):
        np.testing.assert_array_equal(together[:, k], alone)


def test_a_join_takes_the_candidate_that_fits_all_channels_together():
    """Each channel alone has a perfect candidate; the one that is good for both is taken."""
    random = np.random.default_rng(0)
    first = random.normal(size=(1, 1, 2, 16)).astype(np.float32)

    def draw(offset, candidates):
        if offset == 0:
            return first
        made = np.full((1, candidates, 2, 16), 50.0, np.float32)
        made[0, 1, 0, :4] = first[0, 0, 0, -4:]  # perfect in channel 0, far off in channel 1
        made[0, 2, 1, :4] = first[0, 0, 1, -4:]
        made[0, 5, :, :4] = first[0, 0, :, -4:] + 0.1
        made[0, 5, :, 4:] = 3.0
        return made

    joined, _ = join_windows(draw, 16, 20)
    assert (np.abs(joined[0, :, -1] - 3.0) < 0.2).all()
