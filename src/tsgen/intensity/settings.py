"""What a RIM model is, as opposed to how it is trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from tsgen.data.event_times import read_span
from tsgen.settings import Settings

from .activity import ActivityModel, MovingAverageActivity, PopularityActivity
from .customer_base import CustomerBaseActivity
from .hawkes import HawkesActivity, HawkesPoissonActivity, decay_grid
from .relevance import PopularityRelevance, RelevanceModel
from .sequence_relevance import SequenceRelevance, SequenceSettings

__all__ = ["RIMSettings"]


class RIMSettings(Settings):
    """The settings of RIM: intensity = activity of the user times relevance of the item.

    The rows of the published comparison are combinations: "RNN-Hawkes" is `relevance="gru"`,
    `activity="hawkes"`, `repeats="none"`; plain "RNN" has `activity="none"`.
    """

    horizon: str = "14D"
    """Length of time that intensities count events over: "14D", "6h"."""

    relevance: Literal["popularity", "gru", "transformer"] = "popularity"
    """Which item, given that the user does something."""

    activity: Literal[
        "none", "popularity", "moving-average", "hawkes", "hawkes-poisson", "customer-base"
    ] = "hawkes-poisson"
    """How active the user will be; "none" gives all users 1."""

    repeats: Literal["mixture", "none", "never"] = "mixture"
    """Whether a user's own past items count by themselves ("mixture"), do not ("none"), or can
    never recur and are left out of all lists ("never")."""

    fading: float | None = Field(default=None, gt=0)
    """Horizons in which an event's weight falls by e, for popular items; None weighs all alike."""

    num_decays: int = Field(default=20, ge=1)
    """Time scales of the Hawkes models."""

    num_windows: int = Field(default=1, ge=1)
    """Last horizons that "hawkes-poisson" learns from."""

    network: SequenceSettings = Field(default_factory=SequenceSettings)
    """The network of "gru" and "transformer"."""

    @field_validator("horizon", mode="before")
    @classmethod
    def _check_horizon(cls, value: Any) -> str:
        read_span(value)
        return str(value)

    @property
    def span(self) -> int:
        """The horizon in microseconds."""
        return read_span(self.horizon)

    def activity_model(self) -> ActivityModel | None:
        """Return the activity model, unfitted."""
        decays = decay_grid(self.num_decays)
        models: dict[str, ActivityModel | None] = {
            "none": None,
            "popularity": PopularityActivity(),
            "moving-average": MovingAverageActivity(),
            "hawkes": HawkesActivity(decays=decays),
            "hawkes-poisson": HawkesPoissonActivity(decays=decays, num_windows=self.num_windows),
            "customer-base": CustomerBaseActivity(),
        }
        return models[self.activity]

    def relevance_model(self) -> RelevanceModel:
        """Return the relevance model, unfitted."""
        if self.relevance == "popularity":
            return PopularityRelevance(self.fading)
        return SequenceRelevance(self.relevance, self.network)
