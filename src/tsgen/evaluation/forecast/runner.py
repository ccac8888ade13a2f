"""Cells are computed: an arm, a forecaster and a seed under a regime, to numbers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.contracts import SynthesizerFactory
from tsgen.curation import seeded
from tsgen.data import SeriesDataset
from tsgen.errors import OutputError, TrainingInterruptedError
from tsgen.rng import seed_argument

from .arms import DirectArm, TrainingSet, arms_of
from .cells import ForecastCell, cell_versions
from .estimators import train_forecaster
from .pictures import window_pictures
from .regime_windows import Scene, TestWindows, make_scene
from .scores import METRICS, metric_of, score_forecasts
from .settings import ForecastStudy
from .synthesizers import TrainedSynthesizers

__all__ = ["CellRunner"]


class CellRunner:
    """Computes cells; keeps what the cells of one regime and seed share.

    Args:
        study: The study.
        dataset: What `check_dataset` gave.
        synthesizers: Method name -> synthesizer factory.
        models: Folder to keep trained synthesizers in; None keeps them in memory only.
    """

    def __init__(
        self,
        study: ForecastStudy,
        dataset: SeriesDataset,
        synthesizers: Mapping[str, SynthesizerFactory],
        models: Path | None = None,
    ) -> None:
        self.study = study
        self.dataset = dataset
        self.synthesizers = TrainedSynthesizers(synthesizers, models)
        self.arms = arms_of(study, self.synthesizers)
        self._place: tuple[int, int] | None = None
        self._scene: Scene | None = None

    def run(self, cell: ForecastCell) -> dict[str, Any]:
        """Return the cell's numbers, or the reason why there are none."""
        place = {"regime": self.study.regimes[cell.regime].name, "seed": cell.seed}
        place |= {"arm": cell.arm, "forecaster": cell.forecaster, "versions": cell_versions()}
        begin = time.process_time()
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
        facts["series"] = {name: [float(f"{v:.7g}") for v in part] for name, part in parts.items()}
        if cell.seed == self.study.seeds[0]:
            facts["pictures"] = window_pictures(made, windows, self.study)
        return facts

    def _scene_of(self, cell: ForecastCell) -> Scene:
        if self._place != (cell.regime, cell.seed) or self._scene is None:
            regime = self.study.regimes[cell.regime]
            self._scene = make_scene(self.dataset, self.study, regime, cell.seed)
            self._place = (cell.regime, cell.seed)
            self.synthesizers.forget()
        return self._scene

    def _forecasts(self, cell: ForecastCell, given: TrainingSet, windows: TestWindows) -> list[Any]:
        arm, length = self.study.arms[cell.arm], self.study.prediction_length
        training, validation = given.series, None
        if arm.early_stopping:
            validation = training.subset(~training.synthetic)
            training = _without_end(training, length)
        with seeded(cell.seed, "training"):
            predictor = train_forecaster(
                self.study.forecasters[cell.forecaster],
                training,
                length,
                self._scene_of(cell).season,
                validation=validation,
                patience=arm.early_stopping,
            )
        with seeded(cell.seed, "forecast"):
            seeded_draws = seed_argument(predictor.predict, cell.seed)
            return list(predictor.predict(windows.input, **seeded_draws))


def _without_end(training: SeriesDataset, length: int) -> SeriesDataset:
    """Return the series without their last `length` steps, which decide when training stops."""
    ends = training.lengths - length
    return training.cut(np.arange(len(training)), np.zeros_like(ends), ends)


def _digest(windows: TestWindows) -> str:
    """Return what tells whether two cells were asked the same questions."""
    digest = hashlib.sha256(np.nan_to_num(windows.truth, nan=-1.0).tobytes())
    digest.update(windows.rows.tobytes() + windows.begins.tobytes())
    return digest.hexdigest()[:16]
