"""Towers learn the logarithms of what a teacher gives to pairs that users have not seen."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch

from tsgen.arrays import AnyArray, Integers, Mask, Singles
from tsgen.contracts import Lessons
from tsgen.rng import numpy_stream, torch_stream
from tsgen.scores import DenseScores, top_columns, top_rows
from tsgen.training import train_module

from ..items import item_embeddings, unit_rows
from .network import Towers
from .settings import TowerSettings

__all__ = ["learn_towers"]

_LEAST = -18.0
"""Logarithms of shares below it count as this."""

_SEEN = 0.02
"""Weight of a pair that was seen, which is drawn to its item's mean."""

_DECAY = 1e-4
_MAX_NORM = 1.0


def learn_towers(lessons: Lessons, settings: TowerSettings) -> dict[str, Singles]:
    """Return the arrays of towers, by least squares of logarithms; see `TowerLearner`.

    First on pairs of users and items drawn at random and on those that the teacher ranks highest;
    then, in each round, with the pairs added that the towers themselves rank highest: what they
    overrate is not seen anywhere else. Source: Liu et al., "Trans-Encoder: unsupervised
    sentence-pair modelling through self- and mutual-distillations", ICLR 2022.

    Args:
        lessons: Requests, and what the teacher gives them.
        settings: Width, rounds, steps.
    """
    return _Learner(lessons, settings).learn()


class _Learner:
    def __init__(self, lessons: Lessons, settings: TowerSettings) -> None:
        self.lessons, self.settings = lessons, settings
        self.items = np.flatnonzero(np.isfinite(lessons.shares.item_bias))
        self.target = _logarithms(lessons)
        self.open = _open(lessons, self.items)
        means = _means(self.target, self.open)
        self.target = np.where(self.open, self.target, means).astype(np.float32)
        self.towers = _beginning(lessons, settings.rank, means)

    def learn(self) -> dict[str, Singles]:
        """Return the arrays after all rounds."""
        hard = self._highest(self.target)
        self._train(hard, 0)
        for number in range(1, self.settings.rounds + 1):
            hard = hard + self._highest(self._now())
            self._train(hard, number)
        arrays = self.towers.arrays()
        arrays["item_bias"][~np.isfinite(self.lessons.shares.item_bias)] = -np.inf
        return arrays

    def _now(self) -> Singles:
        """Return what the towers give, (r, m)."""
        with torch.no_grad():
            logs = self.towers(self.lessons.inputs, torch.arange(self.target.shape[1]))
        return np.asarray(logs.numpy())

    def _highest(self, logs: AnyArray) -> sp.csr_array:
        """Return 1 at the pairs that are first for an item, or for a user, sparse (r, m)."""
        closed = sp.csr_array(~self.open)
        share, shape = self.settings.hard_share, logs.shape
        levels = logs + np.log(np.maximum(self.lessons.activity, 1e-12))[:, None]
        size = max(round(share * int(self.lessons.now.sum())), 1)
        now = np.flatnonzero(self.lessons.now)
        users = top_rows(DenseScores(levels[now]), size, exclude=closed[now])[0]
        width = max(round(share * len(self.items)), 1)
        items = top_columns(DenseScores(logs), width, exclude=closed)[0]
        best = np.zeros(shape, bool)
        item, place = np.nonzero(users >= 0)
        best[now[users[item, place]], item] = True
        row, place = np.nonzero(items >= 0)
        best[row, items[row, place]] = True
        return sp.csr_array(best, dtype=np.float32)

    def _train(self, hard: sp.csr_array, number: int) -> None:
        """Train on drawn pairs and, weighing as much together, the hard ones."""
        s = self.settings
        random = numpy_stream(self.lessons.seed, "towers", number)
        num, boost = len(self.target), float(self.open.sum() / max(hard.sum(), 1))

        def loss(step: int) -> torch.Tensor:
            rows = np.sort(random.permutation(num)[: s.batch_size])
            columns = self.items
            if len(columns) > s.num_items:
                columns = np.sort(random.permutation(columns)[: s.num_items])
            logs = self.towers(self.lessons.inputs[rows], torch.from_numpy(columns))
            where = np.ix_(rows, columns)
            error = (logs - torch.from_numpy(self.target[where])) ** 2
            weight = np.where(self.open[where], 1.0, _SEEN)
            weight += boost * hard[rows][:, columns].toarray()
            weights = torch.from_numpy(weight.astype(np.float32))
            mean: torch.Tensor = (weights * error).sum() / weights.sum().clamp(min=1e-12)
            return mean

        train_module(
            self.towers,
            loss,
            num_steps=s.num_steps,
            learning_rate=s.learning_rate,
            label=f"towers, round {number}",
            weight_decay=_DECAY,
            max_norm=_MAX_NORM,
            one_cycle=True,
        )


def _logarithms(lessons: Lessons) -> Singles:
    """Return the logarithms of the teacher's shares, (r, m)."""
    n, m = lessons.shares.shape
    shares = lessons.shares.block(slice(0, n), slice(0, m))
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(shares), _LEAST).astype(np.float32)


def _open(lessons: Lessons, items: Integers) -> Mask:
    """Return which pairs are learnt from: not seen, of items with events, (r, m)."""
    open_ = np.zeros(lessons.shares.shape, bool)
    open_[:, items] = True
    open_[lessons.seen.nonzero()] = False
    return open_


def _means(target: Singles, open_: Mask) -> Singles:
    """Return the mean of each item over the pairs that are learnt from, or else over all, (m,)."""
    counts, every = open_.sum(axis=0), target.mean(axis=0, dtype=np.float64)
    sums = np.where(open_, target, 0.0).sum(axis=0, dtype=np.float64)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), every), np.float32)


def _beginning(lessons: Lessons, rank: int, means: Singles) -> Towers:
    """Return towers that give each item its mean, and know from who saw what which items are near.

    An input of a user points to where the item lies, an item to where it lies as well.
    """
    places = np.zeros((lessons.seen.shape[1], rank))
    near = unit_rows(item_embeddings(lessons.seen, rank, lessons.seed))
    places[:, : near.shape[1]] = near
    num, inputs = len(places), np.zeros((lessons.inputs.shape[1], rank))
    inputs[:num] = inputs[num : 2 * num] = places
    return Towers(inputs, places, means, torch_stream(lessons.seed, "towers"))
