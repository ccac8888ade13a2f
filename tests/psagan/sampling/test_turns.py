"""What holds longer than in training is drawn in turns: known shares in each, every step once."""

import numpy as np
import pytest
import torch

from tsgen.data.series import DynamicFeatures
from tsgen.psagan.memory import DynamicFacts
from tsgen.psagan.sampling import Turns
from tsgen.psagan.sampling.turns import in_turns

LENGTH = 16
RHYTHM = np.tile([0.0, 0, 0, 1, 1, 0, 0, 0], 10)  # two days of eight, together


def features(promo, kind=None, price=None):
    steps = len(promo)
    kind = np.zeros(steps, np.int64) if kind is None else kind
    price = np.linspace(1, 2, steps) if price is None else price
    return DynamicFeatures(
        np.array([0, steps]), real=np.stack([promo, price]), cat=kind[None],
        real_names=("promo", "price"), cat_names=("kind",), cat_categories=(("usual", "sale"),),
    )  # fmt: skip


KINDS = (np.arange(80) % 8 == 2).astype(np.int64)
TRAINED = features(RHYTHM, KINDS)
FACTS = DynamicFacts.of(TRAINED)
TURNS = Turns.of(TRAINED, FACTS, LENGTH)


def seen(*promos, kinds=None):
    """What the networks see of windows of these promotions, (B, K, L)."""
    kinds = [np.arange(LENGTH) % 8 == 2] * len(promos) if kinds is None else kinds
    rows = [
        FACTS.channels(features(np.asarray(p, float), np.asarray(k, np.int64)))
        for p, k in zip(promos, kinds, strict=True)
    ]
    return torch.tensor(np.stack(rows))


def promo_of(shown):
    return (shown[:, 0] * FACTS.scale[0] + FACTS.location[0]).round().numpy()


def test_switches_are_features_of_two_values_and_single_categories():
    assert TURNS.names == {"promo", "kind"}
    promo, sale = TURNS.switches
    assert (promo.first, sale.first) == (0, 4)
    assert (promo.least, promo.most, promo.run) == (0.25, 0.25, 2)
    assert (sale.on, sale.off) == ((0.0, 1.0), (1.0, 0.0))
    assert Turns.of(features(np.zeros(80)), FACTS, LENGTH).names == set()
    assert Turns.of(features(np.full(80, np.nan)), FACTS, LENGTH).names == set()
    unknown = np.where(np.arange(80) == 30, np.nan, RHYTHM)
    assert Turns.of(features(unknown), FACTS, LENGTH).names == {"promo"}
    assert Turns.of(features(RHYTHM + RHYTHM * (np.arange(80) > 40)), FACTS, LENGTH).names == set()


def test_a_window_like_those_of_training_is_drawn_once_and_as_it_is():
    usual = seen(RHYTHM[:LENGTH], RHYTHM[3 : 3 + LENGTH])
    ((shown, own),) = TURNS.shown(usual)
    assert shown is usual
    assert own.all()


@pytest.mark.parametrize("promo", [np.ones(LENGTH), np.arange(LENGTH) % 2, np.zeros(LENGTH)])
def test_each_turn_is_as_training_was_and_each_step_has_its_own_value(promo):
    given = seen(promo, RHYTHM[:LENGTH])
    turns = TURNS.shown(given)
    assert len(turns) > 1
    assert (sum(own.int() for _, own in turns) == 1).all()
    for shown, own in turns:
        shares = promo_of(shown).mean(axis=1)
        assert (shares[own.any(dim=1).numpy()] == 0.25).all()
        np.testing.assert_array_equal(promo_of(shown)[own], promo_of(given)[own])
        assert torch.equal(shown[1], given[1])  # the usual window
        assert torch.equal(shown[:, 1:], given[:, 1:])
    assert turns[0][1][1].all()


def test_what_is_on_goes_on_as_long_as_in_training():
    turns = TURNS.shown(seen(np.ones(LENGTH)))
    first = promo_of(turns[0][0])[0]
    assert first.tolist() == [1, 1, 0, 0, 0, 0, 0, 0] * 2
    assert len(turns) == 4


def test_the_turns_of_a_window_are_its_own_whatever_is_drawn_beside_it():
    half = (np.arange(LENGTH) < 8) * 1.0
    alone = [own[0] for _, own in TURNS.shown(seen(half))]
    beside = [own[0] for _, own in TURNS.shown(seen(half, np.ones(LENGTH)))]
    assert len(alone) == 2 < len(beside)
    assert all(torch.equal(one, other) for one, other in zip(alone, beside, strict=False))


def test_a_category_takes_turns_with_the_usual_one():
    turns = TURNS.shown(seen(RHYTHM[:LENGTH], kinds=[np.ones(LENGTH)]))
    assert len(turns) == 8
    for shown, own in turns:
        assert shown[0, 5].sum() == 2
        assert torch.equal(shown[0, 4] + shown[0, 5], torch.ones(LENGTH))
        assert (shown[0, 5][own[0]] == 1).all()


def test_several_at_once_take_turns_of_turns():
    turns = TURNS.shown(seen(np.ones(LENGTH), kinds=[np.ones(LENGTH)]))
    assert (sum(own.int() for _, own in turns) == 1).all()
    for shown, own in turns:
        if own.any():
            assert promo_of(shown)[0].mean() <= 0.25
            assert (promo_of(shown)[0][own[0]] == 1).all()
            assert (shown[0, 5][own[0]] == 1).all()


@pytest.mark.parametrize("shape", [(1, LENGTH), (1, 3, LENGTH)])
def test_an_effect_that_fades_with_the_mean_comes_back_whole(shape):
    def generator(shown):
        """Doubles where a promotion is on, unless there are more than training had."""
        promo = torch.tensor(promo_of(shown))
        fading = 1 + promo * (0.25 / promo.mean(dim=1, keepdim=True).clamp(min=0.25))
        return fading[:, None].expand(shape) if len(shape) == 3 else fading

    given = seen(np.ones(LENGTH))
    assert generator(given).max() == 1.25
    turns = TURNS.shown(given)
    drawn = in_turns([generator(shown) for shown, _ in turns], [own for _, own in turns])
    assert torch.equal(drawn, torch.full(shape, 2.0, dtype=drawn.dtype))
