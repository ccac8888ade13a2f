"""Is a synthetic sample any good? Every measure beside what real windows score."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.arrays import AnyArray, Array, as_rows, same_width
from tsgen.contracts import SeriesSampler
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset
from tsgen.displays import percent
from tsgen.errors import DataError, SettingsError
from tsgen.grids import unrounded
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from ..histograms import histogram_arrays
from .answer import fidelity_answer
from .by_series import series_by_series
from .channels import (
    ChannelsModel,
    as_univariate,
    refuse_other_channels,
    with_cross_correlation,
)
from .draws import measure_with_floors
from .encoder import CausalEncoder
from .measures import WINDOW_MEASURES, WindowComparison, WindowPool, feature_scale
from .spread import model_noise_spread
from .window_sets import Scale, WindowSets, draw_window_sets, encoder_for
from .windows import scale_windows

__all__ = ["evaluate_fidelity", "score", "window_fidelity"]

_MIN_WINDOWS = 16
_PICTURED = 400
_TOO_SHORT = " The real series are too short to say how much draws of one time should differ."


def window_fidelity(
    real_train: npt.ArrayLike,
    real_test: npt.ArrayLike,
    synthetic: npt.ArrayLike,
    *,
    seed: int,
    num_windows: int = 1000,
    encoder: CausalEncoder | None = None,
    scale: Scale = "window",
    draws: int = 20,
    protocol: str = "held-out",
) -> StudyResult:
    """Compare synthetic windows with held-out real ones, by every measure, each with its floor.

    In each draw, n synthetic and n real test windows are compared; the floor puts n real training
    windows in the place of the synthetic ones (for the distance to the nearest training window: one
    half of the test windows against the other). `n` is the largest number up to `num_windows` that
    the three sets allow; training windows are needed twice. Where a set has exactly n windows,
    every draw uses all of them, so the spread shows less than it would. Judges are trained anew in
    each draw. Copies are looked for among all training windows given, not n of them.

    The columns `unrounded` and `unrounded_spread` are a control: the windows of the floor with
    noise of half a rounding unit, "real windows, rounding removed". What samples score no worse
    than those, they lack in grain and not in shape.

    Args:
        real_train: (n_train, L) real windows that the generator may have learnt from.
        real_test: (n_test, L) real windows that it has not seen.
        synthetic: (n_synthetic, L), L >= 8.
        seed: Same seed, same numbers.
        num_windows: n at most.
        encoder: For Context-FID, which is left out without one.
        scale: "window" scales every window, real or synthetic, to [0, 1] (a constant one to 1/2,
            counted); "series" records that the caller scaled the series; "none" takes values as
            they are.
        draws: Comparisons over which mean and spread are taken, judges trained anew in each.
        protocol: Name in the table.

    Raises:
        DataError: Missing values, different lengths, or too few windows.
        SettingsError: An impossible setting.
    """
    _check_settings(draws, num_windows, scale)
    train, test, made = _checked(real_train, real_test, synthetic)
    constant = {}
    control = unrounded(train, seed)
    if scale == "window":
        control = scale_windows(control)[0]
        (train, constant["real_train"]), (test, constant["real_test"]) = map(
            scale_windows, (train, test)
        )
        made, constant["synthetic"] = scale_windows(made)
    n = _common_count(train, test, made, num_windows)
    table, pools = measure_with_floors(
        train, test, made, n, seed, draws, encoder, protocol, control
    )
    facts: dict[str, Any] = {
        "study": "fidelity",
        "settings": {"num_windows": num_windows, "scale": scale, "length": test.shape[1]},
        "draws": draws,
        "windows": {"real_train": len(train), "real_test": len(test), "synthetic": len(made)},
        "constant_windows": constant,
        "encoder": None if encoder is None else {"num_outputs": encoder.num_outputs},
        "seed": seed,
        "versions": library_versions(),
    }
    return StudyResult(table, fidelity_answer(table), facts, _pictures(*pools))


def evaluate_fidelity(
    real_dataset: Any,
    synthetic_dataset: Any,
    *,
    seed: int | None = None,
    train_until: Any = None,
    test_dataset: Any = None,
    target_length: int | None = None,
    num_windows: int = 1000,
    scale: Scale = "window",
    encoder: CausalEncoder | str | Path | None = "train",
    encoder_cache: str | Path | None = None,
    draws: int = 20,
    model: SeriesSampler | None = None,
    command: str | None = None,
) -> StudyResult:
    """Compare a synthetic dataset with a real one; see `window_fidelity`.

    Windows are drawn as evenly over the series as their lengths allow; only complete real windows
    are used, and the others counted. The real test windows come from `test_dataset`, or from
    `train_until` on. With neither, real windows are halved at random: the generator may then have
    seen the test windows, and the answer says so.

    Of multivariate datasets, every channel is a series of its own in all measures but one more,
    `cross_correlation_distance`: do the channels go together as the real ones do, at all lags?

    Args:
        real_dataset: Real series, without synthetic ones: a GluonTS dataset or a long table.
        synthetic_dataset: Synthetic series, likewise; windows with a missing value are left out.
        seed: Same seed, same numbers; None draws one, which is recorded.
        train_until: Time that ends the training part and begins the test part.
        test_dataset: Instead of `train_until`: real series of the test.
        target_length: Steps in a window; the shortest synthetic series, up to 256, if None.
        num_windows: Windows of each kind in a comparison, at most.
        scale: "window": every window to [0, 1]. "series": by the least and greatest value of the
            real series' training part (a synthetic one says which series in its
            `info["source_item_id"]`). "none": values as they are.
        encoder: For Context-FID: "train" (a small one, on the real training windows), a file, an
            encoder, or None.
        encoder_cache: Folder in which a trained encoder is kept and found again.
        draws: Comparisons over which mean and spread are taken, judges trained anew in each.
        model: The model that made the samples: adds how much its draws of one series and time
            differ, beside how much real weeks (or days, or years) do; left out where the series
            are too short for that.
        command: What was typed, to be kept with the result.

    Raises:
        DataError: Synthetic series in the real part, series too short, or too few complete windows.
        SettingsError: Both `train_until` and `test_dataset`, or an impossible setting.
    """
    seed = resolve_seed(seed)
    real_dataset, synthetic_dataset = as_dataset(real_dataset), as_dataset(synthetic_dataset)
    test_dataset = None if test_dataset is None else as_dataset(test_dataset)
    refuse_other_channels(real_dataset, synthetic_dataset, test_dataset)
    _check_settings(draws, num_windows, scale)
    sets = draw_window_sets(
        as_univariate(real_dataset),
        as_univariate(synthetic_dataset),
        train_until=train_until,
        test_dataset=None if test_dataset is None else as_univariate(test_dataset),
        target_length=target_length,
        num_windows=num_windows,
        scale=scale,
        seed=seed,
    )
    histograms = _histograms(as_univariate(real_dataset), as_univariate(synthetic_dataset))
    result = window_fidelity(
        sets.train,
        sets.test,
        sets.synthetic,
        seed=seed,
        num_windows=num_windows,
        encoder=encoder_for(encoder, sets.train, scale, num_windows, seed, encoder_cache),
        scale=scale,
        draws=draws,
        protocol=sets.protocol,
    )
    length = sets.test.shape[1]
    if isinstance(real_dataset, MultivariateDataset):
        result = with_cross_correlation(
            result,
            (real_dataset, synthetic_dataset, test_dataset),
            train_until=train_until,
            length=length,
            num_windows=num_windows,
            draws=draws,
            seed=seed,
        )
        model = model and ChannelsModel(model, real_dataset)
    short = ""
    if model is not None:
        series = as_univariate(real_dataset)
        spread = model_noise_spread(series, model, target_length=length, seed=seed)
        result, short = _with_spread(result, spread), "" if spread else _TOO_SHORT
    rows, drawn = series_by_series(
        as_univariate(real_dataset), as_univariate(synthetic_dataset), length
    )
    arrays = dict(result.arrays) | histograms | drawn
    result = replace(result, arrays=arrays, facts=result.facts | {"by_series": rows})
    return _with_origin(result, sets, command, short)


def _histograms(real: SeriesDataset, synthetic: SeriesDataset) -> dict[str, AnyArray]:
    parts = {"real": real, "synthetic": synthetic}
    return histogram_arrays("value", {r: d.values for r, d in parts.items()}) | histogram_arrays(
        "steps of a series", {r: d.lengths for r, d in parts.items()}
    )


def _with_spread(result: StudyResult, spread: StudyResult | None) -> StudyResult:
    if spread is None:
        return result
    row = spread.table.assign(protocol=result.table["protocol"].iloc[0])
    table = pd.concat([result.table, row], ignore_index=True)
    facts = result.facts | {"spread over noise": spread.facts["settings"]}
    return replace(result, table=table, facts=facts)


def _with_origin(
    result: StudyResult, sets: WindowSets, command: str | None, short: str
) -> StudyResult:
    """Return the result with its whole answer, and with facts of the data and the command."""
    answer = fidelity_answer(result.table, searched="copies" in sets.facts) + short
    if sets.protocol != "held-out":
        answer += (
            " No held-out test was given, so the sample may have been learnt from the very windows "
            "it is compared with; copies of single windows were not looked for."
        )
    if "copies" in sets.facts:
        answer += _of_copies(sets.facts["copies"])
    facts = result.facts | {"data": sets.facts}
    if command is not None:
        facts["command"] = command
    return replace(result, answer=answer, facts=facts)


def _of_copies(copies: dict[str, Any]) -> str:
    """Return what the search of all training windows says, in a sentence."""
    searched = f"all {copies['num_searched']:,} training windows searched"
    if copies["copied"]:
        near = (
            "lie so much nearer to one training window than to any elsewhere"
            if copies.get("by") == "ratio"
            else "lie as near to a training window"
        )
        return (
            f" Copies: {percent(copies['nearer'], 1)} of the samples {near} as "
            f"{percent(copies['test_nearer'], 1)} of the real test windows do ({searched})."
        )
    return f" No sign of copies, not even of a few ({searched})."


def score(
    real_train: npt.ArrayLike,
    real_test: npt.ArrayLike,
    synthetic: npt.ArrayLike,
    *,
    metrics: Collection[str] | None = None,
    encoder: CausalEncoder | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """Return the measures of one comparison, without floors: cheap enough for tuning.

    All windows given are used, so keep their numbers the same between calls, and scale them alike
    beforehand.

    Args:
        real_train: (n, L) real windows that the generator may have learnt from.
        real_test: (t, L) real windows that it has not seen.
        synthetic: (m, L).
        metrics: Names to compute; all that need neither a judge nor an encoder if None.
        encoder: For "context_fid".
        seed: For the judges.

    Raises:
        DataError: Missing values, different lengths, or too few windows.
        SettingsError: An unknown metric, or "context_fid" without an encoder.
    """
    named = {m.name: m for m in WINDOW_MEASURES}
    wanted = [n for n, m in named.items() if not m.needs & {"judge", "encoder"}]
    wanted = wanted if metrics is None else list(metrics)
    for name in wanted:
        if name not in named:
            raise SettingsError(f"There is no metric '{name}'; use {', '.join(named)}.")
        if "encoder" in named[name].needs and encoder is None:
            raise SettingsError(f"The metric '{name}' needs an encoder; see train_encoder.")
    train, test, made = _checked(real_train, real_test, synthetic)
    scale = feature_scale(train)
    pools = [WindowPool.of(rows, scale, encoder) for rows in (made, test, train)]
    comparison = WindowComparison(pools[0], pools[1], pools[2], seed)
    return {name: named[name].compute([comparison])[0] for name in wanted}


def _checked(*sets: npt.ArrayLike) -> tuple[Array, Array, Array]:
    names = ("real_train", "real_test", "synthetic")
    train, test, made = (
        as_rows(rows, name, min_width=8) for rows, name in zip(sets, names, strict=True)
    )
    same_width(test, "real_test", train, "real_train")
    same_width(test, "real_test", made, "synthetic")
    return train, test, made


def _check_settings(draws: int, num_windows: int, scale: str) -> None:
    if draws < 2 or num_windows < _MIN_WINDOWS or scale not in ("window", "series", "none"):
        raise SettingsError(
            f"draws={draws}, num_windows={num_windows}, scale={scale!r} is not possible: use at "
            f"least 2 draws and {_MIN_WINDOWS} windows, and scale 'window', 'series' or 'none'."
        )


def _common_count(train: Array, test: Array, made: Array, num_windows: int) -> int:
    n = min(num_windows, len(train) // 2, len(test), len(made))
    if n < _MIN_WINDOWS:
        raise DataError(
            f"Too few windows to compare: {len(train)} real for training, {len(test)} real for the "
            f"test, {len(made)} synthetic; at least {2 * _MIN_WINDOWS}, {_MIN_WINDOWS} and "
            f"{_MIN_WINDOWS} are needed. Give more or longer series, or lower target_length."
        )
    return n


def _pictures(test: WindowPool, made: WindowPool) -> dict[str, AnyArray]:
    arrays: dict[str, AnyArray] = {}
    for name, pool in (("real", test), ("synthetic", made)):
        seen = pool.features if pool.embeddings is None else pool.embeddings
        arrays[name] = pool.windows[:_PICTURED].astype(np.float32)
        arrays[f"{name}_embeddings"] = seen[:_PICTURED].astype(np.float32)
    return arrays
