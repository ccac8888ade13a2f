"""`tsgen evaluate interaction`: does a forecaster use the other series, or walk alone?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tsgen.errors import DataError

from ..inputs import assigned, read_dataset
from ..options import AsJson, Overwrite, Read, Seed, Target, Trust
from ..outputs import answering, command_line, free_output
from ..train import Set
from .options import RunOutput
from .runs import deliver_run

__all__ = ["evaluate_interaction"]


@answering
def evaluate_interaction(
    data: Annotated[Path, typer.Argument(help="Series that were observed together.")],
    output: RunOutput,
    prediction_length: Annotated[int, typer.Option(help="Steps to forecast.", min=1)],
    forecaster: Annotated[
        str, typer.Option(help="Name (itransformer mixes series, linear cannot), or import path.")
    ] = "itransformer",
    settings: Set = None,
    series: Annotated[
        list[str] | None, typer.Option(help="Series that is judged. Repeatable; all if absent.")
    ] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Windows of the same series that a synthesizer drew.")
    ] = None,
    windows: Annotated[int, typer.Option(help="Windows of the last part to forecast.")] = 60,
    metric: Annotated[
        str, typer.Option(help="quantile_loss, absolute_error or squared_error.")
    ] = "quantile_loss",
    context: Annotated[int | None, typer.Option(help="Steps of the past that are seen.")] = None,
    target: Target = None,
    seed: Seed = None,
    trust: Trust = False,
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Ask what a forecaster's performance comes from: its own past, other series, the calendar.

    A random series is the control, the model trained without the others the second evidence.

    tsgen evaluate interaction etth1.parquet --forecaster itransformer --prediction-length 24
    --series HUFL --set context_length=96 -o runs/interaction
    """
    from tsgen.data import MultivariateDataset
    from tsgen.evaluation.forecast import Forecaster, NamedEstimator, import_paths
    from tsgen.responsible import interaction_study
    from tsgen.trust import check_trust

    free_output(output, overwrite, folder=True)
    check_trust(import_paths([forecaster]), "--forecaster", trust=trust)
    dataset = read_dataset(data, read_as, target)
    made = None if generated is None else read_dataset(generated, read_as, target)
    if made is not None and not isinstance(made, MultivariateDataset):
        raise DataError(
            f"{generated} holds series of one column; give windows with a column for each series, "
            "and name the columns with --target."
        )
    spec = Forecaster(estimator=forecaster, settings=assigned(settings))
    estimator = NamedEstimator(spec, dataset.freq, prediction_length)
    result = interaction_study(
        estimator,
        dataset,
        targets=series,
        joint=estimator.joint,
        generated=made,
        context=context,
        windows=windows,
        metric=metric,  # type: ignore[arg-type]
        seed=seed,
        command=command_line(),
    )
    columns = ["target", "arm", "metric", "player", "value", "low", "high", "note"]
    shown = result.table[columns].to_string(index=False, float_format="{:.3g}".format, na_rep="-")
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=shown)
