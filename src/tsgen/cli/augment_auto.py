"""`tsgen augment --auto`: which series help, or none; the answer, its table and the dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tsgen.errors import SettingsError, nearest

from .evaluate import write_run
from .inputs import read_dataset
from .outputs import (
    beside_cells,
    check_kept,
    command_line,
    emit,
    free_output,
    remove_cells,
)

__all__ = ["augment_by_choice"]


def augment_by_choice(
    data: Path,
    output: Path,
    prediction_length: int | None,
    forecaster: str | None,
    candidates: list[str] | None,
    budget: str,
    run: Path | None,
    save: Path | None,
    seed: int | None,
    read_as: list[str] | None,
    overwrite: bool,
    spreadsheet_safe: bool,
    as_json: bool,
) -> None:
    """Choose, write the augmented dataset and, if asked, the choice and its page.

    Finished parts are kept beside the output until the end: the same command goes on after an
    interruption.
    """
    from tsgen.curation import choose_augmentation
    from tsgen.data import write_series
    from tsgen.evaluation import augmentation_result

    if prediction_length is None:
        raise SettingsError("--auto needs --prediction-length, the steps that you forecast.")
    for folder in (run, save):
        if folder is not None:
            free_output(folder, overwrite, folder=True)
    cells = output.with_name(f"{output.name}.cells")
    check_kept(cells)
    dataset = read_dataset(data, read_as)
    choice = choose_augmentation(
        dataset,
        prediction_length,
        _named(forecaster, dataset.freq, prediction_length),
        candidates=candidates or None,
        budget=budget,
        seed=seed,
        cells=cells,
    )
    with beside_cells(cells):
        if choice.dataset is not None:  # always, when it was just made
            write_series(
                choice.dataset, output, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe
            )
        if save is not None:
            choice.save(save, overwrite=overwrite)
        if run is not None:
            result = augmentation_result(choice, command=command_line())
            write_run(result, run, overwrite=overwrite)
    remove_cells(cells)
    facts = {
        "output": str(output),
        "answer": choice.answer,
        "chosen": choice.chosen.name if choice.chosen else None,
        "table": choice.table.astype(object).where(choice.table.notna(), None).to_dict("records"),
        "seed": choice.facts["seed"],
    }
    columns = [c for c in choice.table.columns if c != "failed" or choice.table[c].notna().any()]
    shown = choice.table[columns].to_string(index=False, float_format="{:.1f}".format, na_rep="-")
    emit(facts, f"{shown}\n\n{choice.answer}\n{output}, seed {choice.facts['seed']}", as_json)


def _named(forecaster: str | None, freq: str, prediction_length: int) -> Any:
    """Return the forecaster of a short name, None for none.

    Raises:
        SettingsError: There is no such name.
    """
    if forecaster is None:
        return None
    from tsgen.evaluation.forecast import FORECASTERS, Forecaster, NamedEstimator

    if forecaster not in FORECASTERS:
        raise SettingsError(
            f"--forecaster {forecaster} is none of {', '.join(FORECASTERS)}."
            f"{nearest(forecaster, FORECASTERS)} Others are given from Python, "
            "to tsgen.choose_augmentation."
        )
    return NamedEstimator(Forecaster(estimator=forecaster), freq, prediction_length)
