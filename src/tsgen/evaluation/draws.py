"""Every measure, over several draws of windows, beside its real-against-real floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.errors import DataError
from tsgen.metrics import nearest_distances
from tsgen.metrics.checks import Array
from tsgen.progress import track
from tsgen.rng import numpy_stream

from .encoder import CausalEncoder
from .measures import MEASURES, NEAREST, Comparison, Measure, Pool, feature_scale
from .result import floored_row

__all__ = ["JUDGE_DRAWS", "measure_with_floors"]

JUDGE_DRAWS = 3


def measure_with_floors(
    train: Array,
    test: Array,
    made: Array,
    n: int,
    seed: int,
    draws: int,
    encoder: CausalEncoder | None,
    protocol: str,
) -> tuple[pd.DataFrame, tuple[Pool, Pool]]:
    """Return the table, and the pools of test and synthetic windows."""
    scale = feature_scale(train)
    pick = numpy_stream(seed, "pools")
    # Twice as many windows as a draw needs: enough for independent draws, and cheap to embed.
    pools = [
        Pool.of(rows[pick.permutation(len(rows))[: 2 * n]], scale, encoder)
        for rows in (made, test, train)
    ]
    found: dict[str, tuple[list[float], list[float]]] = {}
    for draw in track(range(draws), "measures", total=draws):
        parts = numpy_stream(seed, "draws", draw)
        rows = [parts.permutation(len(pool.windows)) for pool in pools]
        trial, check, known = (
            pool.take(order[:n]) for pool, order in zip(pools, rows, strict=True)
        )
        other = pools[2].take(rows[2][n : 2 * n])
        for measure in MEASURES:
            if _is_due(measure, draw, encoder):
                values, floors = found.setdefault(measure.name, ([], []))
                values.append(measure.compute(Comparison(trial, check, known, seed + draw)))
                floors.append(measure.compute(Comparison(other, check, known, seed + draw)))
    rows_of = [
        floored_row(m.name, m.better, m.ideal, *found[m.name]) for m in MEASURES if m.name in found
    ]
    near = [nearest_distances(rows, train) for rows in (made, test)]
    rows_of.append(
        floored_row(NEAREST, "one", 1.0, *_nearest_ratios(near[0], near[1], n, seed, draws))
    )
    table = pd.DataFrame(rows_of).assign(protocol=protocol, n=n, seed=seed)
    return table, (pools[1], pools[0])


def _is_due(measure: Measure, draw: int, encoder: CausalEncoder | None) -> bool:
    if measure.embedded and encoder is None:
        return False
    return not measure.judged or draw < JUDGE_DRAWS


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
