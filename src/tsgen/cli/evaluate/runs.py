"""RUN folders: a result is saved with its page, and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..outputs import emit, warnings_so_far

if TYPE_CHECKING:
    from tsgen.evaluation import StudyResult

__all__ = ["arms_by_metric", "deliver_run", "write_run"]


def write_run(
    result: StudyResult,
    output: Path,
    *,
    overwrite: bool,
    history: Sequence[dict[str, Any]] = (),
) -> None:
    """Save a result as a RUN folder with its page, whole or not at all.

    What the verb has warned of is kept with it, and stands first on the page.

    Args:
        result: What a study found.
        output: The folder.
        overwrite: Replace what is there.
        history: Of the training of the model that was judged.

    Raises:
        OutputError: There is something already, or it cannot be written.
    """
    from tsgen.report import page_text

    result = result.with_history(history).with_facts(warnings=warnings_so_far())
    result.save(output, overwrite=overwrite, pages={"page.html": page_text(result)})


def deliver_run(
    result: StudyResult,
    output: Path,
    *,
    overwrite: bool,
    as_json: bool,
    table: str = "",
    history: Sequence[dict[str, Any]] = (),
) -> None:
    """Save a result and print it: a table for the screen, if any, the answer, and the folder.

    Args:
        result: See `write_run`.
        output: See `write_run`.
        overwrite: See `write_run`.
        as_json: Print answer and whole table as JSON instead.
        table: What is shown above the answer.
        history: See `write_run`.
    """
    write_run(result, output, overwrite=overwrite, history=history)
    facts = {"run": str(output), "answer": result.answer, "table": result.table.to_dict("records")}
    said = ""
    if calibration := result.facts.get("calibration"):
        facts["calibration"] = calibration
        said = "".join(f"{part['sentence']}\n" for part in calibration.values())
    above = f"{table}\n\n" if table else ""
    emit(facts, f"{above}{result.answer}\n{said}{output}", as_json)


def arms_by_metric(
    result: StudyResult, *, rows: str, columns: str, title: Callable[[str], str] = str
) -> str:
    """Return the values of a result as a table for the screen, "arm" by "metric" or the reverse.

    Args:
        result: The result.
        rows: What the rows are.
        columns: What the columns are.
        title: What people call a row of this name.
    """
    table = result.table.pivot(index=rows, columns=columns, values="value")
    order = [list(result.table[name].drop_duplicates()) for name in (rows, columns)]
    shown = table.loc[order[0], order[1]].rename(index=title)
    return str(shown.to_string(float_format="{:.5g}".format))
