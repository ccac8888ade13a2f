"""`tsgen evaluate bias`: is a group left out of an audience, of a model's lists, of made series?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.displays import in_points
from tsgen.errors import SettingsError

from ..inputs import ReadEvents, load_model, read_dataset, read_events, read_table
from ..options import AsJson, Device, Overwrite, Seed, Trust, UserTable, without_effect
from ..outputs import answering, command_line, free_output
from .options import RunOutput
from .runs import deliver_run

if TYPE_CHECKING:
    from tsgen.results import StudyResult

__all__ = ["Facets", "evaluate_bias"]

Facets = Annotated[
    list[str] | None,
    typer.Option(
        "--facet",
        help="Groups: gender, job=student|artist, 'age<25', 'gender=F & age<25'. Repeatable.",
    ),
]


@answering
def evaluate_bias(
    output: RunOutput,
    facet: Facets = None,
    model: Annotated[Path | None, typer.Option(help="Of the lists of this model.")] = None,
    audience: Annotated[
        Path | None, typer.Option(help="Of this list: a table of user_id (and item_id).")
    ] = None,
    real: Annotated[Path | None, typer.Option(help="Real series, beside --generated.")] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Of these series, by static categories of --real.")
    ] = None,
    users: UserTable = None,
    item: Annotated[
        list[str] | None, typer.Option(help="Item of the campaign; each item's list if absent.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Users of a list; 1 % if absent.")] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="Event log that goes on after the cut-off.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="When outcomes begin; the model's cut-off if absent.")
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="How long outcomes count, 28D.")] = None,
    strata: Annotated[
        str | None, typer.Option(help="Compare within: a column of the users, or activity.")
    ] = None,
    line: Annotated[
        float | None, typer.Option(help="Draw a line at this ratio, such as 0.8.")
    ] = None,
    seed: Seed = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compare how groups of users are listed, and what they did; or how groups of series are made.

    No group and no threshold is chosen for you.

    tsgen evaluate bias --model models/shop --item 22423 --size 500 --facet country --outcomes
    events.parquet -o runs/bias

    tsgen evaluate bias --audience audience.csv --users users.csv --facet 'age<25' -o runs/bias
    """
    if sum(choice is not None for choice in (model, audience, generated)) != 1:
        raise SettingsError("Give one of --model, --audience and --generated.")
    if (real is None) != (generated is None):
        raise SettingsError("--real and --generated are given together.")
    of_models = {"--size": size, "--trust": trust, "--device": device if device != "auto" else None}
    without_effect(of_models, "without --model", given=model is None)
    free_output(output, overwrite, folder=True)
    shared: dict[str, Any] = {"facets": facet or [], "seed": seed, "command": command_line()}
    if generated is not None:
        of_users = {"--users": users, "--item": item, "--outcomes": outcomes, "--at": at,
                    "--horizon": horizon, "--strata": strata, "--line": line}  # fmt: skip
        without_effect(of_users, "with --generated", given=True)
        result = _of_series(real, generated, read_as, shared)
    else:
        when = {"--at": at, "--horizon": horizon, "--read": read_as}
        if model is None:
            when["--item"] = item
        without_effect(when, "without --outcomes", given=outcomes is None)
        result = _of_users(
            model, audience, users, item, outcomes, read_as, device, trust,
            shared | {"size": size, "at": at, "horizon": horizon, "strata": strata, "line": line},
        )  # fmt: skip
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=_shown(result))


def _of_series(real: Any, generated: Path, read_as: list[str] | None, options: Any) -> StudyResult:
    from tsgen.responsible import series_bias

    return series_bias(read_dataset(real, read_as), read_dataset(generated, read_as), **options)


def _of_users(
    model: Path | None,
    audience: Path | None,
    users: Path | None,
    item: list[str] | None,
    outcomes: Path | None,
    read_as: list[str] | None,
    device: str,
    trust: bool,
    options: dict[str, Any],
) -> StudyResult:
    from tsgen.responsible import bias_report

    judged: Any = None
    if model is not None:
        judged = load_model(model, "rim", device, trust=trust)
        options["items"] = None if item is None else judged.items.from_text(item)
    elif audience is not None:
        judged = read_table(audience, "user_id")
    log = None
    if outcomes is not None:
        log = read_events(outcomes, read_as, getattr(judged, "read_options", None))
    if model is None and item is not None:
        options["items"] = item if log is None else log.items.from_text(item)
    table = None if users is None else read_table(users, "user_id")
    return bias_report(judged, table, outcomes=log, **options)


def _shown(result: StudyResult) -> str:
    """Return the rows as text; differences of shares are in points."""
    columns = ["facet", "group", "metric", "value", "low", "high", "note"]
    shown, points = result.table[columns].copy(), result.facts.get("points", ())
    for name in ("value", "low", "high"):
        unit = " points" if name == "value" else ""
        shown[name] = [
            "-" if number != number
            else in_points(number, unit) if metric in points
            else f"{number:.3g}"
            for metric, number in zip(shown["metric"], shown[name], strict=True)
        ]  # fmt: skip
    return str(shown.to_string(index=False))
