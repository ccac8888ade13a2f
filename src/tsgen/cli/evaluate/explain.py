"""`tsgen explain scores` and `tsgen explain forecast`: why these people, why this number?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import DataError, UntrustedCodeError, nearest

from ..audience import At
from ..inputs import load_model, read_dataset, read_dataset_for
from ..options import AsJson, Device, Overwrite, Read, Seed, Trust
from ..outputs import answering, command_line, free_output
from .options import RunOutput
from .runs import deliver_run

__all__ = ["explain_app"]

explain_app = typer.Typer(help="Say why people are listed, or why a number is forecast.",
                          no_args_is_help=True)  # fmt: skip


@explain_app.command("scores")
@answering
def _explain_scores(
    model: Annotated[Path, typer.Argument(help="Model folder of `tsgen train rim`.")],
    item: Annotated[list[str], typer.Option(help="Item of the campaign. Repeatable.")],
    output: RunOutput,
    user: Annotated[
        list[str] | None, typer.Option(help="User to explain. Repeatable; the best if absent.")
    ] = None,
    size: Annotated[int, typer.Option(help="Without --user: how many of the best.")] = 200,
    age: Annotated[
        list[str] | None, typer.Option(help="Bound of the age of other events. Repeatable.")
    ] = None,
    method: Annotated[str, typer.Option(help="auto, exact or permutation (by shap).")] = "auto",
    at: At = None,
    seed: Seed = None,
    device: Device = "auto",
    trust: Trust = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Say what events with the item, with similar ones, others by age and attributes add.

    tsgen explain scores models/shop --item 85099B --size 200 --age 30D --age 90D -o runs/why
    """
    from tsgen.responsible import explain_scores as explain

    free_output(output, overwrite, folder=True)
    rim = load_model(model, "rim", device, trust=trust)
    items = rim.all_items.from_text(item)
    users = rim.states.users.from_text(user) if user else None
    if users is None:
        users = list(rim.audience(items, size=size, at=at)["user_id"])
    why = explain(rim, items, users, ages=tuple(age or ("30D", "90D")), at=at,
                  method=method, seed=0 if seed is None else seed)  # type: ignore[arg-type]  # fmt: skip
    table = why.values.assign(without=why.base, expected=why.scores).reset_index()
    _deliver(why, output, overwrite, as_json, table.to_string(index=False, max_rows=50,
             float_format="{:.3g}".format))  # fmt: skip


@explain_app.command("forecast")
@answering
def _explain_forecast(
    model: Annotated[
        Path,
        typer.Argument(help="Model of `tsgen train psa-gan-c`, or a serialized GluonTS predictor."),
    ],
    data: Annotated[Path, typer.Argument(help="Series to forecast from their end.")],
    output: RunOutput,
    series: Annotated[str | None, typer.Option(help="Which; the first if absent.")] = None,
    blocks: Annotated[int, typer.Option(help="Stretches of the past.")] = 4,
    order: Annotated[
        str, typer.Option(help="chronological, anti-chronological, both or any.")
    ] = "chronological",
    baseline: Annotated[str, typer.Option(help="Of what is absent: mean, zero or last.")] = "mean",
    quantile: Annotated[
        float | None, typer.Option(help="Which quantile; the mean if absent.")
    ] = None,
    seed: Seed = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Say what stretches of the past and of features add to each step of a forecast.

    tsgen explain forecast models/load load.csv --series series-0 --blocks 4 -o runs/why
    """
    from tsgen.responsible import explain_forecast as explain

    free_output(output, overwrite, folder=True)
    predictor, dataset = _predictor(model, data, device, trust, read_as)
    choices: dict[str, Any] = {"blocks": blocks, "order": order, "baseline": baseline}
    why = explain(
        predictor,
        _entry(dataset, series),
        quantile=quantile,
        seed=0 if seed is None else seed,
        **choices,
    )
    shown = why.values.assign(baseline=why.base, forecast=why.forecast)
    _deliver(why, output, overwrite, as_json, shown.to_string(float_format="{:.3g}".format))


def _predictor(
    model: Path, data: Path, device: str, trust: bool, read_as: list[str] | None
) -> tuple[Any, Any]:
    """Return a saved predictor and the series as it takes them."""
    if not (model / "gluonts-config.json").is_file():
        predictor = load_model(model, "psa-gan-c", device)
        return predictor, read_dataset_for(predictor, data, read_as)
    if not trust:
        raise UntrustedCodeError(
            f"{model} holds a GluonTS predictor, whose files may run anything. If you know who "
            "made it, add --trust."
        )
    from gluonts.model.predictor import Predictor

    return Predictor.deserialize(model), read_dataset(data, read_as)


def _entry(dataset: Any, series: str | None) -> Any:
    ids = [str(one) for one in dataset.item_ids]
    if series is not None and series not in ids:
        raise DataError(
            f"There is no series '{series}'.{nearest(series, ids)} There are {len(ids)}, such as "
            f"'{ids[0]}'."
        )
    return dataset[0 if series is None else ids.index(series)]


def _deliver(why: Any, output: Path, overwrite: bool, as_json: bool, table: str) -> None:
    result = why.to_result(command_line())
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table)
