"""What a RIM model is, as opposed to how it is trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainSerializer, PlainValidator, field_validator, model_validator

from tsgen.data.events import read_span
from tsgen.errors import nearest
from tsgen.settings import Settings

from .activity import (
    ActivityModel,
    CustomerBaseActivity,
    ForecasterActivity,
    HawkesActivity,
    HawkesPoissonActivity,
    LearnedActivity,
    MovingAverageActivity,
    PopularityActivity,
    decay_grid,
)
from .presets import PRESETS
from .relevance import (
    FactorRelevance,
    FactorSettings,
    OwnRelevance,
    PopularityRelevance,
    RandomRelevance,
    RelevanceModel,
    SequenceRelevance,
    SequenceSettings,
)

__all__ = ["RIMSettings"]

RelevanceName = Literal["popularity", "gru", "transformer", "als", "bpr", "random", "own"]


ActivityName = Literal[
    "none",
    "popularity",
    "moving-average",
    "hawkes",
    "hawkes-likelihood",
    "hawkes-reference",
    "hawkes-poisson",
    "bg-nbd",
    "mbg-nbd",
    "pareto-nbd",
    "learned",
]


def _read_activity(value: Any) -> Any:
    if isinstance(value, ForecasterActivity):
        return value
    if isinstance(value, dict):
        return ForecasterActivity.read(value)
    names = get_args(ActivityName)
    if value in names:
        return value
    raise ValueError(
        f"{value!r} is not possible.{nearest(value, names)} Use {', '.join(names)}, or a "
        "ForecasterActivity"
    )


def _read_relevance(value: Any) -> Any:
    names = get_args(RelevanceName)
    if value in names if isinstance(value, str) else isinstance(value, RelevanceModel):
        return value
    raise ValueError(
        f"{value!r} is not possible.{nearest(value, names)} Use {', '.join(names[:-1])}, or an "
        "object with the method `fit` of `RelevanceModel`"
    )


class RIMSettings(Settings):
    """The settings of RIM: intensity = activity of the user times relevance of the item.

    The models of the published comparison are one setting each, `preset`: "rand", "pop", "ema",
    "hawkes", "hp", "rnn", "rnn-pop", "rnn-ema", "rnn-hawkes", "rnn-hp", "transformer",
    "transformer-pop", "transformer-ema", "transformer-hawkes", "transformer-hp".
    """

    preset: str | None = None
    """A model of the published comparison; settings that are given go before it."""

    horizon: str = "14D"
    """Length of time that intensities count events over: "14D", "6h"."""

    relevance: Annotated[
        RelevanceName | RelevanceModel,
        PlainValidator(_read_relevance),
        PlainSerializer(lambda v: v if isinstance(v, str) else "own", when_used="json"),
    ] = "popularity"
    """Which item, given that the user does something: "popularity", "gru", "transformer", "als" or
    "bpr" (with the package `implicit`), "random", or an object of your own; see `RelevanceModel`.
    A saved model calls the latter "own"."""

    activity: Annotated[
        ActivityName | ForecasterActivity,
        PlainValidator(_read_activity),
        PlainSerializer(lambda v: v if isinstance(v, str) else v.to_json(), when_used="json"),
    ] = "hawkes-poisson"
    """How active the user will be: "none" (1 for all users), "popularity", "moving-average",
    "hawkes" (least squares), "hawkes-likelihood", "hawkes-reference" (treats ties in time as the
    authors' code does and predicts the rate at the request instead of a count), "hawkes-poisson",
    the customer-base models with drop-out "bg-nbd", "mbg-nbd" and "pareto-nbd", "learned" (a small
    network, see `LearnedActivity`), or any GluonTS forecaster as a `ForecasterActivity`."""

    repeats: Literal["learned", "mixture", "none", "never"] = "learned"
    """What the past of a pair, and the items that go with those of a user, say: learnt by a small
    network ("learned", see `LearnedPairs`), a share for coming back ("mixture", see
    `RepeatMixture`), nothing ("none"), or that seen pairs can never recur, so that they are left
    out of all lists ("never")."""

    fading: float | None = Field(default=None, gt=0)
    """Horizons in which an event's weight falls by e, for popular items; None weighs all alike."""

    num_decays: int = Field(default=20, ge=1)
    """Time scales of the Hawkes models."""

    scale_support: int = Field(default=50, ge=0)
    """Users (of few, half of them) who must show a time scale of the Hawkes models, by an event
    that recent, for it to carry weight; scales below the stamps' resolution never do. 0 gives every
    scale weight, as in the published comparison."""

    num_windows: int = Field(default=1, ge=1)
    """Last horizons that "hawkes-poisson" learns from."""

    network: SequenceSettings = Field(default_factory=SequenceSettings)
    """The network of "gru" and "transformer"."""

    factors: FactorSettings = Field(default_factory=FactorSettings)
    """The factorisation of "als" and "bpr"."""

    @model_validator(mode="before")
    @classmethod
    def _fill_preset(cls, given: Any) -> Any:
        """Add what the preset stands for, where nothing else is given."""
        name = given.get("preset") if isinstance(given, dict) else None
        if name is None:
            return given
        if name not in PRESETS:
            raise ValueError(
                f"preset={name!r} is not possible.{nearest(name, PRESETS)} Use one of: "
                f"{', '.join(PRESETS)}"
            )
        known = PRESETS[name] | given
        if isinstance(given.get("network"), dict):  # a part of it leaves the rest to the preset
            known["network"] = PRESETS[name].get("network", {}) | given["network"]
        return known

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
        if isinstance(self.activity, ForecasterActivity):
            return self.activity
        decays, support = decay_grid(self.num_decays), self.scale_support
        models: dict[str, ActivityModel | None] = {
            "none": None,
            "popularity": PopularityActivity(),
            "moving-average": MovingAverageActivity(),
            "hawkes": HawkesActivity(decays=decays, support=support),
            "hawkes-likelihood": HawkesActivity(
                decays=decays, objective="likelihood", support=support
            ),
            "hawkes-reference": HawkesActivity(decays=decays, ties="reference", predicts="rate"),
            "hawkes-poisson": HawkesPoissonActivity(
                decays=decays, num_windows=self.num_windows, support=support
            ),
            "bg-nbd": CustomerBaseActivity("bg-nbd"),
            "mbg-nbd": CustomerBaseActivity("mbg-nbd"),
            "pareto-nbd": CustomerBaseActivity("pareto-nbd"),
            "learned": LearnedActivity(),
        }
        return models[self.activity]

    def relevance_model(self) -> RelevanceModel:
        """Return the relevance model, unfitted."""
        if isinstance(self.relevance, RelevanceModel) or self.relevance == "own":
            return OwnRelevance(None if isinstance(self.relevance, str) else self.relevance)
        if self.relevance == "popularity":
            return PopularityRelevance(self.fading)
        if self.relevance == "random":
            return RandomRelevance()
        if self.relevance == "als" or self.relevance == "bpr":
            return FactorRelevance(self.relevance, self.factors)
        return SequenceRelevance(self.relevance, self.network)
