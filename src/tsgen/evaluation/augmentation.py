"""A choice of augmentation as a result, which a page and a RUN folder hold."""

from __future__ import annotations

import numpy as np

from tsgen.curation import AugmentationChoice
from tsgen.results import StudyResult, library_versions

__all__ = ["augmentation_result"]


def augmentation_result(choice: AugmentationChoice, *, command: str | None = None) -> StudyResult:
    """Return what a choice found; one row for each candidate that could be run.

    Args:
        choice: What `choose_augmentation` returned.
        command: The command that repeats it, for the record.
    """
    run = choice.table[choice.table["runs"] > 0]
    table = run.drop(columns="failed").assign(
        metric="change of the mean weighted quantile loss (%)",
        value=run["change"],
        spread=np.where(run["sureness"] != 0, np.abs(run["change"] / run["sureness"]), np.nan),
        better="lower",
        protocol="augmentation: rolling windows inside the training part",
        n=choice.facts["windows_a_series"] * choice.facts["series_judged"],
        seed=choice.facts["seed"],
        chosen=run["candidate"] == (choice.chosen.name if choice.chosen else None),
    )
    failed = choice.table[choice.table["runs"] == 0]
    facts = choice.facts | {
        "study": "augmentation",
        "failures": failed[["candidate", "failed"]].to_dict("records"),
        "versions": library_versions(),
        "command": command,
    }
    return StudyResult(table, choice.answer, facts)
