"""Training an encoder: the published loss, repeatable, cached, and it orders known samples."""

import numpy as np
import pytest
import torch

from tsgen.errors import DataError
from tsgen.evaluation import (
    EncoderSettings,
    context_fid,
    load_encoder,
    train_encoder,
)
from tsgen.evaluation.fidelity import encoder_training as module
from tsgen.evaluation.fidelity.encoder_training import _draw_stretches, _triplet_loss


def test_the_loss_is_the_triplet_loss_with_both_repulsions():
    rng = np.random.default_rng(1)
    a, p, g = (torch.from_numpy(rng.normal(size=(n, 3))) for n in (2, 2, 4))

    def log_sigmoid(x):
        return -np.log1p(np.exp(-float(x)))

    slow = -np.mean([log_sigmoid(a[i] @ p[i]) for i in range(2)])
    slow -= np.mean([log_sigmoid(-a[i] @ g[j]) for i in range(2) for j in range(4)])
    slow -= np.mean([log_sigmoid(-p[i] @ g[j]) for i in range(2) for j in range(4)])
    assert float(_triplet_loss(a, p, g)) == pytest.approx(slow)


def test_a_briefly_trained_encoder_orders_samples_of_known_quality(real_windows, small_encoder):
    rng = np.random.default_rng(1)
    test, fresh = real_windows(400, 1), real_windows(400, 2)
    noise = rng.normal(size=fresh.shape)
    samples = {
        "real": fresh,
        "a little noise": fresh + 0.1 * noise,
        "more noise": fresh + 0.25 * noise,
        "shuffled": rng.permuted(fresh, axis=1),
        "noise alone": 0.5 + 0.25 * noise,
    }
    score = {name: context_fid(test, rows, small_encoder) for name, rows in samples.items()}
    assert score["real"] < score["a little noise"] < score["more noise"]
    assert 3 * score["real"] < min(score["shuffled"], score["noise alone"])


def test_training_is_repeatable_cached_and_leaves_the_global_generator_alone(
    tmp_path, real_windows
):
    windows, settings = real_windows(20, 0), EncoderSettings(channels=4, batch_size=4)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = train_encoder(windows, seed=1, num_steps=3, settings=settings, cache=tmp_path)
    assert torch.equal(before, torch.random.get_rng_state())
    (file,) = tmp_path.iterdir()
    again = train_encoder(windows, seed=1, num_steps=3, settings=settings)
    np.testing.assert_array_equal(first.embed(windows), again.embed(windows))
    load_encoder(file).save(file, overwrite=True)
    stamp = file.stat().st_mtime_ns
    cached = train_encoder(windows, seed=1, num_steps=3, settings=settings, cache=tmp_path)
    np.testing.assert_array_equal(first.embed(windows), cached.embed(windows))
    assert file.stat().st_mtime_ns == stamp
    train_encoder(windows, seed=2, num_steps=3, settings=settings, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_positives_lie_inside_their_anchors_and_negatives_come_from_other_windows():
    values = torch.arange(6.0)[:, None] * 100 + torch.arange(32.0)  # tells window and step
    settings = EncoderSettings(batch_size=4, num_negatives=5)
    for seed in range(20):
        anchors, positives, negatives = _draw_stretches(
            values, np.random.default_rng(seed), settings
        )
        assert (len(anchors), len(positives), len(negatives)) == (4, 4, 5)
        for anchor, positive in zip(anchors.tolist(), positives.tolist(), strict=True):
            assert set(positive) <= set(anchor)
            assert np.diff(positive).tolist() == [1.0] * (len(positive) - 1)
        own, others = (set((rows // 100).flatten().tolist()) for rows in (anchors, negatives))
        assert len(own) == 4
        assert not own & others
        assert min(anchors.shape[1], positives.shape[1], negatives.shape[1]) >= 32 // 8


def test_a_few_windows_leave_one_for_the_negatives():
    values = torch.arange(16.0).view(2, 8)
    anchors, _, negatives = _draw_stretches(values, np.random.default_rng(0), EncoderSettings())
    assert len(anchors) == 1
    assert len(negatives) == EncoderSettings().num_negatives


@pytest.mark.parametrize(("length", "blocks"), [(8, 2), (64, 5), (48, 4), (256, 7)])
def test_the_last_block_sees_the_whole_window(monkeypatch, length, blocks):
    built = []
    monkeypatch.setattr(module, "train_module", lambda encoder, *_, **__: built.append(encoder))
    train_encoder(np.zeros((2, length)), seed=1, settings=EncoderSettings(channels=2))
    found = {name.split(".")[0] for name, _ in built[0].named_parameters()} - {"linear"}
    assert len(found) == blocks
    assert 1 + 4 * (2**blocks - 1) >= length


@pytest.mark.parametrize("windows", [np.zeros((1, 20)), np.zeros((3, 7)), np.full((3, 9), np.nan)])
def test_too_few_too_short_or_incomplete_windows_are_refused(windows):
    with pytest.raises(DataError, match="windows has"):
        train_encoder(windows, seed=1)
