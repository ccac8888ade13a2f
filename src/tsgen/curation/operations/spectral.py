"""Transforms of a series' spectrum, its linear trend set aside and put back.

Missing steps lie on the line between their neighbours meanwhile, and are missing again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Integers
from tsgen.errors import SettingsError

from .sources import Sources

__all__ = ["frequency_masking", "phase_randomisation"]

Spectra = npt.NDArray[np.complex128]


def frequency_masking(sources: Sources, draw: np.random.Generator, share: float = 0.1) -> Array:
    """Leave out a random `share` of each series' frequencies, never its mean (Chen et al. 2023)."""
    if not 0 <= share <= 1:
        raise SettingsError(f"share={share} is not possible; use a number in [0, 1].")

    def masked(spectra: Spectra, length: int) -> Spectra:
        kept = draw.random(spectra.shape) >= share
        kept[:, 0] = True
        return spectra * kept

    return _through_spectra(sources, masked)


def phase_randomisation(
    sources: Sources, draw: np.random.Generator, strength: float = 1.0, keep_season: bool = True
) -> Array:
    """Turn the phases of each series' frequencies: another series of the same spectrum.

    Surrogate data of Theiler et al. 1992. Phases turn by up to `strength` half circles; with
    `keep_season` the harmonics of the season keep theirs, so that the calendar still fits.
    """

    def turned(spectra: Spectra, length: int) -> Spectra:
        angle = strength * np.pi * draw.uniform(-1, 1, size=spectra.shape)
        angle[:, 0] = 0.0
        if keep_season and sources.season > 1:
            angle[:, _harmonics(spectra.shape[1], sources.season, length)] = 0.0
        if length % 2 == 0:
            angle[:, -1] = 0.0  # the highest frequency of an even length has no phase to turn
        rotated: Spectra = spectra * np.exp(1j * angle)
        return rotated

    return _through_spectra(sources, turned)


def _harmonics(size: int, season: int, length: int) -> Integers:
    """Return the places of the frequencies nearest to the harmonics of the season."""
    places = np.round(np.arange(1, season // 2 + 1) * length / season).astype(np.int64)
    return places[places < size]


def _through_spectra(sources: Sources, change: Callable[[Spectra, int], Spectra]) -> Array:
    """Change the spectra of all series, those of one length together."""
    values, changed = sources.filled(), np.empty_like(sources.values)
    for length in map(int, np.unique(sources.lengths)):
        places = sources.offsets[:-1][sources.lengths == length][:, None] + np.arange(length)
        rows = values[places]
        line = _lines(rows)
        changed[places] = line + np.fft.irfft(change(np.fft.rfft(rows - line), length), n=length)
    return sources.with_gaps(changed)


def _lines(rows: Array) -> Array:
    """Return the least-squares line through each row."""
    time = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    slope = rows @ time / max(float(time @ time), 1.0)
    lines: Array = rows.mean(axis=1, keepdims=True) + slope[:, None] * time
    return lines
