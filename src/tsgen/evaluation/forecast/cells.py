"""One cell of a forecasting study: an arm, a forecaster and a seed under a regime, to numbers."""

from __future__ import annotations

import hashlib
import inspect
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.contracts import SeriesSampler, SynthesizerFactory
from tsgen.curation import TRANSFORMS, Transform, seeded
from tsgen.data import SeriesDataset
from tsgen.errors import OutputError, SettingsError, TrainingInterruptedError, nearest
from tsgen.persistence import load
from tsgen.results import library_versions
from tsgen.rng import seed_argument
from tsgen.storage import write_atomically
from tsgen.training import TrainingOptions

from .arms import (
    draw_forecasts,
    draw_over,
    draw_series,
)
from .estimators import train_forecaster
from .filling import FILLINGS
from .regime_windows import Scene, TestWindows, make_scene
from .scores import METRICS, metric_of, score_forecasts
from .settings import Arm, ForecastStudy

__all__ = [
    "Cell",
    "CellRunner",
    "cell_versions",
    "cells_of",
    "check_arms",
    "read_cell",
    "write_cell",
]

_FORMAT = 1  # raised whenever the numbers of a cell would come out differently
_PICTURED = 3
_BANDS = ("0.1", "0.5", "0.9")


@dataclass(frozen=True)
class Cell:
    """A place in the study; its file's name changes with all that the study and the data say.

    What else its numbers depend on, the versions of libraries, is noted in the file.

    Attributes:
        regime: Position in the study's regimes.
        seed: The seed.
        arm: Name of the arm.
        forecaster: Name of the forecaster; "samples" where the samples are the forecast.
    """

    regime: int
    seed: int
    arm: str
    forecaster: str

    def path(self, study: ForecastStudy, fingerprint: str, folder: Path) -> Path:
        """Return where the cell is kept; `fingerprint` is the dataset's."""
        fields = study.to_json()
        for name in ("question", "seeds", "arms", "forecasters", "regimes", "primary", "data"):
            del fields[name]
        fields |= {
            "format": _FORMAT,
            "fingerprint": fingerprint,
            "regime": study.regimes[self.regime].to_json(),
            "arm": study.arms[self.arm].to_json(),
            "forecaster": self._forecaster(study),
        }
        text = json.dumps(fields, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:10]
        return folder / f"{self.arm}-{self.forecaster}-{self.seed}-{digest}.json"

    def _forecaster(self, study: ForecastStudy) -> Any:
        known = study.forecasters.get(self.forecaster)
        return self.forecaster if known is None else known.to_json()


def cells_of(study: ForecastStudy) -> list[Cell]:
    """Return all cells, in the order in which they are computed: seed by seed."""
    return [
        Cell(regime, seed, arm, forecaster)
        for regime in range(len(study.regimes))
        for seed in study.seeds
        for arm in study.arms
        for forecaster in (
            ["samples"]
            if study.task == "direct" and study.arms[arm].method != "real"
            else study.forecasters
        )
    ]


def check_arms(study: ForecastStudy, synthesizers: Mapping[str, SynthesizerFactory]) -> None:
    """Raise SettingsError unless an arm's method exists, suits the task and takes its settings."""
    suited: dict[str, Any] = {"real": None, **synthesizers}
    if study.task == "augment":
        suited |= TRANSFORMS
    elif study.task != "direct":
        suited |= FILLINGS
    for name, arm in study.arms.items():
        if arm.method not in suited:
            raise SettingsError(
                f"Arm '{name}': there is no method '{arm.method}' for the task '{study.task}'."
                f"{nearest(arm.method, suited)} It takes {', '.join(suited)}."
            )
        try:
            _check_settings(arm, synthesizers)
        except (SettingsError, TypeError) as error:
            raise SettingsError(f"Arm '{name}', method '{arm.method}': {error}") from None


def _check_settings(arm: Arm, synthesizers: Mapping[str, SynthesizerFactory]) -> None:
    """Let what takes the settings of an arm say what is wrong with them."""
    if arm.budget is not None:
        TrainingOptions(budget=arm.budget)
    if arm.method in TRANSFORMS:
        inspect.signature(TRANSFORMS[arm.method]).bind(None, None, **arm.settings)
    elif arm.method in synthesizers:
        synthesizers[arm.method](**arm.settings)
    elif arm.settings:
        raise SettingsError(f"it takes no settings; leave out {', '.join(arm.settings)}.")


def cell_versions() -> dict[str, str]:
    """Return the versions by which a cell's numbers may change though its study does not."""
    versions = library_versions()
    return {name: versions[name] for name in ("tsgen", "gluonts", "torch")}


def read_cell(path: Path) -> dict[str, Any] | None:
    """Return a finished cell, or None if there is none (or it cannot be read)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_cell(path: Path, content: Mapping[str, Any]) -> None:
    """Write a finished cell, whole or not at all."""
    with write_atomically(path, overwrite=True) as file:
        file.write_text(json.dumps(content) + "\n", encoding="utf-8")


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
        self.synthesizers = synthesizers
        self.models = models
        self._place: tuple[int, int] | None = None
        self._scene: Scene | None = None
        self._fitted: dict[str, tuple[SeriesSampler, float]] = {}

    def run(self, cell: Cell) -> dict[str, Any]:
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

    def _compute(self, cell: Cell) -> dict[str, Any]:
        scene, arm = self._scene_of(cell), self.study.arms[cell.arm]
        windows = scene.windows(self.study)
        facts: dict[str, Any] = {}
        if cell.forecaster == "samples":
            model, facts["synthesizer_seconds"] = self._synthesizer(arm, cell, scene)
            with seeded(cell.seed, "forecast"):
                made = list(draw_forecasts(model, windows, scene.known, cell.seed, arm.constraints))
        else:
            training, seen, seconds = self._given(arm, cell, scene)
            if seconds is not None:
                facts["synthesizer_seconds"] = seconds
            facts["series_trained_on"] = len(training)
            made = self._forecasts(cell, training, windows.seen_through(seen))
        parts = score_forecasts(made, windows, scene.season)
        facts["metrics"] = {name: float(metric_of(parts, name)) for name in METRICS}
        facts["windows"] = _digest(windows)
        facts["series"] = {name: [float(f"{v:.7g}") for v in part] for name, part in parts.items()}
        if cell.seed == self.study.seeds[0]:
            facts["pictures"] = _pictures(made, windows, self.study)
        return facts

    def _scene_of(self, cell: Cell) -> Scene:
        if self._place != (cell.regime, cell.seed) or self._scene is None:
            regime = self.study.regimes[cell.regime]
            self._scene = make_scene(self.dataset, self.study, regime, cell.seed)
            self._place, self._fitted = (cell.regime, cell.seed), {}
        return self._scene

    def _given(
        self, arm: Arm, cell: Cell, scene: Scene
    ) -> tuple[SeriesDataset, SeriesDataset, float | None]:
        """Return what the arm trains on, what it sees at the windows, and the synthesizer's cost.

        The cost is None where no synthesizer is used.
        """
        real, seconds = scene.training(), None
        if arm.method == "real":
            return real, scene.seen, None
        if self.study.task != "augment":
            if arm.method in FILLINGS:
                values = FILLINGS[arm.method](scene.seen, scene.season)
            else:
                model, seconds = self._synthesizer(arm, cell, scene)
                needed = np.union1d(scene.kept, scene.tested)
                values = draw_over(
                    model, scene.seen, scene.known, needed, cell.seed, arm.constraints
                )
            filled = replace(scene.seen, values=values)
            return scene.training(filled), filled, seconds
        if arm.method in TRANSFORMS:
            transform = Transform(arm.method, arm.settings, scene.season)
            made = transform(real, arm.ratio, seed=cell.seed)
        else:
            model, seconds = self._synthesizer(arm, cell, scene)
            made = draw_series(model, real, arm.ratio, cell.seed, arm.constraints)
        return made if arm.only else SeriesDataset.concat([real, made]), scene.seen, seconds

    def _synthesizer(self, arm: Arm, cell: Cell, scene: Scene) -> tuple[SeriesSampler, float]:
        """Return the arm's synthesizer, trained once for all arms that share it."""
        training = scene.training()
        if self.study.task == "gaps":  # as in the paper: on the part before the first gap
            halves = training.lengths // 2
            training = training.cut(np.arange(len(training)), np.zeros_like(halves), halves)
        facts = [arm.method, arm.settings, arm.budget, cell.seed, training.fingerprint()]
        name = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
        if name not in self._fitted:
            self._fitted[name] = self._fit_or_load(arm, cell.seed, training, name)
        return self._fitted[name]

    def _fit_or_load(
        self, arm: Arm, seed: int, training: SeriesDataset, name: str
    ) -> tuple[SeriesSampler, float]:
        place = None if self.models is None else self.models / name
        if place is not None and place.is_dir():
            return load(place, device="cpu"), float(
                (place.with_suffix(".seconds")).read_text(encoding="utf-8")
            )
        options = TrainingOptions(
            seed=seed, budget=arm.budget, budget_clock="cpu", device="cpu", progress=False
        )
        begin = time.process_time()
        model = self.synthesizers[arm.method](**arm.settings).train(training, options=options)
        seconds = round(time.process_time() - begin, 1)
        if place is not None and hasattr(model, "save"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_suffix(".seconds").write_text(str(seconds), encoding="utf-8")
            model.save(place)
        return model, seconds

    def _forecasts(self, cell: Cell, training: SeriesDataset, windows: TestWindows) -> list[Any]:
        arm, length = self.study.arms[cell.arm], self.study.prediction_length
        validation = None
        if arm.early_stopping:
            real = training.subset(~training.synthetic)
            validation, training = real, _without_end(training, length)
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


def _pictures(made: list[Any], windows: TestWindows, study: ForecastStudy) -> dict[str, Any]:
    """Return past, truth and forecast bands of the last window of the first few series."""
    shown = np.arange(study.num_windows - 1, len(made), study.num_windows)[:_PICTURED]
    past = 3 * study.prediction_length
    entries = windows.input
    begin = [max(0, len(entries[i]["target"]) - past) for i in shown]
    return {
        "items": [str(windows.dataset.item_ids[windows.rows[i]]) for i in shown],
        "past": [_plain(entries[i]["target"][b:]) for i, b in zip(shown, begin, strict=True)],
        "truth": [_plain(windows.truth[i]) for i in shown],
        "bands": [[_plain(made[i][level]) for level in _BANDS] for i in shown],
    }


def _plain(values: Any) -> list[float | None]:
    """Return values that JSON can say; a missing one is null."""
    return [None if np.isnan(v) else float(f"{v:.6g}") for v in values]
