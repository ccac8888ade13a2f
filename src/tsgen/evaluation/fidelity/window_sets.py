"""From datasets to the window sets of a fidelity study."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Array
from tsgen.data import SeriesDataset
from tsgen.data.series import window_starts
from tsgen.errors import DataError, SettingsError, UnknownIdError, nearest
from tsgen.metrics import find_copies

from .encoder import CausalEncoder, load_encoder
from .encoder_training import train_encoder
from .windows import scale_windows, series_bounds, windows_of

__all__ = ["Scale", "WindowSets", "draw_window_sets", "encoder_for"]

Scale = Literal["window", "series", "none"]

_MAX_LENGTH = 256
_MIN_LENGTH = 8
_TRAIN_POOL = 10  # times num_windows: the windows among which copies are looked for


@dataclass(frozen=True)
class WindowSets:
    """Real training, real test and synthetic windows, with where they come from.

    Attributes:
        train: (n_train, L), scaled by series if asked for.
        test: (n_test, L).
        synthetic: (n_synthetic, L).
        protocol: "held-out", or "random halves" if no test part was given.
        facts: Datasets and counts, as JSON values.
    """

    train: Array
    test: Array
    synthetic: Array
    protocol: str
    facts: dict[str, Any]


def draw_window_sets(
    real: SeriesDataset,
    synthetic: SeriesDataset,
    *,
    train_until: Any,
    test_dataset: SeriesDataset | None,
    target_length: int | None,
    num_windows: int,
    scale: Scale,
    seed: int,
) -> WindowSets:
    """Draw the windows of `evaluate_fidelity`, whose arguments these are.

    Raises:
        DataError: The datasets do not suit.
        SettingsError: Both ways of giving a test part.
    """
    if train_until is not None and test_dataset is not None:
        raise SettingsError("Give either train_until or test_dataset, not both.")
    _check_datasets(real, synthetic, test_dataset)
    length = _resolve_length(synthetic, target_length)
    names = ("the real training part", "the real test part", "the synthetic dataset")
    if train_until is None and test_dataset is None:
        protocol, parts = "random halves", (real, real, synthetic)
        both = windows_of(
            real, length, 2 * _TRAIN_POOL * num_windows, seed=seed, name="the real dataset"
        )
        half = len(both.values) // 2
        train, test = both.part(slice(half)), both.part(slice(half, half + 2 * num_windows))
    else:
        protocol = "held-out"
        before, after = (
            (real, test_dataset) if test_dataset is not None else real.split(until=train_until)
        )
        parts = (before, after, synthetic)
        train = windows_of(before, length, _TRAIN_POOL * num_windows, seed=seed, name=names[0])
        test = windows_of(after, length, 2 * num_windows, seed=seed, name=names[1])
    made = windows_of(synthetic, length, 2 * num_windows, seed=seed, name=names[2])
    drawn = (train, test, made)
    arrays = [w.values for w in drawn]
    if scale == "series":
        bounds = _bounds_by_id(parts[0], parts[1])
        arrays = [
            w.min_max(*_bounds_of(part, bounds)) for w, part in zip(drawn, parts, strict=True)
        ]
    facts = {
        "real": real.facts() | {"fingerprint": real.fingerprint()},
        "synthetic": synthetic.facts() | {"fingerprint": synthetic.fingerprint()},
        "train_until": None if train_until is None else str(train_until),
        "windows": {name: w.facts() for name, w in zip(names, drawn, strict=True)},
    }
    if test_dataset is not None:
        facts["test"] = test_dataset.facts() | {"fingerprint": test_dataset.fingerprint()}
    if protocol == "held-out":
        begins = window_starts(parts[0].values, parts[0].offsets, length)
        copies = find_copies(made.values, test.values, parts[0].values, begins)
        facts["copies"] = asdict(copies) | {"copied": copies.copied}
    return WindowSets(arrays[0], arrays[1], arrays[2], protocol, facts)


def encoder_for(
    encoder: CausalEncoder | str | Path | None,
    train: Array,
    scale: Scale,
    num_windows: int,
    seed: int,
    cache: str | Path | None,
) -> CausalEncoder | None:
    """Return the encoder that `evaluate_fidelity` was asked for: given, read or trained.

    Raises:
        ModelFormatError: The file holds no encoder.
    """
    if encoder is None or isinstance(encoder, CausalEncoder):
        return encoder
    if encoder != "train":
        return load_encoder(encoder)
    scaled = scale_windows(train)[0] if scale == "window" else train
    if scale == "none":  # the network wants numbers of size 1; one scale for all keeps levels
        raise SettingsError(
            "encoder='train' needs scaled windows: use scale='window' or 'series', or encoder=None."
        )
    return train_encoder(scaled[: 2 * num_windows], seed=seed, cache=cache)


def _check_datasets(
    real: SeriesDataset, synthetic: SeriesDataset, test_dataset: SeriesDataset | None
) -> None:
    for dataset, name in ((real, "real"), (test_dataset, "test")):
        if dataset is not None and dataset.synthetic.any():
            i = int(dataset.synthetic.argmax())
            raise DataError(
                f"The {name} dataset has {int(dataset.synthetic.sum())} synthetic series (first: "
                f"{dataset.item_ids[i]!r}); leave them out, or the study would judge the sample by "
                "itself.",
                item_id=dataset.item_ids[i],
            )
        if dataset is not None and dataset.freq != synthetic.freq:
            raise DataError(
                f"The {name} dataset has freq {dataset.freq!r} and the synthetic one "
                f"{synthetic.freq!r}; windows of different steps cannot be compared."
            )


def _resolve_length(synthetic: SeriesDataset, target_length: int | None) -> int:
    shortest = int(synthetic.lengths.min())
    length = min(shortest, _MAX_LENGTH) if target_length is None else target_length
    if length < _MIN_LENGTH:
        i = int(synthetic.lengths.argmin())
        raise DataError(
            f"Windows of {length} steps are too short to compare (synthetic series "
            f"{synthetic.item_ids[i]!r} has {shortest}); at least {_MIN_LENGTH} are needed. Give "
            "longer synthetic series, or a larger target_length.",
            item_id=synthetic.item_ids[i],
        )
    return length


def _bounds_by_id(train: SeriesDataset, test: SeriesDataset) -> dict[Any, tuple[float, float]]:
    """Return the bounds of each real series: those of its training part where it has one."""
    bounds: dict[Any, tuple[float, float]] = {}
    for dataset in (test, train):
        pairs = zip(*(b.tolist() for b in series_bounds(dataset)), strict=True)
        bounds |= dict(zip(dataset.item_ids, pairs, strict=True))
    return bounds


def _bounds_of(
    dataset: SeriesDataset, bounds: dict[Any, tuple[float, float]]
) -> tuple[Array, Array]:
    """Return the bounds of the real series behind each series of `dataset`."""
    info = dataset.info or ({},) * len(dataset)
    pairs = []
    for item_id, facts in zip(dataset.item_ids, info, strict=True):
        source = facts.get("source_item_id", item_id)
        if source not in bounds:
            raise UnknownIdError(
                f"Series {item_id!r} comes from no known real series (looked for {source!r}), so "
                f"it cannot be scaled by one.{nearest(source, bounds)} Use scale='window', or put "
                "the real series in its info as 'source_item_id'.",
                item_id=item_id,
            )
        pairs.append(bounds[source])
    low, high = np.array(pairs, dtype=np.float64).T
    return low, high
