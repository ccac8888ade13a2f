"""Learns a policy by gradient matching on windows later than those it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsgen.arrays import Array
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError, SettingsError
from tsgen.rng import numpy_stream

from ..operations import AlignedOperation, SynthesizerTraining, Transform, operation, season_of
from ..reference import ForecastWindows, regression, rolling_windows, training_windows
from .magnitudes import IDENTITY, MAGNITUDES, transform_of
from .matching import Matching, early_states, loss_gradients
from .policy import AugmentationPolicy, PolicyEntry

__all__ = ["DEFAULT_OPERATIONS", "PolicySearch"]

DEFAULT_OPERATIONS = (*MAGNITUDES, "mixing", "block_bootstrap")
"""Operations that are tried if none are named; a trained PSA-GAN is given as one more."""


@dataclass(frozen=True)
class PolicySearch:
    """Learns layers of (operation, magnitude) whose windows pull a forecaster as later windows do.

    Deep AutoAugment with a linear forecaster at four early states of its training. The last steps
    of each series are the later slice; operations change what is before. Each layer is learnt on
    series that the earlier layers made; from the second on the standard deviation over batches of
    later windows is taken off the match. Operations that pull the other way by themselves get no
    share: in a mixture they would only cancel parts of the others. Seconds, and no forecaster is
    trained.

    Attributes:
        prediction_length: Steps to forecast, L.
        context_length: Steps that the forecaster sees; None is twice L or two seasons.
        layers: Layers of the policy.
        validate_last: Steps of the later slice; None is two horizons.
        max_windows: Windows of each operation at most, drawn at random.
        batches: Batches of later windows.
        seed: Same seed, same policy.

    Example:
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=6, length=120, seed=1)
        >>> policy = PolicySearch(12, layers=1).fit(real, ["jitter", "mixing"])
        >>> sorted(policy.table()["operation"].unique())
        ['identity', 'jitter', 'mixing']
    """

    prediction_length: int
    context_length: int | None = None
    layers: int = 2
    validate_last: int | None = None
    max_windows: int = 1500
    batches: int = 8
    seed: int = 0

    def past(self, real: Any) -> SeriesDataset:
        """Return the series without their later slice: what generators may learn from."""
        return as_series(real).split(last=self._last)[0]

    def fit(
        self, real: Any, operations: Sequence[Any] | Mapping[str, Any] = DEFAULT_OPERATIONS
    ) -> AugmentationPolicy:
        """Learn the policy.

        Args:
            real: GluonTS dataset or long table of real series.
            operations: Names of transforms, and operations such as `Draws(psa_gan)` that were
                trained on `past(real)`; a mapping gives them names.

        Raises:
            SettingsError: An operation needs training first, or a setting is not possible.
            DataError: The series are too short for windows before and in the later slice.
        """
        if self.layers < 1 or self.batches < 1:
            raise SettingsError(
                f"layers={self.layers}, batches={self.batches} is not possible; use 1 or more."
            )
        arms, given = _arms(operations)
        past = self.past(real)
        inputs, outputs = self._pairs(past, "real")
        states = early_states(inputs, outputs)
        later = self._later(as_series(real), states)
        entries: list[PolicyEntry] = []
        for layer in range(1, self.layers + 1):
            so_far = AugmentationPolicy(entries, given) if entries else None
            entries += self._layer(layer, arms, given, past, so_far, states, later)
        return AugmentationPolicy(entries, given)

    @property
    def _last(self) -> int:
        return 2 * self.prediction_length if self.validate_last is None else self.validate_last

    def _layer(
        self, layer: int, arms: list[tuple[str, float | None]],
        given: dict[str, AlignedOperation], past: SeriesDataset,
        so_far: AugmentationPolicy | None, states: list[Array], later: Array,
    ) -> list[PolicyEntry]:  # fmt: skip
        """Learn one layer on what the earlier ones made."""
        rows, seed = np.arange(len(past)), _seed(self.seed, "policy", layer)
        base = past if so_far is None else so_far.after(past, rows, seed=seed)
        gradients = []
        for place, (name, magnitude) in enumerate(arms):
            made = base
            if name != IDENTITY:
                arm = given[name] if name in given else transform_of(name, magnitude)
                made = arm.after(base, rows, seed=_seed(seed, name, place))
            gradients.append(loss_gradients(*self._pairs(made, name), states))
        scores = Matching(np.stack(gradients), later).scores()
        kept = np.flatnonzero((scores > 0) | (np.array([name for name, _ in arms]) == IDENTITY))
        start = np.array([2.0 * (arms[place][0] == IDENTITY) for place in kept])
        shares = np.zeros(len(arms))
        matching = Matching(np.stack([gradients[place] for place in kept]), later)
        shares[kept] = matching.best_shares(start, caution=float(layer > 1))
        return [
            PolicyEntry(layer, name, magnitude, float(share), float(score))
            for (name, magnitude), share, score in zip(arms, shares, scores, strict=True)
        ]

    def _pairs(self, dataset: SeriesDataset, name: str) -> tuple[Array, Array]:
        """Return inputs and outputs of a forecaster on windows of some series."""
        windows = training_windows(
            dataset, self._context(dataset.freq), self.prediction_length,
            stride=max(1, self.prediction_length // 2),
        )  # fmt: skip
        return self._regression(windows, name)

    def _later(self, real: SeriesDataset, states: list[Array]) -> Array:
        """Return the gradients of batches of windows whose future is in the later slice."""
        num = max(self._last // self.prediction_length, 1)
        enough = real.lengths >= (num + 1) * self.prediction_length
        if not enough.any():
            raise DataError(
                f"The longest series has {real.lengths.max()} steps; a policy needs "
                f"{(num + 1) * self.prediction_length} to be learnt."
            )
        windows = rolling_windows(
            real.subset(enough), self._context(real.freq), self.prediction_length, num
        )
        parts = [windows.take(windows.series % self.batches == b) for b in range(self.batches)]
        pairs = [self._regression(part, "real, later") for part in parts if len(part)]
        return np.stack([loss_gradients(*pair, states) for pair in pairs])

    def _regression(self, windows: ForecastWindows, name: str) -> tuple[Array, Array]:
        if not len(windows):
            raise DataError(
                f"'{name}' has no window of {2 * self.prediction_length} steps before the later "
                "slice; give longer series, or a smaller validate_last."
            )
        if len(windows) > self.max_windows:
            draw = numpy_stream(self.seed, "windows")
            windows = windows.take(np.sort(draw.permutation(len(windows))[: self.max_windows]))
        inputs, outputs, _ = regression(windows)
        return inputs, outputs

    def _context(self, freq: str) -> int:
        return self.context_length or max(2 * self.prediction_length, 2 * season_of(freq))


def _seed(seed: int, *names: str | int) -> int:
    return int(numpy_stream(seed, *names).integers(2**31))


def _arms(
    operations: Sequence[Any] | Mapping[str, Any],
) -> tuple[list[tuple[str, float | None]], dict[str, AlignedOperation]]:
    """Return (operation, magnitude) of all that is tried, and the operations given as objects."""
    named = operations.items() if isinstance(operations, Mapping) else [
        (None, what) for what in operations
    ]  # fmt: skip
    arms: list[tuple[str, float | None]] = [(IDENTITY, None)]
    given: dict[str, AlignedOperation] = {}
    for label, what in named:
        made = operation(what)
        name = label or made.name
        if isinstance(made, SynthesizerTraining):
            raise SettingsError(
                f"'{name}' is yet to be trained; train it on past(...) and give Draws(model)."
            )
        plain = isinstance(made, Transform) and not made.settings and made.function is None
        if plain and name == made.name:
            arms += [(name, level) for level in MAGNITUDES.get(name, ("", (None,)))[1]]
            continue
        if not isinstance(made, AlignedOperation):
            raise SettingsError(
                f"'{name}' makes series of a calendar of its own; a policy needs operations that "
                "make a series after each source (transforms, trained synthesizers)."
            )
        given[name] = made
        arms.append((name, None))
    return arms, given
