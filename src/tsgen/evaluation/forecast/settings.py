"""What a forecasting study compares, on which data and how: one TOML file, one value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from tsgen.errors import nearest
from tsgen.settings import Settings, read_settings_file

__all__ = ["Arm", "Endpoint", "ForecastStudy", "ForecastTask", "Forecaster", "Regime"]

ForecastTask = Literal["augment", "far", "gaps", "cold_start", "direct"]
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
Share = Annotated[float, Field(gt=0, le=1)]


class Forecaster(Settings):
    """A GluonTS estimator or predictor and its settings."""

    estimator: str
    """A short name ("deepar", "simple_feedforward", "seasonal_naive", "linear", ...) or an import
    path ("package.module:Class")."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Its constructor's arguments; freq and prediction_length come from the study."""

    joint: bool | None = None
    """Whether it takes all channels of an entry at once, as forecasters that mix channels do; None
    is true of "itransformer" alone. The others take every channel as a series."""

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values; objects, such as GluonTS's outputs, as their text."""
        plain = self.model_dump(mode="json", fallback=repr)
        return plain if self.joint is not None else {k: v for k, v in plain.items() if k != "joint"}


class Arm(Settings):
    """What the forecaster is given; apart from it, all arms are treated alike."""

    method: str = "real"
    """"real" (nothing is added or filled), an augmentation, a filling, or a synthesizer."""

    ratio: float = Field(default=1.0, gt=0, le=1e6)
    """Synthetic / real series in the training set."""

    only: bool = False
    """Train on the synthetic series alone."""

    early_stopping: int = Field(default=0, ge=0)
    """Epochs without a better validation loss, on the last prediction_length real steps, after
    which training stops; 0 trains to the end."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the augmentation, or settings of the synthesizer."""

    budget: str | float | None = None
    """Processor time for training the synthesizer ("90s")."""

    constraints: str | None = None
    """What the synthesizer's series keep to: "infer" or None."""

    @model_validator(mode="after")
    def _only_what_is_made(self) -> Self:
        if self.method == "real" and (self.only or self.settings or self.budget is not None):
            raise ValueError("method 'real' makes no series, so it takes no only, settings, budget")
        return self


class Regime(Settings):
    """How much of the training part is there to learn from."""

    series: Share = 1.0
    """Share of the series, the same ones for every seed."""

    history: Share = 1.0
    """Share of each series' history, its end."""

    @property
    def name(self) -> str:
        """What tables call it."""
        parts = [f"{100 * self.series:g} % of the series"] if self.series < 1 else []
        parts += [f"{100 * self.history:g} % of the history"] if self.history < 1 else []
        return ", ".join(parts) or "all series"


class Endpoint(Settings):
    """The one comparison that a study was made for, written down before the data are read."""

    forecaster: str
    """Name of a forecaster of the study."""

    arm: str
    """The arm whose gain is in question."""

    regime: int = Field(default=0, ge=0)
    """Place of the regime in the study's list."""

    metric: Literal["mean_weighted_quantile_loss", "mase", "nrmse"] = "mean_weighted_quantile_loss"
    """What counts; lower is better for all of them."""


class ForecastStudy(Settings):
    """Does it help the forecaster? Arms × regimes × forecasters × seeds on one dataset.

    Every arm of a seed sees the same real series, the same test windows and the same seeds.

    Example:
        >>> study = ForecastStudy(
        ...     data="load",
        ...     prediction_length=24,
        ...     forecasters={"naive": {"estimator": "seasonal_naive"}},
        ...     arms={"real": {}, "jitter": {"method": "jitter", "ratio": 0.5}},
        ... )
        >>> study.arms["jitter"].ratio
        0.5
    """

    data: str
    """Name of the dataset: a file in the data folder, or a bundled sample."""

    prediction_length: int = Field(ge=1)
    """Steps forecast from each window's start."""

    forecasters: dict[str, Forecaster] = Field(min_length=1)
    """Name in the tables -> what is trained."""

    arms: dict[str, Arm] = Field(min_length=1)
    """Name in the tables -> what it is trained on."""

    question: str = ""
    """What the study is to answer, in a sentence."""

    part: Literal["test", "validation"] = "test"
    """"validation" cuts the test part off first, and takes its windows from what is left."""

    task: ForecastTask = "augment"
    """What is asked of the samples. "augment": to be trained on beside the real series. The paper's
    four: "far" (nothing after the end of training is observed), "gaps" (stretches are missing from
    the second half of the training part), "cold_start" (some series have only their last values),
    "direct" (samples are the forecast)."""

    freq: str | None = None
    """The data's frequency, to be checked; None takes it as it is."""

    panel: bool = False
    """Whether the series were observed together: they become the channels of one entry."""

    regimes: tuple[Regime, ...] = Field(default=(Regime(),), min_length=1)
    """What there is to learn from."""

    seeds: tuple[int, ...] = Field(default=(1, 2, 3), min_length=1)
    """Each repeats everything: the synthesizer, its samples, the training, the forecasts."""

    draws: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Draws of the series that a regime keeps; everything is repeated for each."""

    generator_seeds: tuple[int, ...] | None = None
    """Seeds of what makes series, crossed with `seeds` of the forecaster; None gives each seed a
    generator of its own."""

    num_windows: int = Field(default=7, ge=1)
    """Test windows a series, rolling to its end."""

    stride: int | None = Field(default=None, ge=1)
    """Steps between the starts of two windows; prediction_length if None."""

    test_on: Literal["kept", "all"] = "kept"
    """"kept" tests on the series that the regime keeps, "all" on the others as well, whose level
    the forecaster may never have met."""

    num_test_series: int | None = Field(default=None, ge=1)
    """Test on so many of these series, the same ones for every seed; None tests on all."""

    gap_length: int = Field(default=50, ge=1)
    """Task "gaps": steps of a missing stretch."""

    num_gaps: int = Field(default=1, ge=1)
    """Task "gaps": stretches taken out of each series, at places that differ by seed."""

    cold_share: Share = 0.2
    """Task "cold_start": share of the tested series that is cut; only those are scored."""

    cold_length: int = Field(default=24, ge=1)
    """Task "cold_start": values that a cut series has left."""

    primary: Endpoint | None = None
    """The comparison that counts; everything else is exploratory."""

    @field_validator("arms", "forecasters")
    @classmethod
    def _names_are_slugs(cls, named: dict[str, Any]) -> dict[str, Any]:
        for name in named:
            if not _SLUG.fullmatch(name):
                raise ValueError(
                    f"'{name}' is no name: write letters, digits, _ . + and -, a letter or digit "
                    "first, 64 at most (names become names of files)"
                )
        return named

    @field_validator("seeds", "draws", "generator_seeds")
    @classmethod
    def _different_seeds(cls, seeds: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if seeds is not None and (not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0):
            raise ValueError(f"seeds {list(seeds)} must be different whole numbers from 0")
        return seeds

    @model_validator(mode="after")
    def _draws_differ(self) -> Self:
        if len(self.draws) > 1 and any(regime.series == 1 for regime in self.regimes):
            raise ValueError("draws of the series differ only where a regime has series below 1")
        return self

    @model_validator(mode="after")
    def _check_endpoint(self) -> Self:
        if self.primary is None:
            return self
        for kind, name, names in (
            ("forecaster", self.primary.forecaster, self.forecasters),
            ("arm", self.primary.arm, self.arms),
        ):
            if name not in names:
                raise ValueError(
                    f"primary: the study has no {kind} '{name}'.{nearest(name, names)} "
                    f"It has {', '.join(names)}"
                )
        if self.primary.regime >= len(self.regimes):
            raise ValueError(f"primary: regime {self.primary.regime} of {len(self.regimes)}")
        return self

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a study from a TOML or JSON file.

        Raises:
            SettingsError: The file is unreadable, or a setting unknown or impossible.
        """
        return cls(**read_settings_file(Path(path)))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values; objects, such as GluonTS's outputs, as their text."""
        return self.model_dump(mode="json", fallback=repr)

    @property
    def step(self) -> int:
        """Steps between the starts of two windows."""
        return self.prediction_length if self.stride is None else self.stride

    @property
    def tested_steps(self) -> int:
        """Steps at the end of each series that the windows cover."""
        return (self.num_windows - 1) * self.step + self.prediction_length
