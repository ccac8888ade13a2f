"""What a study of audiences asks of a model; RIM answers, and anything else that scores pairs."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

__all__ = ["AudienceEstimator", "AudienceModel", "Intensities"]


class Intensities(Protocol):
    """Expected events in the horizon of n users (rows) and m items (columns), read in blocks."""

    @property
    def user_ids(self) -> pd.Index[Any]:
        """(n,) ids."""
        ...

    @property
    def item_ids(self) -> pd.Index[Any]:
        """(m,) ids."""
        ...

    @property
    def excluded(self) -> sp.csr_array | None:
        """(n, m) sparse, other than 0 for pairs without a score; None excludes none."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and items."""
        ...

    def block(self, rows: slice, columns: slice) -> npt.NDArray[Any]:
        """Return a part as a new dense array of floats."""
        ...


class AudienceModel(Protocol):
    """A fitted model that knows users and items up to a time."""

    @property
    def cutoff(self) -> pd.Timestamp:
        """The time that ends what the model has learnt from, with a zone."""
        ...

    @property
    def horizon(self) -> str:
        """Length of time that intensities count events over, such as "14D"."""
        ...

    def scores(self, *, at: Any = None, events: Any = None) -> Intensities:
        """Return the intensities from `at` on, of the histories in `events` if given."""
        ...

    def probability(self, intensity: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return the chance of at least one event of a pair with this intensity."""
        ...


class AudienceEstimator(Protocol):
    """What makes such a model out of an event log."""

    @property
    def horizon(self) -> str:
        """Length of time that intensities count events over, such as "14D"."""
        ...

    def train(self, events: Any, *, at: Any = None, options: Any = None) -> AudienceModel:
        """Learn from the events before `at`."""
        ...
