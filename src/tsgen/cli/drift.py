"""`tsgen drift`: has a model, a list, a log or a report changed? Exit code 3 raises the alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

from .evaluate import Facets, RunOutput, deliver_run
from .inputs import ReadEvents, load_model, read_events, read_table
from .options import AsJson, Device, Overwrite, Trust, UserTable, without_effect
from .outputs import ExitCode, answering, command_line, free_output

__all__ = ["drift"]


@answering
def drift(
    before: Annotated[
        Path, typer.Argument(help="Model, list (user_id), event log, or RUN of a bias report.")
    ],
    after: Annotated[Path, typer.Argument(help="Another of the same kind, of a later date.")],
    output: RunOutput,
    users: UserTable = None,
    facet: Facets = None,
    item: Annotated[
        list[str] | None, typer.Option(help="Item of the lists of two models. Repeatable.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Users of the lists of two models.")] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW:HIGH",
            help="Raise an alarm outside this range: DI=0.8:1.25, stayed=0.5:1; differences of "
            "shares as fractions or in per cent: DPPL=-0.05:0.05 or DPPL=-5%:5%. Repeatable.",
        ),
    ] = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compare two of a kind; exit with 3 where a number leaves its range, so that a job can stop.

    tsgen drift models/march models/april --item 22423 --size 500 --facet country
    --allow DI=0.8:1.25 -o runs/drift
    """
    from tsgen.data import Interactions
    from tsgen.responsible import compare_audiences

    free_output(output, overwrite, folder=True)
    ranges = dict(_range(text) for text in allow or [])
    sides = [_side(path, read_as, device, trust) for path in (before, after)]
    of_models = {
        "--device": device != "auto", "--trust": trust, "--item": item, "--size": size,
    }  # fmt: skip
    without_effect(of_models, "without models", given=not hasattr(sides[0], "score_parts"))
    of_logs = {"--read": read_as}
    without_effect(of_logs, "without event logs", given=not isinstance(sides[0], Interactions))
    items = None if item is None else sides[0].items.from_text(item)
    result = compare_audiences(
        *sides,
        users=None if users is None else read_table(users, "user_id"),
        facets=facet,
        items=items,
        size=size,
        allowed=ranges,
        command=command_line(),
    )
    columns = ["metric", "group", "before", "after", "low", "high", "alarm"]
    shown = result.table[columns].to_string(index=False, float_format="{:.4g}".format, na_rep="-")
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=shown)
    if result.facts["alarms"]:
        raise typer.Exit(ExitCode.ALARM)


def _range(text: str) -> tuple[str, tuple[float, float]]:
    name, _, ends = text.partition("=")
    low, _, high = ends.partition(":")
    try:
        return name, (_number(low), _number(high))
    except ValueError:
        raise SettingsError(
            f"--allow {text} is no range; write --allow NAME=LOW:HIGH, such as DI=0.8:1.25."
        ) from None


def _number(text: str) -> float:
    """Return a number, or a share in per cent as a fraction."""
    whole = text.strip()
    return float(whole[:-1]) / 100 if whole.endswith("%") else float(whole)


def _side(path: Path, read_as: list[str] | None, device: str, trust: bool) -> Any:
    """Read a model, a RUN folder, an event log, or a list."""
    from tsgen.data.events import column_names
    from tsgen.results import StudyResult

    if (path / "result.json").is_file():
        return StudyResult.load(path)
    if (path / "model.json").is_file():
        return load_model(path, "rim", device, trust=trust)
    if path.is_file() and "rank" in column_names(path):
        return read_table(path, "user_id")
    return read_events(path, read_as)
