"""The activity models by name: a new one is a file beside this and a line here."""

from __future__ import annotations

from ..parts import PartKind, PartRegistry
from .auto import AutoActivity
from .averages import MovingAverageActivity, PopularityActivity
from .constant import ConstantActivity
from .customer_base import CustomerBaseActivity
from .gluonts_forecaster import ForecasterActivity
from .hawkes import HawkesActivity, HawkesPoissonActivity
from .learned import LearnedActivity
from .own import OwnActivity

__all__ = ["ACTIVITIES"]

_SCALES = {"decays": "decays", "support": "scale_support"}
_AUTO = {"decays": "slow_decays", "support": "scale_support", "hawkes_windows": "num_windows"}
_REFERENCE = {"ties": "reference", "predicts": "rate", "support": 0}

ACTIVITIES = PartRegistry(
    "activity",
    {
        "auto": PartKind(AutoActivity, shared=_AUTO),
        "none": PartKind(ConstantActivity),
        "popularity": PartKind(PopularityActivity),
        "moving-average": PartKind(MovingAverageActivity),
        "hawkes": PartKind(HawkesActivity, shared=_SCALES),
        "hawkes-likelihood": PartKind(HawkesActivity, {"objective": "likelihood"}, _SCALES),
        "hawkes-reference": PartKind(HawkesActivity, _REFERENCE, {"decays": "decays"}),
        "hawkes-poisson": PartKind(
            HawkesPoissonActivity, shared={**_SCALES, "num_windows": "num_windows"}
        ),
        "bg-nbd": PartKind(CustomerBaseActivity, {"model": "bg-nbd"}),
        "mbg-nbd": PartKind(CustomerBaseActivity, {"model": "mbg-nbd"}),
        "pareto-nbd": PartKind(CustomerBaseActivity, {"model": "pareto-nbd"}),
        "learned": PartKind(LearnedActivity),
        "gluonts": PartKind(ForecasterActivity),
    },
    wrap=OwnActivity,
    example="a ForecasterActivity, or an object with the method `fit` of `ActivityModel`",
    implied={"forecaster": "gluonts"},
)
""""activity" of `RIMSettings`."""
