"""`tsgen report`: one page for runs, or for data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .inputs import ReadEither, is_log, read_dataset, read_events
from .options import AsJson, Overwrite, Panel, Target, without_effect
from .outputs import answering, command_line, emit, free_output

if TYPE_CHECKING:
    from tsgen.evaluation import StudyResult

__all__ = ["report"]


@answering
def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="RUN folders, or those of study files; or series or events."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to make.")],
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    target: Target = None,
    panel: Panel = False,
    read_as: ReadEither = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Put runs on one page that needs nothing else, those of one kind side by side.

    Of data, their page: how much there is, histograms, warnings.

    tsgen report runs/load runs/shop -o report.html
    tsgen report evaluation/studies/totals -o totals.html
    tsgen report load.csv -o load.html
    """
    from tsgen.errors import OutputError
    from tsgen.report import write_page

    if output.suffix not in (".html", ".htm"):
        raise OutputError(f"{output} would be a page of HTML; give it the suffix .html.")
    free_output(output, overwrite, folder=False)
    if not any(_is_data(run) for run in runs):
        without_effect(
            {"--read": read_as, "--target": target, "--panel": panel}, "on runs", given=True
        )
    results = {str(run): _result(run, read_as, target, panel) for run in runs}
    write_page(results, output, title=title, overwrite=overwrite)
    word = "input" if any(result.kind == "data" for result in results.values()) else "run"
    count = f"1 {word}" if len(results) == 1 else f"{len(results)} {word}s"
    answers = {name: result.answer for name, result in results.items()}
    emit({"report": str(output), "answers": answers}, f"{output}: {count}", as_json)


def _is_data(path: Path) -> bool:
    """Return whether something is neither a run nor another folder of ours."""
    from tsgen.evaluation import is_study_folder

    ours = ("result.json", "model.json", "state.pt")
    folder = path.is_dir() and any(path.iterdir())
    return path.is_file() or (
        folder and not is_study_folder(path) and not any((path / n).exists() for n in ours)
    )


def _result(
    path: Path, read_as: list[str] | None, target: list[str] | None, panel: bool
) -> StudyResult:
    """Return a run, the tables of a study file, or what data are."""
    from tsgen.data import check_exists
    from tsgen.evaluation import StudyResult, describe_data, is_study_folder, study_result

    check_exists(path)
    if _is_data(path):
        data = read_events(path, read_as) if is_log(path, read_as) else None
        if data is None:
            data = read_dataset(path, read_as, target, panel=panel)
        return describe_data(data, command=command_line())
    return study_result(path) if is_study_folder(path) else StudyResult.load(path)
