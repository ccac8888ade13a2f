"""Real series and synthetic ones after them, as one dataset that any GluonTS model trains on."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Integers
from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.data.series import joined, parts_of
from tsgen.errors import DataWarning, SettingsError
from tsgen.memory import check_steps
from tsgen.rng import KeyedStreams, entry_keys, resolve_seed

from .sampler import ConstraintRequest
from .sampling import MissingRequest, check_missing, first_numbers
from .synthesizer import PSAGANSynthesizer

__all__ = ["augment"]


def augment(
    dataset: Any,
    synthesizer: PSAGANSynthesizer,
    ratio: float = 1.0,
    *,
    length: Literal["like", "window"] = "like",
    constraints: ConstraintRequest = "infer",
    missing: MissingRequest = "like",
    dynamic_features: Literal["keep", "error", "drop"] = "keep",
    seed: int | None = None,
) -> SeriesDataset | MultivariateDataset:
    """Add synthetic series to a dataset.

    Every series is copied first; then come round(ratio * number of real series) synthetic ones.
    Each resembles one real series: its identity, level, static categories and calendar. Sources
    are taken in a random order, none twice before all were taken once. A dataset that is augmented
    already gets more: sources are its real series, and the numbers in the ids go on, so that
    augmenting twice by half with one seed is augmenting once.

    Args:
        dataset: A GluonTS dataset or a long table, multivariate if the model is.
        synthesizer: A trained model.
        ratio: Synthetic entries / real entries, above 0.
        length: "like": each synthetic series begins with its source and has its length. "window":
            one window at a random place, cheaper; a forecaster with long lags then sees mostly
            padding.
        constraints: As in `PSAGANSynthesizer.sample`: by default each synthetic series has the
            grid, the bounds, the repeats and the closed hours of its source.
        missing: "like": what is missing in the source is missing in the series drawn after it;
            "model": gaps as long and as frequent as in training; "none": only closed hours.
        dynamic_features: "keep": each synthetic series has the features of its source, and follows
            them; the model must have been trained with them. "error" refuses. "drop" leaves them
            out of all entries; a model that was trained with features follows them all the same.
            What is known beyond the end of a series is left out, for models of GluonTS train on
            features as long as their target. If `dataset` has no features, the result has none.
        seed: Same seed, same series.

    Returns:
        A GluonTS dataset: real entries first, all with the same keys. `info` says which are
        synthetic and which series each of those was drawn after.

    Raises:
        SettingsError: An impossible ratio or length.
        DataError: The dataset does not fit the model.
    """
    if not hasattr(synthesizer, "sample_after"):
        raise SettingsError(
            f"synthesizer={synthesizer!r} is no trained PSA-GAN; train one, or tsgen.load a saved "
            "one."
        )
    if not isinstance(ratio, int | float | np.number) or not 0 < ratio < np.inf:
        raise SettingsError(f"ratio={ratio!r} is not possible; give a number above 0.")
    if length not in {"like", "window"}:
        raise SettingsError(f"length={length!r} is not possible; use 'like' or 'window'.")
    check_missing(missing)
    seed = resolve_seed(seed)
    whole = _without_future(_read(dataset, synthesizer, dynamic_features))
    real = np.flatnonzero(~whole.synthetic)
    count = round(ratio * len(real))
    if count == 0:
        raise SettingsError(
            f"ratio={ratio} of {len(real)} real series is no synthetic series at all; raise the "
            "ratio, or give real series."
        )
    steps = float(np.mean(whole.lengths[real])) if length == "like" else 1.0
    check_steps(count * steps * max(len(synthesizer.data.channels), 1), f"ratio={ratio:g}")
    sources, numbers = _sources(whole, real, count, seed)
    if length == "window":
        warnings.warn(
            f"Each synthetic series is one window of {synthesizer.settings.target_length} steps; a "
            "forecaster whose lags or context reach further sees padding there. Use length='like' "
            "for series as long as the real ones.",
            DataWarning,
            stacklevel=2,
        )
    starts, lengths = whole.starts[sources], whole.lengths[sources]
    if length == "window":
        window = np.minimum(synthesizer.settings.target_length, lengths)
        stride = synthesizer.conditions.calendar.stride
        keys = entry_keys([whole.item_ids[i] for i in sources], starts, lengths)
        places = KeyedStreams.of(seed, "start", keys, numbers).integers(lengths - window + 1)
        starts = starts + places * stride
        lengths = window
    synthetic = synthesizer.sample_after(
        whole, sources, starts, lengths, constraints=constraints, missing=missing, seed=seed
    )
    if dynamic_features == "drop" or whole.dynamic is None:
        whole, synthetic = whole.with_dynamic(None), synthetic.with_dynamic(None)
    both = zip(parts_of(whole), parts_of(synthetic), strict=True)
    return joined([SeriesDataset.concat(pair) for pair in both], synthesizer.data.channels)


def _read(
    dataset: Any, synthesizer: PSAGANSynthesizer, dynamic_features: str
) -> SeriesDataset | MultivariateDataset:
    """Return the real series, with the features that the model follows.

    Raises:
        DataError: They have features, which were to be refused.
    """
    follows = synthesizer.data.dynamic is not None
    asked = "keep" if follows else dynamic_features
    whole = synthesizer.data.read(dataset, dynamic_features=asked)
    if follows and dynamic_features == "error":
        return to_dataset(whole, dynamic_features="error")
    if follows and dynamic_features == "drop" and whole.dynamic is not None:
        warnings.warn(
            f"The synthetic series follow the features {', '.join(whole.dynamic.names)}, which "
            "were left out of all series.",
            DataWarning,
            stacklevel=3,
        )
    return whole


def _without_future(
    whole: SeriesDataset | MultivariateDataset,
) -> SeriesDataset | MultivariateDataset:
    """Return a dataset whose features end with their series."""
    features, lengths = whole.dynamic, whole.lengths
    if features is None or (features.lengths == lengths).all():
        return whole
    ended = features.cut(np.arange(len(whole)), np.zeros(len(whole), np.int64), lengths)
    return whole.with_dynamic(ended)


def _sources(
    whole: SeriesDataset | MultivariateDataset, real: Integers, count: int, seed: int
) -> tuple[Integers, Integers]:
    """Return the entries (count,) to draw after and the numbers of the draws, in random order."""
    rounds = np.arange(-(-count // len(real)))
    ids = [str(whole.item_ids[i]) for i in real]
    taken = first_numbers(ids, whole.item_ids)
    numbers = np.add.outer(rounds, taken).ravel()
    keys = entry_keys(ids, whole.starts[real], whole.lengths[real]) * len(rounds)
    rank = KeyedStreams.of(seed, "sources", keys, numbers).uniform()
    order = np.lexsort((rank, numbers))[:count]
    return np.tile(real, len(rounds))[order], numbers[order]
