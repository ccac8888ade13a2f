"""What rooms ask of each other's models, as protocols; and estimators by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Floats, Integers, Mask, Singles
from tsgen.data import Interactions, SeriesDataset, Vocabulary
from tsgen.scores import ScoreMatrix, ScoreParts
from tsgen.training import TrainingOptions

from .registry import registered

__all__ = [
    "ACTIVITY_MODELS",
    "AUDIENCE_ESTIMATORS",
    "SYNTHESIZERS",
    "AudienceEstimator",
    "AudienceModel",
    "Intensities",
    "Lessons",
    "ListingModel",
    "LoggedModel",
    "MarketEstimator",
    "MarketModel",
    "PartedModel",
    "SeriesSampler",
    "Synthesizer",
    "SynthesizerFactory",
    "TeachingModel",
    "TowerLearner",
    "activity_model",
    "audience_estimator",
    "synthesizer_factory",
]


class SeriesSampler(Protocol):
    """A fitted synthesizer, such as `PSAGANSynthesizer`."""

    def sample_after(
        self,
        like: SeriesDataset,
        rows: Integers,
        starts: Integers,
        lengths: Integers,
        *,
        constraints: Any = None,
        seed: int | None = None,
    ) -> SeriesDataset:
        """Draw series after the entries `rows` of `like`, from `starts`, of `lengths` steps."""
        ...


class Synthesizer(Protocol):
    """A synthesizer with its settings, such as `PSAGANEstimator`."""

    def train(self, dataset: SeriesDataset, /, *, options: TrainingOptions) -> SeriesSampler:
        """Fit it to a dataset."""
        ...


SynthesizerFactory = Callable[..., Synthesizer]
"""Its settings, by name -> a synthesizer; the class itself will do."""

SYNTHESIZERS: dict[str, str | SynthesizerFactory] = {
    "psa-gan": "tsgen.psagan:PSAGANEstimator",
    "psa-gan-c": "tsgen.psagan:PSAGANForecastEstimator",
}
"""Name -> factory, or the "module:name" it is imported from when it is first asked for."""


AUDIENCE_ESTIMATORS: dict[str, str | Callable[..., Any]] = {"rim": "tsgen.intensity:RIMEstimator"}
"""Name -> estimator class, or the "module:name" it is imported from when first asked for."""


ACTIVITY_MODELS: dict[str, str | Callable[..., Any]] = {
    "gluonts": "tsgen.intensity:ForecasterActivity"
}
"""Name -> class of an activity model, or the "module:name" it is imported from when asked for."""


def activity_model(name: str) -> Callable[..., Any]:
    """Return the class of an activity model that takes more than a name.

    Raises:
        SettingsError: There is no such activity model.
    """
    return cast(Callable[..., Any], registered(ACTIVITY_MODELS, name, "activity model"))


def audience_estimator(name: str) -> Callable[..., Any]:
    """Return the audience estimator class of a name.

    Raises:
        SettingsError: There is no such estimator.
    """
    return cast(Callable[..., Any], registered(AUDIENCE_ESTIMATORS, name, "audience estimator"))


def synthesizer_factory(name: str) -> SynthesizerFactory:
    """Return the synthesizer class of a name.

    Raises:
        SettingsError: There is no such synthesizer.
    """
    return cast(SynthesizerFactory, registered(SYNTHESIZERS, name, "synthesizer"))


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

    def block(self, rows: slice, columns: slice) -> AnyArray:
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

    def probability(self, intensity: Floats) -> Array:
        """Return the chance of at least one event of a pair with this intensity."""
        ...


class PartedModel(AudienceModel, Protocol):
    """An audience model whose intensities are activity × (relevance + own past)."""

    @property
    def user_attributes(self) -> pd.DataFrame | None:
        """One row a user: user_id and attributes; None if it knows of none."""
        ...

    def score_parts(self, *, at: Any = None, events: Any = None) -> ScoreParts:
        """Return what the intensities of the users known to exist are the product of."""
        ...


class ListingModel(Protocol):
    """A model that lists the users for a campaign, and knows their attributes."""

    @property
    def user_attributes(self) -> pd.DataFrame | None:
        """One row a user: user_id and attributes; None if it knows of none."""
        ...

    def audience(
        self, items: Any, *, threshold: float | None = None, at: Any = None, events: Any = None
    ) -> pd.DataFrame:
        """Return user_id, intensity and more of who may be listed, best first."""
        ...


class LoggedModel(PartedModel, Protocol):
    """A model of parts that keeps what it has learnt from."""

    @property
    def all_items(self) -> Vocabulary:
        """The items that it scores, those without events included."""
        ...

    @property
    def log(self) -> Interactions | None:
        """The events before the cut-off, with the attributes of users; None if not kept."""
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


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a model teaches towers: some requests (r), and what it gives their pairs (r, m).

    Attributes:
        inputs: (r, k) sparse, what is known of a request; the first m and the next m inputs are of
            the items.
        shares: (r, m) of each request's events.
        activity: (r,) expected events.
        seen: (r, m) sparse, other than 0 for the pairs that have occurred, which are not taught.
        now: (r,) requests at the training cut-off, each of another user.
        seed: Of what is drawn.
    """

    inputs: sp.csr_array
    shares: ScoreMatrix
    activity: Array
    seen: sp.csr_array
    now: Mask
    seed: int


TowerLearner = Callable[[Lessons], dict[str, Singles]]
"""Lessons -> arrays of towers of rank d with h hidden units: item_factors (m, d), item_bias (m,),
inputs (k, d + 1), inner (h, d + 1), inner_bias (h,), outer (d + 1, h); log share = u . v + a + b,
(u, a) = t + outer silu(inner t + inner_bias), t = request's inputs . inputs."""


class TeachingModel(AudienceModel, Protocol):
    """An audience model that can teach."""

    def distilled(self, learn: TowerLearner, *, log: Any = None, seed: int | None = None) -> Self:
        """Return the model with towers, that have learnt from it, in the place of its relevance."""
        ...


class MarketModel(AudienceModel, Protocol):
    """An audience model that can forget users, and has facts of its training."""

    @property
    def summary(self) -> dict[str, Any]:
        """Facts about the training."""
        ...

    def forget(self, users: Any) -> MarketModel:
        """Return the model without these users."""
        ...


class MarketEstimator(Protocol):
    """What makes such a model out of an event log."""

    def train(self, events: Any, *, at: Any = None, options: Any = None) -> MarketModel:
        """Learn from the events before `at`."""
        ...
