"""`tsgen evaluate study`: the cells of a study file, and its tables beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import CellsFailedError, OutputError, SettingsError

from ..options import AsJson, Trust, without_effect
from ..outputs import answering, check_kept, emit, say
from .forecast import find_data, report_cell
from .options import AllowFailures

__all__ = ["study"]

_TABLES = ("cells.csv", "table.csv")
"""One is beside the page of every study."""


@answering
def study(
    study_file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study.")],
    data: Annotated[Path, typer.Option(help="Folder of the data that the study names.")],
    jobs: Annotated[int, typer.Option(min=1, help="Cells at a time, one core each.")] = 1,
    engine: Annotated[
        str, typer.Option(help="Where cells run: local (processes), or ray (a cluster).")
    ] = "local",
    arm: Annotated[list[str] | None, typer.Option(help="Only this arm; may be repeated.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Only this seed; may be repeated.")] = None,
    cell: Annotated[str | None, typer.Option(metavar="ARM:SEED", hidden=True)] = None,
    allow_failures: AllowFailures = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> None:
    """Compute the missing cells of a study, and make its tables anew.

    Finished cells, cells.csv and README.md stand in the folder of the study's name beside it: the
    same command goes on after an interruption.

    tsgen evaluate study evaluation/studies/activity_cdnow.toml --data data/ --jobs 2
    """
    from tsgen.data import check_exists
    from tsgen.evaluation.studies import compute_cell, run_study

    check_exists(study_file)
    if study_file.is_dir():
        raise SettingsError(f"{study_file} is a folder; a study is a file of settings (TOML).")
    place = study_file.with_suffix("")
    _check_place(place)
    if cell is not None:
        name, _, number = cell.rpartition(":")
        if not number.isdecimal():
            raise SettingsError(f"--cell {cell} is no cell; write --cell ARM:SEED.")
        compute_cell(study_file, data, name, int(number), trust=trust)
        return
    if _is_forecast_study(study_file):
        if arm or seed:
            raise SettingsError("--arm and --seed are not for a study of forecasters.")
        idle = {"--jobs": jobs > 1, "--engine": engine != "local"}
        without_effect(idle, "on a study of forecasters", given=True)
        cells: Any = _run_forecast_study(study_file, data, place, trust, allow_failures)
    else:
        only: dict[str, Any] = {"arms": arm or (), "seeds": seed or ()}
        only |= {"trust": trust, "allow_failures": allow_failures, "say": say}
        cells = run_study(study_file, data, jobs=jobs, engine=engine, **only)
    page = (place / "README.md").read_text(encoding="utf-8") if cells else ""
    emit({"cells": cells, "folder": str(place)}, f"{page}\n{place}", as_json)


def _check_place(place: Path) -> None:
    """Refuse a folder of the study's name that is of something else.

    Raises:
        OutputError: It is a file, a model or the like, or has a README.md that no study wrote.
    """
    check_kept(place)
    page = place / "README.md"
    if page.exists() and not any((place / name).exists() for name in _TABLES):
        raise OutputError(
            f"{page} would be replaced, and is of no study: there is neither "
            f"{' nor '.join(_TABLES)} beside it. Give the study's file another name; its results "
            "go into the folder of that name."
        )


def _is_forecast_study(path: Path) -> bool:
    """Whether the file is one of `tsgen evaluate forecast`, which keeps its own kind of cells."""
    try:
        return "forecasters" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # the engine says what is wrong with it


def _run_forecast_study(
    path: Path, data: Path, place: Path, trust: bool, allow_failures: bool
) -> list[dict[str, Any]]:
    from tsgen.contracts import synthesizer_factory
    from tsgen.evaluation import ForecastStudy, evaluate_forecast
    from tsgen.evaluation.studies import forecast_page
    from tsgen.storage import write_text

    forecasts = ForecastStudy.from_file(path)
    result = evaluate_forecast(
        forecasts,
        find_data(forecasts.data, data, None),
        synthesizers={"psa-gan": synthesizer_factory("psa-gan")},
        cells=place,
        on_cell=report_cell,
        trust=trust,
    )
    count = result.facts["cells"]
    if not count["finished"]:
        raise CellsFailedError(f"Nothing could be compared: all {count['failed']} cells failed.")
    write_text(place / "table.csv", result.table.to_csv(index=False), overwrite=True)
    write_text(place / "README.md", forecast_page(result, place.name), overwrite=True)
    if count["failed"]:
        message = (
            f"{count['failed']} cells failed; {place / 'README.md'} is about the others. Delete "
            "their files in the folder to compute them again."
        )
        if not allow_failures:
            raise CellsFailedError(message)
        say(message)
    return [{str(k): v for k, v in row.items()} for row in result.table.to_dict("records")]
