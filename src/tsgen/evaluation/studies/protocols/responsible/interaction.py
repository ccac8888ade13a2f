"""Does a multivariate forecaster use the other series? See `tsgen.responsible.interaction_study`.

An arm is a forecaster; its series are those of a table that were observed together, its last
`steps` if that is given. With `synthesizer`, the forecaster is trained on windows of a PSA-GAN that
has seen the training part, and on as many real ones: does it use the others as much?
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field

from tsgen.contracts import synthesizer_factory
from tsgen.data import MultivariateDataset
from tsgen.responsible import interaction_study
from tsgen.settings import Settings
from tsgen.training import TimeBudget, TrainingOptions, threads

from ....forecast import Forecaster, NamedEstimator
from ...settings import ArmSettings, Count, StudySettings
from ...sources import StudySources

__all__ = ["InteractionArm", "InteractionStudy", "SynthesizerWindows", "interaction"]

_TEST_SHARE = 0.2


class InteractionStudy(StudySettings):
    """A study of who uses other series."""

    prediction_length: Count
    """Steps to forecast."""
    context: Count
    """Steps of the past that a forecaster sees."""
    targets: Annotated[list[str], Field(min_length=1)]
    """Series that are judged."""
    windows: Count = 60
    """Windows of the last fifth."""
    steps: Count | None = None
    """Last steps of the table that are read; None reads all."""


class SynthesizerWindows(Settings):
    """Windows that a PSA-GAN of all series draws."""

    target_length: Count
    """Steps in a window: those of the past and the horizon at least."""
    number: Count = 500
    """How many."""
    budget: TimeBudget
    """Processor seconds of its training."""


class InteractionArm(ArmSettings):
    """A forecaster."""

    estimator: str
    """A short name or an import path; see `Forecaster`."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Its constructor's arguments."""
    synthesizer: SynthesizerWindows | None = None
    """Windows that it is trained on, beside real ones."""


@threads(1)
def interaction(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Train the arm's forecaster with and without the other series, and play the game."""
    panel = MultivariateDataset.of_panel(sources.series(study["data"]), item_id=study["data"])
    if study.get("steps"):
        panel = panel.split(last=study["steps"])[1]
    spec = Forecaster(estimator=arm["estimator"], settings=arm.get("settings", {}))
    estimator = NamedEstimator(spec, panel.freq, study["prediction_length"])
    begin = time.process_time()
    drawn = arm.get("synthesizer")
    generated = None if drawn is None else _drawn(panel, SynthesizerWindows(**drawn), seed)
    result = interaction_study(
        estimator,
        panel,
        targets=study["targets"],
        joint=estimator.joint,
        generated=generated,
        test_share=_TEST_SHARE,
        context=study["context"],
        windows=study.get("windows", 60),
        seed=seed,
    )
    measures = {
        _name(row): {name: round(float(row[name]), 4) for name in ("value", "low", "high")}
        for row in result.table.to_dict("records")
        if row["value"] == row["value"]
    }
    seconds = round(time.process_time() - begin, 1)
    return {"cpu_seconds": seconds, "answer": result.answer, "measures": measures}


def _drawn(panel: MultivariateDataset, wanted: SynthesizerWindows, seed: int) -> Any:
    """Return windows of a PSA-GAN that is trained on what the forecaster may see."""
    seen, _ = panel.split(last=round(_TEST_SHARE * int(panel.lengths[0])))
    options = TrainingOptions(
        seed=seed, budget=wanted.budget, budget_clock="cpu", device="cpu", progress=False
    )
    estimator = synthesizer_factory("psa-gan")(target_length=wanted.target_length)
    model: Any = estimator.train(cast("Any", seen), options=options)
    return model.sample(wanted.number, seed=seed)


def _name(row: Mapping[Any, Any]) -> str:
    trained = "" if row["arm"] == "real" else f" ({row['arm']} windows)"
    what = f"share of {row['player']}" if row["metric"] == "share" else row["metric"]
    return f"{row['target']}{trained}: {what}"
