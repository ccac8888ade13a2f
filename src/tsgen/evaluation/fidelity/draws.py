"""Every measure, over several draws of windows, beside its real-against-real floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError
from tsgen.metrics import nearest_distances
from tsgen.progress import track
from tsgen.rng import numpy_stream

from .encoder import CausalEncoder
from .measures import (
    NEAREST,
    WINDOW_MEASURES,
    WindowComparison,
    WindowPool,
    control_columns,
    feature_scale,
    measure_named,
)

__all__ = ["measure_with_floors"]


def measure_with_floors(
    train: Array,
    test: Array,
    made: Array,
    n: int,
    seed: int,
    draws: int,
    encoder: CausalEncoder | None,
    protocol: str,
    control: Array | None = None,
) -> tuple[pd.DataFrame, tuple[WindowPool, WindowPool]]:
    """Return the table, and the pools of test and synthetic windows.

    `control` (n_train, L) are the training windows without their rounding: how much of what sets
    samples apart is grain; None is those windows themselves. A quarter of the draws measures it.
    """
    control = train if control is None else control
    nearest = _nearest_row((made, test, control), train, n, seed, draws)  # refuses copies at once
    scale = feature_scale(train)
    pick = numpy_stream(seed, "pools")
    # Twice as many windows as a draw needs: enough for independent draws, and cheap to embed.
    chosen = [pick.permutation(len(rows))[: 2 * n] for rows in (made, test, train)]
    pools = [
        WindowPool.of(rows[places], scale, encoder)
        for rows, places in zip((made, test, train, control), (*chosen, chosen[2]), strict=True)
    ]
    draw, few = _Draws(pools, n, seed), max(draws // 4, 2)
    lacking = {"all training windows"} if encoder else {"all training windows", "encoder"}
    due = [measure for measure in WINDOW_MEASURES if not measure.needs & lacking]
    rows_of = [
        measure.row(
            measure.compute(draw.of_synthetic(i) for i in range(draws)),
            measure.compute(draw.of_real(i) for i in range(draws)),
        )
        | control_columns(measure.compute(draw.of_unrounded(i) for i in range(few)))
        for measure in track(due, "measures", total=len(due))
    ]
    table = pd.DataFrame([*rows_of, nearest]).assign(protocol=protocol, n=n, seed=seed)
    return table, (pools[1], pools[0])


class _Draws:
    """Draws of n windows from each pool: the same ones for all measures.

    Args:
        pools: Synthetic, test and training windows, and the latter without their rounding.
        n: Windows of each kind in a comparison.
        seed: Of the draws and the judges.
    """

    def __init__(self, pools: Sequence[WindowPool], n: int, seed: int) -> None:
        self._made, self._test, self._train, self._control = pools
        self._n, self._seed = n, seed

    def of_synthetic(self, draw: int) -> WindowComparison:
        """Set synthetic windows against real test windows."""
        made, test, train = self._rows(draw)
        return self._compare(self._made.take(made[: self._n]), test, train, draw)

    def of_real(self, draw: int) -> WindowComparison:
        """Set other real training windows against real test windows: the floor."""
        return self._of_other(self._train, draw)

    def of_unrounded(self, draw: int) -> WindowComparison:
        """Set the windows of the floor, without their rounding, against real test windows."""
        return self._of_other(self._control, draw)

    def _of_other(self, pool: WindowPool, draw: int) -> WindowComparison:
        """Compare windows of a pool at places other than those of the training windows."""
        _, test, train = self._rows(draw)
        return self._compare(pool.take(train[self._n : 2 * self._n]), test, train, draw)

    def _rows(self, draw: int) -> list[Integers]:
        parts = numpy_stream(self._seed, "draws", draw)
        pools = (self._made, self._test, self._train)
        return [parts.permutation(len(pool.windows)) for pool in pools]

    def _compare(
        self, trial: WindowPool, test: Integers, train: Integers, draw: int
    ) -> WindowComparison:
        n = self._n
        return WindowComparison(
            trial, self._test.take(test[:n]), self._train.take(train[:n]), self._seed + draw
        )


def _nearest_row(
    sets: tuple[Array, Array, Array], train: Array, n: int, seed: int, draws: int
) -> dict[str, Any]:
    """Return the row of the distance to the nearest training window.

    Windows without their rounding are training windows: the control says what copies score.
    """
    made, test, control = (nearest_distances(rows, train) for rows in sets)
    row = measure_named(NEAREST).row(*_nearest_ratios(made, test, n, seed, draws))
    return row | control_columns(_nearest_ratios(control, test, n, seed, draws)[0])


def _nearest_ratios(
    made: Array, test: Array, n: int, seed: int, draws: int
) -> tuple[list[float], list[float]]:
    """Return the ratios of median distances to the nearest of all training windows, by draw."""
    if not np.median(test) > 0:
        raise DataError(
            "At least half of the real test windows are exact copies of training windows; keep the "
            "two apart in time, or give real series that vary."
        )
    values, floors = [], []
    for draw in range(draws):
        parts = numpy_stream(seed, "nearest", draw)
        check = test[parts.permutation(len(test))[:n]]
        half = len(check) // 2
        values.append(float(np.median(parts.permutation(made)[:n]) / np.median(check)))
        floors.append(float(np.median(check[:half]) / np.median(check[half:])))
    return values, floors
