"""`tsgen batch sample`, `forecast` and `impute`: a PSA-GAN and a table of series or requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..inputs import LISTS, read_choices
from ..options import Read, Seed
from ..outputs import answering
from ..sample import Constrain, Missing, constraint_request
from .app import batch_app, in_batches
from .options import SERIES_KEYS, Model, SeriesInput

if TYPE_CHECKING:
    from tsgen.batch import BatchTask

__all__ = ["batch_forecast", "batch_impute", "batch_sample"]


def _seed(seed: int | None) -> int:
    """Return a seed that the same command has again, so that it can go on."""
    return 0 if seed is None else seed


@batch_app.command("sample")
@answering
@in_batches
def batch_sample(
    model: Model,
    requests: Annotated[
        str,
        typer.Argument(
            help="Table of requests: item_id and perhaps start, length, number; or GluonTS entries."
        ),
    ],
    constraints: Constrain = None,
    missing: Missing = "like",
    seed: Seed = None,
) -> BatchTask:
    """Draw synthetic series, as each row of a table asks for.

    tsgen batch sample models/load requests.parquet -o samples.parquet --seed 2
    """
    from tsgen.batch import SampleBatch

    return SampleBatch(
        seed=_seed(seed), constraints=constraint_request(constraints), missing=missing
    )


@batch_app.command("forecast")
@answering
@in_batches
def batch_forecast(
    model: Model,
    series: SeriesInput,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Sample paths of each series.")
    ] = 100,
    quantile: Annotated[
        list[float] | None, typer.Option(help="Level between 0 and 1; repeatable.")
    ] = None,
    seed: Seed = None,
    read_as: Read = None,
) -> BatchTask:
    """Forecast every series of a table from its end.

    tsgen batch forecast models/next series/ -o forecasts.parquet --seed 2
    """
    from tsgen.batch import ForecastBatch

    return ForecastBatch(
        seed=_seed(seed),
        num_samples=number,
        quantiles=tuple(quantile or (0.1, 0.5, 0.9)),
        read=_read(read_as),
    )


@batch_app.command("impute")
@answering
@in_batches
def batch_impute(
    model: Model,
    series: SeriesInput,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Completed copies of each series.")
    ] = 1,
    seed: Seed = None,
    read_as: Read = None,
) -> BatchTask:
    """Fill what is missing in every series of a table.

    tsgen batch impute models/next series/ -o filled.parquet --seed 2
    """
    from tsgen.batch import ImputeBatch

    return ImputeBatch(seed=_seed(seed), num_samples=number, read=_read(read_as))


def _read(texts: list[str] | None) -> dict[str, Any]:
    """Return how a table is read, columns of one role as a tuple."""
    read: dict[str, Any] = read_choices(texts, SERIES_KEYS)
    return read | {name: tuple(read[name].split(",")) for name in LISTS if name in read}
