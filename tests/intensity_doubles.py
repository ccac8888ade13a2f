"""Parts of a RIM of a few lines, which remember what they were given."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tsgen.errors import DataError
from tsgen.intensity.activity import ActivityPart
from tsgen.intensity.parts import Part
from tsgen.intensity.relevance import PopularityRelevance
from tsgen.intensity.settings import RIMSettings


@dataclass
class Rate(ActivityPart):
    """An activity: a hundred events for each of the user's past ones; too short a log fails.

    Attributes:
        fails_before: A log that ends so many days before the last one it was given, or more, is
            too short; None never is.
        fits: (histories, horizon, options) of each fit.
        fitted: What each gave.
    """

    fails_before: int | None = None
    fits: list[Any] = field(default_factory=list)
    fitted: list[Any] = field(default_factory=list)
    latest: int = 0

    def fit(self, histories, horizon, options=None):
        at = int(histories.at.max())
        self.latest = max(self.latest, at)
        if self.fails_before is not None and at < self.latest - self.fails_before * horizon:
            raise DataError("The log is too short.")
        if self.fails_before == -1:
            raise DataError("The log is too short.")
        self.fits.append((histories, horizon, options))
        self.fitted.append(FittedRate())
        return self.fitted[-1]

    def from_arrays(self, arrays, saved):
        raise NotImplementedError


@dataclass(eq=False)
class FittedRate:
    """The state is the number of past events, the intensity a hundred times that."""

    factor: float = 100.0
    blends: list[Any] = field(default_factory=list)
    expects_counts = True
    has_folder = False

    def state(self, histories):
        return histories.lengths[:, None].astype(float)

    def intensity(self, state, elapsed=0.0):
        return self.factor * state[:, 0]

    def blended(self, other, share, now):
        self.blends.append((self, other, share, now))
        return self

    def arrays(self):
        return {}


@dataclass(eq=False)
class Even:
    """A fitted relevance: all items alike, or as the shares say."""

    shares: Any

    @property
    def item_factors(self):
        return np.zeros((len(self.shares), 1), np.float32)

    @property
    def item_bias(self):
        with np.errstate(divide="ignore"):
            return np.log(np.asarray(self.shares, float)).astype(np.float32)

    def users(self, histories):
        return np.zeros((len(histories), 1), np.float32), np.zeros(len(histories), np.float32)


class _Remembering:
    def __init__(self):
        self.fits, self.fitted = [], []

    def fit(self, histories, horizon, options, *, held_out):
        self.fits.append((histories, horizon, options, held_out.copy()))
        num = histories.events.num_items
        self.fitted.append(Even(np.full(num, 1 / num)))
        return self.fitted[-1]


class HeldOut(_Remembering, Part):
    """A relevance that learns as a network does, once."""

    expensive = True


class Countable(_Remembering, PopularityRelevance):
    """A relevance that counts, as popularity does."""

    def __init__(self):
        PopularityRelevance.__init__(self)
        object.__setattr__(self, "fits", [])
        object.__setattr__(self, "fitted", [])


def recorded_settings(activity_double, relevance_double, **settings):
    """Return settings whose activity and relevance are these objects."""

    class Recorded(RIMSettings):
        def activity_model(self):
            return activity_double

        def relevance_model(self):
            return relevance_double

    return Recorded(**settings)
