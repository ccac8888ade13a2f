"""`tsgen report`: one page for one run or several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, Overwrite
from .outputs import answering, emit, free_output

__all__ = ["report"]


@answering
def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="RUN folders, or those of study files.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to make.")],
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Put runs on one page that needs nothing else, those of one kind side by side.

    tsgen report runs/load runs/shop -o report.html
    tsgen report evaluation/studies/totals -o totals.html
    """
    from tsgen.errors import OutputError
    from tsgen.evaluation import StudyResult, is_study_folder, study_result
    from tsgen.report import write_page

    if output.suffix not in (".html", ".htm"):
        raise OutputError(f"{output} would be a page of HTML; give it the suffix .html.")
    free_output(output, overwrite, folder=False)
    results = {
        str(run): study_result(run) if is_study_folder(run) else StudyResult.load(run)
        for run in runs
    }
    write_page(results, output, title=title, overwrite=overwrite)
    count = "1 run" if len(results) == 1 else f"{len(results)} runs"
    answers = {name: result.answer for name, result in results.items()}
    emit({"report": str(output), "answers": answers}, f"{output}: {count}", as_json)
