"""Context-FID by the PSA-GAN authors' protocol: fakes paired with real ones by series and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.contracts import SeriesSampler
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq
from tsgen.errors import DataError, SettingsError
from tsgen.grids import unrounded
from tsgen.metrics import frechet_distance
from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import numpy_stream, resolve_seed

from .encoder import CausalEncoder
from .measures import control_columns, measure_named
from .windows import WindowIndex, Windows, series_bounds

__all__ = ["Sampler", "authors_context_fid", "sample_like", "sampler_of"]

Sampler = Callable[[list[Any], Integers, int], Array]
"""(item ids, Period ordinals of the first steps, seed) -> windows (n, L) in the series' units."""


def authors_context_fid(
    dataset: SeriesDataset,
    sampler: Sampler,
    encoder: CausalEncoder,
    *,
    target_length: int,
    n: int = 512,
    draws: int = 10,
    seed: int | None = None,
    command: str | None = None,
) -> StudyResult:
    """Return Context-FID as published with PSA-GAN, beside the floor of the same series.

    In each draw: n real windows (series uniform, start uniform, from the whole series), n fakes of
    the same series and starts, both scaled by the least and greatest value of the whole real
    series; value: the distance of the fakes' embeddings to the real ones'. The floor puts other
    real windows of the same series in the place of the fakes, the control these without their
    rounding. Nothing is held out: the real windows are mostly those that a generator learnt from,
    so a copying generator scores best. Comparable with published figures only with the same
    encoder, length and n.

    Args:
        dataset: The real series; missing values are allowed, windows with one are not drawn.
        sampler: Makes fakes; see `Sampler`.
        encoder: The encoder of the published figures, or one trained on series scaled alike.
        target_length: Steps in a window.
        n: Windows on each side.
        draws: Over which mean and standard deviation are taken.
        seed: Same seed, same numbers; None draws one, which is recorded.
        command: What was typed, to be kept with the result.

    Raises:
        DataError: No complete window, or a sampler that returns something else than n complete
            windows.
        SettingsError: Fewer than two windows or draws.
    """
    if n < 2 or draws < 2:
        raise SettingsError(f"n={n}, draws={draws} is not possible: use at least 2 of each.")
    seed = resolve_seed(seed)
    index, bounds = WindowIndex.over(dataset, target_length), series_bounds(dataset)
    usable = np.unique(index.owners)
    values, floors, controls = [], [], []
    for draw in track(range(draws), "Context-FID", total=draws):
        stream = numpy_stream(seed, "authors", draw)
        series = stream.choice(usable, n)
        real = index.uniform_by_series(series, stream)
        other = index.uniform_by_series(series, stream)
        made = sample_like(sampler, dataset, real, seed=int(stream.integers(2**31)))
        control = replace(other, values=unrounded(other.values, seed + draw))
        sides = [encoder.embed(w.min_max(*bounds)) for w in (real, made, other, control)]
        values.append(frechet_distance(sides[0], sides[1]))
        floors.append(frechet_distance(sides[0], sides[2]))
        controls.append(frechet_distance(sides[0], sides[3]))
    arrays = {"real": real.min_max(*bounds), "synthetic": made.min_max(*bounds)}
    arrays |= {"real_embeddings": sides[0], "synthetic_embeddings": sides[1]}
    facts = {
        "study": "Context-FID by the authors' protocol",
        "settings": {"target_length": target_length, "n": n, "draws": draws},
        "windows": {"complete": len(index.begins), "incomplete": index.num_incomplete},
        "data": {"real": dataset.facts() | {"fingerprint": dataset.fingerprint()}},
        "encoder": {"num_outputs": encoder.num_outputs},
        "seed": seed,
        "versions": library_versions(),
    }
    if command is not None:
        facts["command"] = command
    row = measure_named("context_fid").row(values, floors) | control_columns(controls)
    table = pd.DataFrame([row | {"protocol": "authors", "n": n, "seed": seed}])
    kept = {name: array[:400].astype(np.float32) for name, array in arrays.items()}
    return StudyResult(table, _answer(row, n, draws), facts, kept)


def sampler_of(model: SeriesSampler, dataset: SeriesDataset, target_length: int) -> Sampler:
    """Return what draws a window of a model after each of the series and times asked for."""
    row_of = {item_id: row for row, item_id in enumerate(dataset.item_ids)}

    def sampler(ids: list[Any], starts: Integers, seed: int) -> Array:
        rows = np.array([row_of[item_id] for item_id in ids])
        lengths = np.full(len(rows), target_length)
        drawn = model.sample_after(dataset, rows, starts, lengths, seed=seed)
        return drawn.values.reshape(len(rows), target_length)

    return sampler


def sample_like(sampler: Sampler, dataset: SeriesDataset, real: Windows, *, seed: int) -> Windows:
    """Return the sampler's windows for the series and starts of `real`, checked.

    Args:
        sampler: Makes them.
        dataset: The real series.
        real: Whose series and positions are asked for.
        seed: Handed to the sampler.

    Raises:
        DataError: Another shape than asked for, or a value that is missing or infinite.
    """
    ids = [dataset.item_ids[i] for i in real.series]
    starts = dataset.starts[real.series] + real.positions * split_freq(dataset.freq)[1]
    values: Array = np.asarray(sampler(ids, starts, seed), dtype=np.float64)
    if values.shape != real.values.shape:
        raise DataError(
            f"The sampler returned shape {values.shape}; expected {real.values.shape} "
            "(windows, length)."
        )
    if not np.isfinite(values).all():
        row = int((~np.isfinite(values)).any(axis=1).argmax())
        raise DataError(
            f"The sampler returned a missing or infinite value in window {row} (series "
            f"{ids[row]!r}); samples must be complete.",
            item_id=ids[row],
        )
    return Windows(values, real.series, real.positions, real.num_complete, real.num_incomplete)


def _answer(row: Mapping[str, Any], n: int, draws: int) -> str:
    return (
        f"Context-FID {row['value']:.3g} ± {row['spread']:.2g} (n = {n}, {draws} draws); "
        f"real windows of the same series score {row['floor']:.3g} ± {row['floor_spread']:.2g}. "
        "Nothing is held out in this protocol."
    )
