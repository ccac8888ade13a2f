"""The synthesizers of a study, each trained once for all arms that share it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsgen.contracts import SeriesSampler, SynthesizerFactory
from tsgen.persistence import load
from tsgen.storage import write_text
from tsgen.training import TrainingOptions

from .settings import Arm

__all__ = ["TrainedSynthesizers"]


class TrainedSynthesizers:
    """Trains synthesizers, and keeps them.

    Args:
        factories: Method name -> synthesizer factory.
        folder: Where trained ones that can be saved are kept; None keeps them in memory only.
    """

    def __init__(
        self, factories: Mapping[str, SynthesizerFactory], folder: Path | None = None
    ) -> None:
        self.factories, self.folder = dict(factories), folder
        self._trained: dict[str, tuple[SeriesSampler, float]] = {}

    def trained(self, arm: Arm, training: Any, seed: int) -> tuple[SeriesSampler, float]:
        """Return an arm's synthesizer, and the processor seconds that its training took."""
        facts = [arm.method, arm.settings, arm.budget, seed, training.fingerprint()]
        name = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
        if name not in self._trained:
            self._trained[name] = self._read(name) or self._train(arm, training, seed, name)
        return self._trained[name]

    def forget(self) -> None:
        """Let go of what is in memory: arms of another regime or seed share nothing of it."""
        self._trained = {}

    def _read(self, name: str) -> tuple[SeriesSampler, float] | None:
        if self.folder is None or not (self.folder / name).is_dir():
            return None
        place = self.folder / name
        seconds = place.with_suffix(".seconds").read_text(encoding="utf-8")
        return load(place, device="cpu"), float(seconds)

    def _train(self, arm: Arm, training: Any, seed: int, name: str) -> tuple[SeriesSampler, float]:
        options = TrainingOptions(
            seed=seed, budget=arm.budget, budget_clock="cpu", device="cpu", progress=False
        )
        begin = time.process_time()
        model = self.factories[arm.method](**arm.settings).train(training, options=options)
        seconds = round(time.process_time() - begin, 1)
        if self.folder is not None and hasattr(model, "save"):
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            write_text(place.with_suffix(".seconds"), str(seconds), overwrite=True)
            model.save(place)
        return model, seconds
