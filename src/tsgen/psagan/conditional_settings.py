"""Hyper-parameters of PSA-GAN-C, the generator that looks at the values around its window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tsgen.data.series import Calendar
from tsgen.errors import SettingsError

from .memory import DynamicFacts
from .settings import PSAGANSettings
from .windows import WindowContext

__all__ = ["PSAGANContextSettings", "refuse_other_networks"]

_LONGEST_SEASON = 200
"""Cycles of more steps than this are left to the calendar features, unless `seasons` names them."""

_LONGEST_WINDOW = 64
"""Forecasts beyond this many steps are put together from several windows, unless `target_length` is
set."""

_PAPER: Mapping[str, Any] = {
    "gap_share": 0.0,
    "frame_scale": False,
    "discriminator_context": False,
    "step_weight": 0.0,
    "held_out_share": 0.0,
}
"""What preset="paper" sets besides the settings of the model without a context."""

_SERIES_WEIGHT, _LONG = 0.05, 20
"""What the whole series weighs, and from how many frames on."""

_EARLIER: Mapping[str, Any] = {"series_weight": _SERIES_WEIGHT}
"""What models of earlier versions were trained with, where their folders do not say it."""


class PSAGANContextSettings(PSAGANSettings):
    """What a PSA-GAN-C is. Every departure from the paper is one setting."""

    prediction_length: int | None = Field(default=None, ge=1)
    """Steps of a forecast; None is `target_length`. Beyond `target_length` the model goes on from
    its own draws."""

    target_length: int = Field(default=_LONGEST_WINDOW, ge=8, le=1024)
    """Steps of a generated window; derived from `prediction_length` where that is set. For gaps,
    best as long as the longer ones of them."""

    context_length: int | None = Field(default=None, ge=1, le=4096)
    """Steps before the window that the model looks at. None takes two windows, or the longest of
    the seasons if that is more (the paper: 64, at most the window)."""

    gap_share: float = Field(default=0.3, ge=0, le=1)
    """Share of the training windows that hide a gap, between values known on both sides; in the
    others the future is hidden. At 0 the model forecasts only (the paper)."""

    seasons: tuple[int, ...] | None = None
    """Steps after which values are expected to come again, (24, 168) for hours. None takes the
    cycles of the calendar."""

    frame_scale: bool = True
    """Whether each window is scaled by what is known around it, so that levels never seen in
    training are no surprise (the paper: by its whole series only)."""

    series_weight: float | None = Field(default=None, ge=0, le=1)
    """Weight of the whole series in that scale, as a share of the steps of a window and what is
    around it. In short series what is known then tells how far the rest must lie on the other side
    of their mean, and forecasts learn to return to the mean. None is 0.05 where half of the series
    have 20 times as many steps or more, and 0 in others (models of earlier versions: 0.05)."""

    discriminator_context: bool = True
    """Whether the discriminator sees the values around the window too (the paper: it does not)."""

    id_dropout: float = Field(default=0.5, ge=0, lt=1)
    """Share of windows trained without their series' identity, and half of these without their
    static categories: what comes next is to be told from what was (the paper: none)."""

    age: Literal["centred", "log", "none"] = "none"
    """Feature of the place within the series; a forecast lies beyond all places trained on."""

    noise: bool = True
    """Whether fresh noise enters the generator at every level, besides the latent vector."""

    step_weight: float = Field(default=10.0, ge=0)
    """Weight of the score of single steps (CRPS), which holds each step's draws to the spread that
    its context leaves (the paper: none)."""

    gradient_clip: float = Field(default=5.0, ge=0)
    """Greatest norm of a player's gradient, beyond which it is scaled down (the paper: none). What
    is drawn here has no bound, and one odd frame can otherwise throw both players off for good."""

    held_out_share: float = Field(default=0.05, ge=0, le=0.3)
    """Share of the steps, the ends of some series, that training does not learn from: how wide
    forecasts must be is found on them (the paper: 0, as wide as they come)."""

    hold_non_negative: bool = True
    """Whether draws stay at zero or above where no observed value of their series is below."""

    def __init__(self, /, **fields: Any) -> None:
        paper = fields.get("preset") == "paper"
        horizon = fields.get("prediction_length")
        if isinstance(horizon, int) and "target_length" not in fields:
            fields["target_length"] = _window_for(horizon, paper)
        super().__init__(**({**_PAPER, **fields} if paper else fields))

    @classmethod
    def restored(cls, facts: Mapping[str, Any]) -> Self:
        """Return settings of a saved model; those that it was saved without are as they were."""
        return cls(**{**_EARLIER, **facts})

    @model_validator(mode="after")
    def _check_statics(self) -> Self:
        if self.statics != "embedded":
            raise ValueError(
                f"statics='{self.statics}' is a setting of PSA-GAN without a context; PSA-GAN-C "
                "embeds static categories"
            )
        return self

    @model_validator(mode="after")
    def _check_seasons(self) -> Self:
        if self.seasons is not None and any(season < 2 for season in self.seasons):
            raise ValueError(f"seasons={list(self.seasons)}: a season has 2 steps or more")
        if self.preset == "paper" and (self.gap_share or self.seasons):
            raise ValueError(
                "gap_share and seasons are settings of preset='default'; the paper has no such part"
            )
        return self

    def num_covariates(self, dynamic: DynamicFacts) -> int:
        """Return how many channels of features the networks see within a window: those known ahead.

        Of past features, and of the others too, they see the steps before the window.
        """
        return dynamic.num_ahead

    @property
    def horizon(self) -> int:
        """Steps of a forecast."""
        return self.prediction_length or self.target_length

    def resolved(self, calendar: Calendar, steps: float = 0) -> Self:
        """Return the settings with all that is derived fixed.

        Args:
            calendar: The one in use.
            steps: Of half of the series, at the least.
        """
        paper, window = self.preset == "paper", self.target_length
        seasons, context = self.seasons, self.context_length
        if seasons is None:
            longest = 0 if paper else min(_LONGEST_SEASON, context or _LONGEST_SEASON)
            seasons = tuple(steps for steps in calendar.cycles if 2 <= steps <= longest)
        if context is None:
            context = min(64, window) if paper else max(2 * window, *seasons, 0)
        weight = self.series_weight
        if weight is None:
            around = context * (2 if self.gap_share > 0 else 1)
            weight = _SERIES_WEIGHT if steps >= _LONG * (window + around) else 0.0
        derived = {"seasons": seasons, "context_length": context, "series_weight": weight}
        return self.model_copy(update=derived)

    def window_context(
        self, dynamic: DynamicFacts | None = None, num_channels: int = 1
    ) -> WindowContext:
        """Return how contexts are built; for resolved settings, and data of such features."""
        before = self.context_length or 0
        after = before if self.gap_share > 0 else 0
        beside = 0 if dynamic is None else dynamic.num_channels
        seasons = self.seasons or ()
        return WindowContext(
            before,
            after,
            self.lengths,
            seasons,
            self.frame_scale,
            beside,
            num_channels,
            self.series_weight or 0.0,
        )


_OF_TRAINING = {
    "freq", "batch_size", "num_steps", "schedule", "loss", "moment_weight", "energy_weight",
    "step_weight", "r1_weight", "r1_interval", "learning_rate", "learning_rate_discriminator",
    "betas", "gradient_clip", "decay_share", "decay_floor", "ema_decay", "fade_in", "alternate",
    "age_blur", "id_dropout", "dynamic_dropout", "min_observed", "gap_share", "prediction_length",
    "hold_non_negative", "held_out_share",
}  # fmt: skip
"""Settings that change how networks are trained and used, not what they are."""


def refuse_other_networks(asked: PSAGANSettings, fitted: PSAGANSettings) -> None:
    """Refuse resolved settings whose networks are not those of a fitted model.

    Raises:
        SettingsError: A setting that shapes the networks differs.
    """
    ours, theirs = asked.model_dump(), fitted.model_dump()
    for values in (ours, theirs):
        if "gap_share" in values:
            values["gap_share"] = values["gap_share"] > 0
    for name in ours:
        shapes = name == "gap_share" or name not in _OF_TRAINING
        if shapes and ours[name] != theirs[name]:
            value = getattr(fitted, name)
            raise SettingsError(
                f"{name}={getattr(asked, name)!r} makes other networks than those of the "
                f"fitted model, which has {name}={value!r}; set it so, or train anew."
            )


def _window_for(horizon: int, paper: bool) -> int:
    """Return the window for a prediction length: as long, or a power of two for the paper."""
    if paper:
        return max(16, min(1 << (horizon - 1).bit_length(), _LONGEST_WINDOW))
    return min(max(horizon, 8), _LONGEST_WINDOW)
