"""Real series and synthetic ones after them, as one dataset that any GluonTS model trains on."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np

from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import joined, parts_of
from tsgen.errors import DataWarning, SettingsError
from tsgen.rng import numpy_stream, resolve_seed

from .synthesizer import ConstraintRequest, PSAGANSynthesizer

__all__ = ["augment"]


def augment(
    dataset: Any,
    synthesizer: PSAGANSynthesizer,
    ratio: float = 1.0,
    *,
    length: Literal["like", "window"] = "like",
    constraints: ConstraintRequest = None,
    dynamic_features: Literal["error", "drop"] = "error",
    seed: int | None = None,
) -> SeriesDataset | MultivariateDataset:
    """Add synthetic series to a dataset.

    Every series is copied first; then come round(ratio * number of real series) synthetic ones.
    Each resembles one real series: its identity, level, static categories and calendar. Sources
    are taken in a random order, none twice before all were taken once. A dataset that is augmented
    already gets more: sources are its real series, and the numbers in the ids go on.

    Args:
        dataset: A GluonTS dataset or a long table, multivariate if the model is.
        synthesizer: A trained model.
        ratio: Synthetic entries / real entries, above 0.
        length: "like": each synthetic series begins with its source and has its length. "window":
            one window at a random place, cheaper; a forecaster with long lags then sees mostly
            padding.
        constraints: As in `PSAGANSynthesizer.sample`.
        dynamic_features: Dynamic features have no synthetic counterpart: "error" refuses them,
            "drop" leaves them out of all entries.
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
    seed = resolve_seed(seed)
    whole = synthesizer.data.read(dataset, dynamic_features=dynamic_features)
    real = np.flatnonzero(~whole.synthetic)
    count = round(ratio * len(real))
    if count == 0:
        raise SettingsError(
            f"ratio={ratio} of {len(real)} real series is no synthetic series at all; raise the "
            "ratio, or give real series."
        )
    if already := len(whole) - len(real):  # the seed that made those must not make them again
        seed = int(numpy_stream(seed, "more", already).integers(2**31))
    random = numpy_stream(seed, "sources")
    rounds = -(-count // len(real))
    sources = np.concatenate([random.permutation(real) for _ in range(rounds)])[:count]
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
        starts = starts + random.integers(0, lengths - window + 1) * stride
        lengths = window
    synthetic = synthesizer.sample_after(
        whole, sources, starts, lengths, constraints=constraints, seed=seed
    )
    both = zip(parts_of(whole), parts_of(synthetic), strict=True)
    return joined([SeriesDataset.concat(pair) for pair in both], synthesizer.data.channels)
