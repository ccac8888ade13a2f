"""The arms of a study: each gives the forecaster its training set, or is the forecast itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from gluonts.model.forecast import SampleForecast

from tsgen.contracts import SeriesSampler
from tsgen.curation import TRANSFORMS, Transform
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import rejoined
from tsgen.errors import SettingsError, nearest
from tsgen.training import TrainingOptions

from .filling import FILLINGS
from .regime_windows import Scene, TestWindows
from .samples import draw_forecasts, draw_over, draw_series
from .settings import Arm, ForecastStudy
from .synthesizers import TrainedSynthesizers

__all__ = [
    "DirectArm",
    "FillingArm",
    "ForecastArm",
    "RealArm",
    "SampledArm",
    "SampledFillingArm",
    "TrainingSet",
    "TransformArm",
    "arms_of",
    "check_arms",
]


@dataclass(frozen=True)
class TrainingSet:
    """What an arm gives a forecaster.

    Attributes:
        series: To train on.
        seen: All series of the scene as the forecaster sees them before a window.
        seconds: Processor time of training the synthesizer; None where there is none.
    """

    series: SeriesDataset
    seen: SeriesDataset
    seconds: float | None = None


class ForecastArm(Protocol):
    """An arm at work."""

    @property
    def settings(self) -> Arm:
        """What the study says of it."""
        ...

    def check(self) -> None:
        """Let what takes the arm's settings say what is wrong with them."""
        ...

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return what the forecaster is given in one regime and seed."""
        ...


@dataclass(frozen=True)
class RealArm:
    """The real series as they are."""

    settings: Arm

    def check(self) -> None:
        """Refuse settings."""
        _refuse_settings(self.settings)

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return the real series."""
        return TrainingSet(scene.training(), scene.seen)


@dataclass(frozen=True)
class TransformArm:
    """Transformed copies beside the real series, or alone."""

    settings: Arm

    def check(self) -> None:
        """Bind the settings to the transform's arguments."""
        transform = TRANSFORMS[self.settings.method]
        inspect.signature(transform).bind(None, None, **self.settings.settings)

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return the real series and `ratio` times as many copies."""
        real = scene.training()
        transform = Transform(self.settings.method, self.settings.settings, scene.season)
        if not scene.channels:
            made = transform(real, self.settings.ratio, seed=scene.seed)
        else:  # one seed for all channels, so that what is moved is moved in all
            parts = rejoined(real, scene.channels).parts
            each = [transform(part, self.settings.ratio, seed=scene.seed) for part in parts]
            made = MultivariateDataset(tuple(each), scene.channels).series
        return TrainingSet(_beside(real, made, self.settings), scene.seen)


@dataclass(frozen=True)
class FillingArm:
    """Gaps filled by a plain rule."""

    settings: Arm

    def check(self) -> None:
        """Refuse settings."""
        _refuse_settings(self.settings)

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return the series without gaps."""
        values = FILLINGS[self.settings.method](scene.seen, scene.season)
        filled = replace(scene.seen, values=values)
        return TrainingSet(scene.training(filled), filled)


@dataclass(frozen=True)
class _SynthesizerArm:
    """What the arms of a synthesizer share.

    Attributes:
        settings: The arm's.
        synthesizers: Trains it, once for all arms that share it.
        before_gaps: Whether it learns from the first half of each training part alone, before the
            first gap, as in the paper.
    """

    settings: Arm
    synthesizers: TrainedSynthesizers
    before_gaps: bool = False

    def check(self) -> None:
        """Make the estimator of the settings."""
        self.synthesizers.factories[self.settings.method](**self.settings.settings)

    def _trained(self, scene: Scene) -> tuple[SeriesSampler, float]:
        training = scene.training()
        if self.before_gaps:
            halves = training.lengths // 2
            training = training.cut(np.arange(len(training)), np.zeros_like(halves), halves)
        joined = rejoined(training, scene.channels) if scene.channels else training
        return self.synthesizers.trained(self.settings, joined, scene.seed)


class SampledArm(_SynthesizerArm):
    """A synthesizer's series beside the real ones, or alone."""

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return the real series and `ratio` times as many synthetic ones."""
        real, arm = scene.training(), self.settings
        model, seconds = self._trained(scene)
        joined = rejoined(real, scene.channels) if scene.channels else real
        made = draw_series(model, joined, arm.ratio, scene.seed, arm.constraints)
        if scene.channels:
            made = made.series
        return TrainingSet(_beside(real, made, arm), scene.seen, seconds)


class SampledFillingArm(_SynthesizerArm):
    """Gaps filled by one draw of a synthesizer."""

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return the series without gaps, as far as they are trained on or tested."""
        model, seconds = self._trained(scene)
        needed = np.union1d(scene.kept, scene.tested)
        values = draw_over(
            model, scene.seen, scene.training_parts, needed, scene.seed, self.settings.constraints
        )
        filled = replace(scene.seen, values=values)
        return TrainingSet(scene.training(filled), filled, seconds)


class DirectArm(_SynthesizerArm):
    """A synthesizer whose samples are the forecast."""

    def training_set(self, scene: Scene) -> TrainingSet:
        """Return what the synthesizer learns from; no forecaster is trained."""
        return TrainingSet(scene.training(), scene.seen, self._trained(scene)[1])

    def forecasts(self, scene: Scene, windows: TestWindows) -> Iterator[SampleForecast]:
        """Yield the samples at each window's time."""
        model, _ = self._trained(scene)
        return draw_forecasts(
            model, windows, scene.training_parts, scene.seed, self.settings.constraints
        )


def arms_of(study: ForecastStudy, synthesizers: TrainedSynthesizers) -> dict[str, ForecastArm]:
    """Return the arms of a study at work, by name.

    Raises:
        SettingsError: An arm's method does not exist or does not suit the task.
    """
    kinds = _kinds(study, synthesizers)
    arms = {}
    for name, arm in study.arms.items():
        if arm.method not in kinds:
            raise SettingsError(
                f"Arm '{name}': there is no method '{arm.method}' for the task '{study.task}'."
                f"{nearest(arm.method, kinds)} It takes {', '.join(kinds)}."
            )
        arms[name] = kinds[arm.method](arm)
    return arms


def check_arms(study: ForecastStudy, synthesizers: TrainedSynthesizers) -> None:
    """Raise SettingsError unless an arm's method exists, suits the task and takes its settings."""
    for name, arm in arms_of(study, synthesizers).items():
        try:
            if arm.settings.budget is not None:
                TrainingOptions(budget=arm.settings.budget)
            arm.check()
        except (SettingsError, TypeError) as error:
            method = arm.settings.method
            raise SettingsError(f"Arm '{name}', method '{method}': {error}") from None


def _kinds(
    study: ForecastStudy, synthesizers: TrainedSynthesizers
) -> dict[str, Callable[[Arm], ForecastArm]]:
    """Return method -> maker of its arm, for the study's task."""
    before_gaps = study.task == "gaps"

    def of_synthesizer(arm: Arm) -> ForecastArm:
        if study.task == "augment":
            return SampledArm(arm, synthesizers)
        if study.task == "direct":
            return DirectArm(arm, synthesizers)
        return SampledFillingArm(arm, synthesizers, before_gaps)

    kinds: dict[str, Callable[[Arm], ForecastArm]] = {"real": RealArm}
    kinds |= dict.fromkeys(synthesizers.factories, of_synthesizer)
    if study.task == "augment":
        kinds |= dict.fromkeys(TRANSFORMS, TransformArm)
    elif study.task != "direct":
        kinds |= dict.fromkeys(FILLINGS, FillingArm)
    return kinds


def _beside(real: SeriesDataset, made: SeriesDataset, arm: Arm) -> SeriesDataset:
    return made if arm.only else SeriesDataset.concat([real, made])


def _refuse_settings(arm: Arm) -> None:
    if arm.settings:
        raise SettingsError(f"it takes no settings; leave out {', '.join(arm.settings)}.")
