"""Does it help the forecaster? The study of `forecast_settings`, cell by cell, to one result."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tsgen.contracts import SynthesizerFactory
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset
from tsgen.errors import DataError, SettingsError, TrainingInterruptedError
from tsgen.interruption import exit_code_of
from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.storage import sweep
from tsgen.trust import check_trust

from .arms import check_arms
from .cells import (
    ForecastCell,
    cell_versions,
    cells_of,
    read_cell,
    write_forecast_cell,
)
from .comparing import (
    check_half_width,
    forecast_answer,
    forecast_arrays,
    forecast_by_series,
    power_rows,
    study_table,
)
from .estimators import check_forecaster, import_paths, is_joint
from .regime_windows import check_dataset, gluonts_season
from .runner import CellRunner
from .settings import ForecastStudy
from .synthesizers import TrainedSynthesizers

__all__ = ["evaluate_forecast"]


def evaluate_forecast(
    study: ForecastStudy | str | Path,
    data: Any,
    *,
    synthesizers: Mapping[str, SynthesizerFactory] | None = None,
    cells: str | Path | None = None,
    retry_failed: bool = False,
    command: str | None = None,
    on_cell: Callable[[dict[str, Any]], object] | None = None,
    trust: bool = False,
    power: float | None = None,
) -> StudyResult:
    """Train forecasters on real and augmented series, and compare them on the same windows.

    Each cell (arm, forecaster, regime, seed) that is finished is written to `cells` at once, under
    a name that changes with all that the study and the data say; a later run computes only what is
    missing, and the answer counts cells kept from other versions of the libraries. A forecaster
    that fails on one seed is recorded with its reason, and the others go on; such a cell is kept
    too, unless `retry_failed`.

    Args:
        study: The study, or its TOML file.
        data: A GluonTS dataset or a long table, real series only. Entries of several channels are
            given whole to synthesizers and to forecasters that mix channels (joint windows, not
            more channels), and channel by channel to the others.
        synthesizers: Method name -> class of a synthesizer, as in
            `{"psa-gan": tsgen.PSAGANEstimator}`. It is called with the arm's settings; see
            `Synthesizer` for what it must have.
        cells: Folder of finished cells; None keeps nothing.
        retry_failed: Compute failed cells again.
        command: The command that repeats the study, for the record.
        on_cell: Called with each cell that was computed.
        trust: Import forecasters that the study names by import path, even if they are neither of
            GluonTS, of tsgen, nor registered by an entry point of a group "tsgen.*".
        power: Wished half width of the 95 % interval of a change, such as 0.02; `facts["power"]`
            then says which of series, generator and seed the noise comes from, and how many of each
            it takes.

    Returns:
        A result whose table has a row for each arm and metric, with paired intervals; see
        `study_table` for its columns.

    Raises:
        SettingsError: An unknown forecaster, arm method or setting; nothing was computed.
        UntrustedCodeError: A forecaster is of somebody else, and `trust` is False.
        DataError: Synthetic or too short series, or another frequency than the study's.
        OutputError: A cell could not be written; those before it are kept.
        TrainingInterruptedError: Ctrl-C or SIGTERM; finished cells are kept.

    Example:
        >>> from tsgen import load_sample
        >>> study = ForecastStudy(
        ...     data="electricity_hourly",
        ...     prediction_length=24,
        ...     num_windows=2,
        ...     seeds=(1, 2),
        ...     num_test_series=5,
        ...     forecasters={"naive": {"estimator": "seasonal_naive"}},
        ...     arms={"real": {}, "jitter": {"method": "jitter"}},
        ... )
        >>> result = evaluate_forecast(study, load_sample())
        >>> sorted(set(result.table["arm"]))
        ['jitter', 'real']
    """
    if not isinstance(study, ForecastStudy):
        study = ForecastStudy.from_file(study)
    if power is not None:
        check_half_width(power)
    factories = dict(synthesizers or {})
    check_arms(study, TrainedSynthesizers(factories))
    whole, channels = _series_and_channels(data, study)
    named = [forecaster.estimator for forecaster in study.forecasters.values()]
    check_trust(import_paths(named), "The study", trust=trust)
    for forecaster in study.forecasters.values():
        check_forecaster(
            forecaster, whole.freq, study.prediction_length, gluonts_season(whole.freq)
        )
    dataset = check_dataset(whole, study)
    folder = None if cells is None else Path(cells)
    finished = _all_cells(study, dataset, channels, factories, folder, retry_failed, on_cell)
    table = study_table(study, finished)
    failures = [c for c in finished.values() if "failed" in c]
    answer = forecast_answer(table, study)
    if failures:
        answer += f" {len(failures)} of {len(finished)} cells failed."
    if older := sum(content.get("versions") != cell_versions() for content in finished.values()):
        answer += (
            f" {older} of {len(finished)} cells were kept from other versions of tsgen, GluonTS or "
            "torch; delete their folder to compute them anew."
        )
    facts = {
        "study": "forecast",
        "question": study.question,
        "settings": study.to_json(),
        "seed": list(study.seeds),
        "data": whole.facts() | {"fingerprint": whole.fingerprint()},
        "cells": {
            "finished": len(finished) - len(failures),
            "failed": len(failures),
            "of_other_versions": older,
        },
        "failures": failures,
        "cpu_seconds": _costs(finished),
        "versions": library_versions(),
        "command": command,
    }
    series, drawn = forecast_by_series(study, dataset, finished, table, channels)
    if series:
        facts["by_series"] = series
    if power is not None:
        facts["power"] = power_rows(study, finished, power)
    return StudyResult(table, answer, facts, forecast_arrays(study, finished) | drawn)


def _series_and_channels(data: Any, study: ForecastStudy) -> tuple[SeriesDataset, tuple[str, ...]]:
    """Return the series, of several channels one channel after another, and the channels."""
    whole = as_dataset(data)
    if study.panel and not isinstance(whole, MultivariateDataset):
        whole = MultivariateDataset.of_panel(whole)
    joint = [name for name, spec in study.forecasters.items() if is_joint(spec)]
    if isinstance(whole, MultivariateDataset):
        if study.task != "augment":
            raise SettingsError(
                f"The task '{study.task}' is for univariate series; the data have "
                f"{len(whole.channels)} channels. Give dataset.series, or use task 'augment'."
            )
        return whole.series, whole.channels
    if joint:
        raise DataError(
            f"The forecaster '{joint[0]}' takes all channels of an entry at once, and the data "
            "are univariate; give entries of several channels (several target columns, or a "
            "panel of series observed together)."
        )
    return whole, ()


def _all_cells(
    study: ForecastStudy,
    dataset: SeriesDataset,
    channels: tuple[str, ...],
    synthesizers: Mapping[str, SynthesizerFactory],
    folder: Path | None,
    retry_failed: bool,
    on_cell: Callable[[dict[str, Any]], object] | None,
) -> dict[ForecastCell, dict[str, Any]]:
    """Return every cell, read where it is finished and computed where it is not."""
    models = None if folder is None else folder / "models"
    fingerprint = dataset.fingerprint()
    finished: dict[ForecastCell, dict[str, Any]] = {}
    everything = cells_of(study)
    handler = signal.getsignal(signal.SIGINT)
    if folder is not None:
        sweep(folder)
    paths = {c: None if folder is None else c.path(study, fingerprint, folder) for c in everything}
    kept = {cell: None if path is None else read_cell(path) for cell, path in paths.items()}
    if retry_failed:
        kept = {cell: None if content and "failed" in content else content
                for cell, content in kept.items()}  # fmt: skip
    pending = [cell for cell, content in kept.items() if content is None]
    runner = CellRunner(study, dataset, synthesizers, models, pending, channels)
    try:
        for cell in track(everything, "cells"):
            content, path = kept[cell], paths[cell]
            if content is None:
                content = runner.run(cell)
                if path is not None:
                    write_forecast_cell(path, content)
                if on_cell is not None:
                    on_cell(content)
            finished[cell] = content
    except (KeyboardInterrupt, SystemExit, TrainingInterruptedError) as error:
        # Lightning turns Ctrl-C into SystemExit, and leaves the signal ignored.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)
        where = "nothing was kept" if folder is None else f"they are kept in {folder}"
        raise TrainingInterruptedError(
            f"{len(finished)} of {len(everything)} cells were finished; {where}. "
            "The same call goes on with the rest.",
            signal=exit_code_of(error) - 128,
        ) from None
    return finished


def _costs(cells: Mapping[ForecastCell, Mapping[str, Any]]) -> dict[str, float]:
    """Return the processor seconds of each arm over all its cells."""
    costs: dict[str, float] = {}
    for cell, content in cells.items():
        costs[cell.arm] = round(costs.get(cell.arm, 0.0) + content.get("cpu_seconds", 0.0), 1)
    return costs
