"""Cells are computed: an arm, a forecaster and a seed under a regime, to numbers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.contracts import SynthesizerFactory
from tsgen.curation import seeded
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import rejoined
from tsgen.errors import OutputError, TrainingInterruptedError, TsgenError
from tsgen.rng import seed_argument

from .arms import DirectArm, TrainingSet, arms_of
from .cells import ForecastCell, cell_versions
from .estimators import is_joint, split_channels, train_forecaster, train_many, trains_many
from .pictures import last_medians, scored_items, window_pictures
from .regime_windows import Scene, TestWindows, make_scene
from .scores import METRICS, metric_of, score_forecasts
from .settings import Forecaster, ForecastStudy
from .synthesizers import TrainedSynthesizers

__all__ = ["CellRunner"]


class CellRunner:
    """Computes cells; keeps what the cells of one regime and seed share.

    Args:
        study: The study.
        dataset: What `check_dataset` gave.
        synthesizers: Method name -> synthesizer factory.
        models: Folder to keep trained synthesizers in; None keeps them in memory only.
        channels: Names of the channels of which `dataset` holds the series, one after another.
        pending: Cells that will be asked for; those of a forecaster that trains many seeds at once
            are trained together.
    """

    def __init__(
        self,
        study: ForecastStudy,
        dataset: SeriesDataset,
        synthesizers: Mapping[str, SynthesizerFactory],
        models: Path | None = None,
        pending: Sequence[ForecastCell] = (),
        channels: tuple[str, ...] = (),
    ) -> None:
        self.study = study
        self.dataset = dataset
        self.synthesizers = TrainedSynthesizers(synthesizers, models)
        self.arms = arms_of(study, self.synthesizers)
        self.pending, self.channels = set(pending), channels
        self._stacked: dict[ForecastCell, Any] = {}
        self._scenes: dict[ForecastCell, Scene] = {}
        self._place: tuple[int, int] | None = None

    def run(self, cell: ForecastCell) -> dict[str, Any]:
        """Return the cell's numbers, or the reason why there are none."""
        place = {"regime": self.study.regimes[cell.regime].name, "seed": cell.seed}
        place |= {"arm": cell.arm, "forecaster": cell.forecaster, "versions": cell_versions()}
        if self.study.draws != (0,):
            place["draw"] = cell.draw
        if cell.generator is not None:
            place["generator"] = cell.generator
        begin = time.process_time()
        self.pending.discard(cell)
        try:
            content = self._compute(cell)
        except (TrainingInterruptedError, OutputError):  # no fault of the forecaster
            raise
        except Exception as error:  # whatever a forecaster throws: the other cells go on
            return place | {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
        seconds = time.process_time() - begin
        return place | content | {"cpu_seconds": round(seconds, 1)}

    def _compute(self, cell: ForecastCell) -> dict[str, Any]:
        scene, arm = self._scene_of(cell), self.arms[cell.arm]
        windows, given = scene.windows(self.study), arm.training_set(scene)
        facts: dict[str, Any] = {}
        if given.seconds is not None:
            facts["synthesizer_seconds"] = given.seconds
        if isinstance(arm, DirectArm):
            with seeded(cell.seed, "forecast"):
                made = list(arm.forecasts(scene, windows))
        else:
            facts["series_trained_on"] = len(given.series)
            made = self._forecasts(cell, given, windows.seen_through(given.seen))
        parts = score_forecasts(made, windows, scene.season)
        facts["metrics"] = {name: float(metric_of(parts, name)) for name in METRICS}
        facts["windows"] = _digest(windows)
        facts["items"] = scored_items(windows)
        facts["series"] = {name: [float(f"{v:.7g}") for v in part] for name, part in parts.items()}
        if cell.seed == self.study.seeds[0]:
            facts["pictures"] = window_pictures(made, windows, self.study)
            facts["medians"] = last_medians(made, self.study)
        return facts

    def _scene_of(self, cell: ForecastCell) -> Scene:
        if self._place != (cell.regime, cell.draw):  # nothing is shared with what came before
            self._place, self._scenes = (cell.regime, cell.draw), {}
            self.synthesizers.forget()
        key = replace(cell, arm="", forecaster="")
        if key not in self._scenes:
            regime = self.study.regimes[cell.regime]
            self._scenes[key] = make_scene(
                self.dataset, self.study, regime, cell.seed,
                draw=cell.draw, generator=cell.generator, channels=self.channels,
            )  # fmt: skip
        return self._scenes[key]

    def _forecasts(self, cell: ForecastCell, given: TrainingSet, windows: TestWindows) -> list[Any]:
        predictor = self._predictor(cell, given)
        with seeded(cell.seed, "forecast"):
            seeded_draws = seed_argument(predictor.predict, cell.seed)
            if not self._joint(self.study.forecasters[cell.forecaster]):
                return list(predictor.predict(windows.input, **seeded_draws))
            made = list(predictor.predict(windows.joint_input(self.channels), **seeded_draws))
            return split_channels(made, len(self.channels))

    def _joint(self, spec: Forecaster) -> bool:
        return bool(self.channels) and is_joint(spec)

    def _given(
        self, spec: Forecaster, series: SeriesDataset
    ) -> SeriesDataset | MultivariateDataset:
        """Return series as a forecaster takes them: those of an entry together, or each alone."""
        if not self._joint(spec):
            return series
        sides = [series.subset(m) for m in (~series.synthetic, series.synthetic) if m.any()]
        return MultivariateDataset.concat([rejoined(side, self.channels) for side in sides])

    def _predictor(self, cell: ForecastCell, given: TrainingSet) -> Any:
        arm, length = self.study.arms[cell.arm], self.study.prediction_length
        spec = self.study.forecasters[cell.forecaster]
        training, validation = given.series, None
        if trains_many(spec) and not arm.early_stopping:
            return self._one_of_many(cell)
        if arm.early_stopping:
            validation = training.subset(~training.synthetic)
            training = _without_end(training, length)
        with seeded(cell.seed, "training"):
            return train_forecaster(
                spec, self._given(spec, training), length, self._scene_of(cell).season,
                validation=None if validation is None else self._given(spec, validation),
                patience=arm.early_stopping,
            )  # fmt: skip

    def _one_of_many(self, cell: ForecastCell) -> Any:
        """Return a cell's predictor, trained with all pending cells that differ by seeds alone."""
        if cell not in self._stacked:
            group = [c for c in self.pending if _but_seeds(c) == _but_seeds(cell)]
            cells = sorted({cell, *group}, key=lambda c: (c.seed, c.generator or 0))
            try:
                self._stacked |= self._trained_together(cells)
            except TsgenError:  # perhaps of another cell, which then fails by itself
                self._stacked |= self._trained_together([cell])
        return self._stacked.pop(cell)

    def _trained_together(self, cells: list[ForecastCell]) -> dict[ForecastCell, Any]:
        sets = [self.arms[c.arm].training_set(self._scene_of(c)).series for c in cells]
        made = train_many(
            self.study.forecasters[cells[0].forecaster],
            [(c.seed, series) for c, series in zip(cells, sets, strict=True)],
            self.study.prediction_length,
            self._scene_of(cells[0]).season,
        )
        return dict(zip(cells, made, strict=True))


def _but_seeds(cell: ForecastCell) -> ForecastCell:
    return replace(cell, seed=0, generator=None)


def _without_end(training: SeriesDataset, length: int) -> SeriesDataset:
    """Return the series without their last `length` steps, which decide when training stops."""
    ends = training.lengths - length
    return training.cut(np.arange(len(training)), np.zeros_like(ends), ends)


def _digest(windows: TestWindows) -> str:
    """Return what tells whether two cells were asked the same questions."""
    digest = hashlib.sha256(np.nan_to_num(windows.truth, nan=-1.0).tobytes())
    digest.update(windows.rows.tobytes() + windows.begins.tobytes())
    return digest.hexdigest()[:16]
