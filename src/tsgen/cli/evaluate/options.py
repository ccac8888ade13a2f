"""Options that the verbs which judge share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AllowFailures", "JudgedModel", "RunOutput", "TestBegin"]

RunOutput = Annotated[Path, typer.Option("--output", "-o", help="RUN folder to make.")]
JudgedModel = Annotated[
    Path | None, typer.Option(help="Judge this model by the events after its cut-off.")
]
TestBegin = Annotated[
    str | None,
    typer.Option(help="When the test begins; one horizon before the end, or the cut-off."),
]

AllowFailures = Annotated[
    bool, typer.Option("--allow-failures", help="Exit with 0 though some cells failed.")
]
