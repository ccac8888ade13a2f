"""Hyper-parameters of PSA-GAN, with the two presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tsgen.settings import HyperparameterSettings

from .memory import DynamicFacts
from .windows import level_lengths

__all__ = ["Loss", "PSAGANSettings"]

Loss = Literal["lsgan", "relativistic", "hinge"]

_PAPER: Mapping[str, Any] = {
    "batch_size": 512,
    "num_steps": 0,  # stands for the paper's number, which depends on the length
    "loss": "lsgan",
    "moment_weight": 1.0,
    "energy_weight": 0.0,
    "step_weight": 0.0,
    "age_blur": 0.0,
    "r1_weight": 0.0,
    "learning_rate": 5e-5,
    "learning_rate_discriminator": 5e-5,
    "betas": (0.9, 0.999),
    "gradient_clip": 0.0,
    "decay_share": 0.0,
    "ema_decay": 0.0,
    "fade_in": 0.5,
    "alternate": True,
    "scaling": "min-max",
    "calendar": "linear",
    "age": "log",
    "id_dropout": 0.0,
    "min_observed": 1.0,
}
"""What preset="paper" sets, where the caller does not (reference values of the authors' logs)."""

_NETWORK_SETTINGS = (
    "channels",
    "latent_size",
    "embedding_size",
    "noise",
    "attention_max_length",
    "minibatch_deviation",
    "window_scale",
    "statics",
)
"""Settings of the default preset's networks; the paper's networks have none of them."""


class PSAGANSettings(HyperparameterSettings):
    """What a PSA-GAN is. Every departure from the paper is one setting."""

    preset: Literal["default", "paper"] = "default"
    """"default": quick and for any length. "paper": networks, losses and schedule as published."""

    freq: str | None = None
    """Frequency the data must have ("h"); None takes the data's own."""

    target_length: int = Field(default=64, ge=8, le=1024)
    """Steps of a generated window; for preset="paper" a power of two from 16."""

    batch_size: int = Field(default=64, ge=2)
    """Windows in a batch."""

    num_steps: int = Field(default=4000, ge=0)
    """Training steps of all stages together; a time budget replaces it. For preset="paper" 0 means
    the paper's number, 100 for each of its epochs."""

    schedule: tuple[int, ...] | None = None
    """Steps of each stage, coarse to fine, to replay a training; None derives them."""

    loss: Loss = "relativistic"
    """Adversarial loss; the paper's is "lsgan"."""

    moment_weight: float = Field(default=0.0, ge=0)
    """Weight of the paper's moment loss (the paper: 1)."""

    energy_weight: float = Field(default=3.0, ge=0)
    """Weight of the energy score of coarse windows, which holds draws of one series and time to the
    variety that is real (the paper: none)."""

    step_weight: float = Field(default=0.0, ge=0)
    """Weight of the score of single steps (CRPS), which holds each step's draws to the spread that
    its conditions leave (the paper: none)."""

    r1_weight: float = Field(default=0.01, ge=0)
    """Weight of the penalty on the discriminator's gradient at real windows (the paper: 0)."""

    r1_interval: int = Field(default=16, ge=1)
    """Steps from one evaluation of that penalty to the next."""

    learning_rate: float = Field(default=3e-3, gt=0)
    """Adam's learning rate of the generator (the paper: 5e-5)."""

    learning_rate_discriminator: float = Field(default=3e-3, gt=0)
    """Adam's learning rate of the discriminator (the paper: 5e-5)."""

    betas: tuple[float, float] = (0.0, 0.99)
    """Adam's decay rates (the paper: 0.9, 0.999)."""

    gradient_clip: float = Field(default=0.0, ge=0)
    """Greatest norm of a player's gradient, beyond which it is scaled down; 0 for none (the
    paper)."""

    decay_share: float = Field(default=0.3, ge=0, le=1)
    """Last share of the training in which the learning rates fall linearly (the paper: 0)."""

    decay_floor: float = Field(default=0.1, ge=0, le=1)
    """Share of the learning rates that is left at the end."""

    ema_decay: float = Field(default=0.995, ge=0, lt=1)
    """Decay of the generator's moving average, from which samples are drawn (the paper: 0)."""

    fade_in: float = Field(default=0.3, ge=0, le=1)
    """Share of a stage in which its finest level fades in (the paper: half of a middle stage)."""

    alternate: bool = False
    """Give each batch to one player only, in turn, after a head start of the discriminator, as the
    paper does; otherwise each batch updates both."""

    scaling: Literal["standard", "min-max"] = "standard"
    """How each series is scaled before training (the paper: "min-max")."""

    calendar: Literal["cyclic", "peaks", "linear"] = "cyclic"
    """Calendar features as sines and cosines ("peaks": more of them for the year, for what is
    narrow in it), or linear with jumps (the paper)."""

    holidays: str | None = None
    """Country whose public holidays are features too ("DE", "US", a part of one "DE-BY"), for weeks
    and shorter steps; by the package of the same name, an extra."""

    age: Literal["centred", "log", "none"] = "centred"
    """Feature of the place within the series (the paper: "log")."""

    age_blur: float = Field(default=0.2, ge=0)
    """Deviation of the noise on a training window's age, as a share of the longest series: draws
    then vary as the weeks around their time do (the paper: none)."""

    statics: Literal["embedded", "columns", "encoder"] = "embedded"
    """How the networks see the statics of a series: an embedding of each category by itself, with
    numbers carried along without influence ("embedded"); or categories and numbers together,
    described column by column ("columns") or by a pretrained encoder of the table of all series
    ("encoder", see `tsgen.features.TabularEncoder`), so that a new store is drawn like its kind."""

    id_dropout: float = Field(default=0.1, ge=0, lt=1)
    """Share of windows trained without their series' identity, and half of these without their
    static categories, so that new series and new categories can be drawn."""

    dynamic_dropout: float = Field(default=0.05, ge=0, lt=1)
    """Share of windows trained without a feature that changes in time, for each feature by itself,
    so that windows with missing features can be drawn."""

    min_observed: float = Field(default=0.5, gt=0, le=1)
    """Share of a training window's steps that must be observed."""

    channels: tuple[int, ...] = Field(default=(48, 48, 40, 32, 24, 16), min_length=1)
    """Channels of each level, coarse to fine; the last one serves all further levels."""

    latent_size: int = Field(default=32, ge=1)
    """Numbers in the latent vector."""

    embedding_size: int = Field(default=16, ge=1)
    """Numbers in the embedding of a series."""

    noise: bool = False
    """Whether fresh noise enters the generator at every level, besides the latent vector."""

    attention_max_length: int = Field(default=8, ge=0)
    """Levels up to this length have self-attention; 0 for none."""

    minibatch_deviation: bool = False
    """Whether the discriminator sees the spread over the batch."""

    window_scale: bool = True
    """Whether shape, level and spread of a window are generated and judged apart."""

    def __init__(self, /, **fields: Any) -> None:
        if fields.get("preset") == "paper":
            fields = {**_PAPER, **fields}
        super().__init__(**fields)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.preset == "paper":
            self._check_paper()
        stages = len(level_lengths(self.target_length))
        if self.schedule is not None and (
            len(self.schedule) != stages or min(self.schedule) < 0 or self.schedule[-1] < 1
        ):
            raise ValueError(
                f"schedule={list(self.schedule)} does not fit target_length={self.target_length}: "
                f"give {stages} numbers of steps, coarse to fine, the last above 0"
            )
        if self.preset == "default" and self.num_steps < stages:
            raise ValueError(
                f"num_steps={self.num_steps} is too few for {stages} stages; give {stages} or more"
            )
        return self

    def _check_paper(self) -> None:
        length = self.target_length
        if length < 16 or length & (length - 1):
            raise ValueError(
                f"target_length={length} is not possible with preset='paper', which needs a power "
                "of two from 16; use one, or preset='default'"
            )
        for name in _NETWORK_SETTINGS:
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(
                    f"{name} is a setting of preset='default'; the paper has no such part"
                )

    @classmethod
    def restored(cls, facts: Mapping[str, Any]) -> Self:
        """Return the settings of a saved model, from what was written."""
        return cls(**facts)

    def num_covariates(self, dynamic: DynamicFacts) -> int:
        """Return how many channels of features the networks see within a window."""
        return dynamic.num_channels

    @property
    def lengths(self) -> tuple[int, ...]:
        """Length of each level, coarse to fine."""
        return level_lengths(self.target_length)

    @property
    def level_channels(self) -> tuple[int, ...]:
        """Channels of each level, coarse to fine."""
        count = len(self.lengths)
        return (self.channels + (self.channels[-1],) * count)[:count]

    def stage_shares(self, seconds_per_step: Sequence[float] | None = None) -> tuple[float, ...]:
        """Return each stage's share of the steps or, given the seconds a step costs, of the time.

        Preset "paper": 1,000 epochs a stage and 500 more for the last (the authors' schedule), in
        steps, so the time follows the costs. Preset "default": each stage has 2.7 times the time of
        the one before; without costs, twice its steps.
        """
        count = len(self.lengths)
        if self.preset == "paper":
            weights = [1000.0] * (count - 1) + [1500.0 if count > 1 else 1000.0]
            if seconds_per_step is not None:
                weights = [w * s for w, s in zip(weights, seconds_per_step, strict=True)]
        elif seconds_per_step is not None:
            weights = [2.7**stage for stage in range(count)]
        else:
            weights = [2.0**stage for stage in range(count)]
        return tuple(weight / sum(weights) for weight in weights)

    def steps_by_stage(self) -> tuple[int, ...]:
        """Return the steps of each stage when no budget is given."""
        if self.schedule is not None:
            return self.schedule
        shares = self.stage_shares()
        total = self.num_steps
        if self.preset == "paper" and total == 0:
            total = 100 * (1000 * len(shares) + 500)
        spare = total - len(shares)  # every stage gets one step at the least
        edges = [round(spare * edge) for edge in accumulate(shares, initial=0.0)]
        return tuple(1 + after - before for before, after in pairwise(edges))

    def fade_in_steps(self, schedule: Sequence[int]) -> tuple[int, ...]:
        """Return the steps in which each stage's finest level fades in."""
        longer = (
            2 / 3 if self.preset == "paper" else 1.0
        )  # the last stage fades as long as the others
        last = len(schedule) - 1
        return tuple(
            round(self.fade_in * steps * (longer if stage == last else 1.0))
            for stage, steps in enumerate(schedule)
        )
