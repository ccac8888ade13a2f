"""What a RIM model is, as opposed to how it is trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import Field, PlainSerializer, PlainValidator, field_validator, model_validator

from tsgen.arrays import Array
from tsgen.data.events import read_span
from tsgen.errors import nearest
from tsgen.settings import HyperparameterSettings

from .activity import ACTIVITIES, ActivityModel, ActivityPart, decay_grid, shortest_scale
from .pairs import PairSettings
from .parts import PartChoice
from .presets import PRESETS
from .relevance import (
    RELEVANCES,
    FactorSettings,
    RelevanceModel,
    RelevancePart,
    SequenceSettings,
)

__all__ = ["RIMSettings"]


class RIMSettings(HyperparameterSettings):
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
        str | PartChoice | RelevanceModel,
        PlainValidator(RELEVANCES.read),
        PlainSerializer(RELEVANCES.to_json, when_used="json"),
    ] = "auto"
    """Which item, given that the user does something: "auto" (popularity, whose fading is learnt
    from past horizons, see `AutoRelevance`), "popularity", "gru", "transformer", "als" or
    "bpr" (with the package `implicit`), "bm25" (item-kNN), "random", a recommender that was fitted
    elsewhere, as `RecommenderRelevance`, or an object of your own; see `RelevanceModel`. A saved
    model calls the latter two "recommender" and "own". With settings of its own it is a table, as
    is `activity`: {"model": "popularity", "fading": 2}."""

    activity: Annotated[
        str | PartChoice | ActivityModel,
        PlainValidator(ACTIVITIES.read),
        PlainSerializer(ACTIVITIES.to_json, when_used="json"),
    ] = "auto"
    """How active the user will be: "auto" (several models stacked by how they fared in past
    horizons, see `AutoActivity`), "none" (1 for all users), "popularity", "moving-average",
    "hawkes" (least squares), "hawkes-likelihood", "hawkes-reference" (treats ties in time as the
    authors' code does and predicts the rate at the request instead of a count), "hawkes-poisson",
    the customer-base models with drop-out "bg-nbd", "mbg-nbd" and "pareto-nbd", "learned" (a small
    network, see `LearnedActivity`), any GluonTS forecaster as a `ForecasterActivity`, or an object
    of your own; see `ActivityModel`. With settings of its own it is a table: {"model": "learned",
    "hidden_size": 64}, on the command line `activity.model=learned activity.hidden_size=64`."""

    repeats: Literal["learned", "mixture", "none", "never"] = "learned"
    """What the past of a pair, and the items that go with those of a user, say: learnt by a small
    network ("learned", see `LearnedPairs`), a share for coming back ("mixture", see
    `RepeatMixture`), nothing ("none"), or that seen pairs can never recur, so that they are left
    out of all lists ("never")."""

    fading: float | None = Field(default=None, gt=0)
    """Horizons in which an event's weight falls by e, for popular items; None weighs all alike, or
    learns it with `relevance="auto"`."""

    num_decays: int = Field(default=20, ge=1)
    """Time scales of the Hawkes models: from a millionth of a horizon, with "auto" from half one
    (of days: from two of them), to ten."""

    scale_support: int = Field(default=50, ge=0)
    """Users (of few, half of them) who must show a time scale of the Hawkes models, by an event
    that recent, for it to carry weight; scales below the stamps' resolution never do. 0 gives every
    scale weight, as in the published comparison."""

    num_windows: int | None = Field(default=None, ge=1)
    """Last horizons that "hawkes-poisson" learns from; None is one, and up to three where it is
    among the models of "auto"."""

    new_items: Literal["student", "encoder", "neighbours", "equal"] = "student"
    """How items without events get their relevance, from attributes: by where a student of the
    items' embeddings puts them ("student", see `tsgen.features.DistilledItems`), the same where the
    student sees a pretrained encoding of the attributes ("encoder", see
    `tsgen.features.EncodedItems`), by the likeness of attributes ("neighbours"), or from the items
    that equal them in the most ("equal")."""

    new_users: Literal["columns", "encoder", "none"] = "columns"
    """What users without events get by their attributes, in a table of users: lifts of the activity
    and of the items by what users of such columns did ("columns"), the same by a pretrained
    `tsgen.features.TabularEncoder` of the table ("encoder"), or what all without events get
    ("none"). From the first event on the history says it."""

    keep_events: bool = True
    """Keep who did what when with the model, for `RIMModel.update` and for reasons in lists; False
    keeps only what lists need."""

    pairs: PairSettings = Field(default_factory=PairSettings)
    """What is looked at of pairs, and the network of `repeats="learned"`."""

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
        if not isinstance(name, str) or name not in PRESETS:
            raise ValueError(
                f"preset={name!r} is not possible.{nearest(str(name), PRESETS)} Use one of: "
                f"{', '.join(PRESETS)}"
            )
        filled = PRESETS[name] | given
        if isinstance(given.get("network"), dict):  # a part of it leaves the rest to the preset
            filled["network"] = PRESETS[name].get("network", {}) | given["network"]
        return filled

    @field_validator("horizon", mode="before")
    @classmethod
    def _check_horizon(cls, value: Any) -> str:
        read_span(value)
        return str(value)

    @property
    def span(self) -> int:
        """The horizon in microseconds."""
        return read_span(self.horizon)

    @property
    def decays(self) -> Array:
        """The decays of the Hawkes models, (K,) in 1 / horizons."""
        return decay_grid(self.num_decays)

    @property
    def slow_decays(self) -> Array:
        """Those of "auto", whose scales are half a horizon at least; see `shortest_scale`."""
        return decay_grid(self.num_decays, shortest=shortest_scale(self.span))

    def activity_model(self) -> ActivityPart:
        """Return the activity model, unfitted."""
        return cast(ActivityPart, ACTIVITIES.make(self.activity, self))

    def relevance_model(self) -> RelevancePart:
        """Return the relevance model, unfitted."""
        return cast(RelevancePart, RELEVANCES.make(self.relevance, self))
