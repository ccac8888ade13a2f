"""`tsgen evaluate factors`: does it give combinations of factors that nobody saw?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..inputs import assigned
from ..options import AsJson, Overwrite, Seed
from ..outputs import answering, command_line, free_output
from ..train import Set
from .options import RunOutput
from .runs import deliver_run

__all__ = ["evaluate_factors"]


@answering
def evaluate_factors(
    output: RunOutput,
    world: Annotated[
        list[str] | None, typer.Option(help="waves, shop; repeatable. Both by default.")
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(help="random, composition, interpolation, extrapolation; repeatable."),
    ] = None,
    maker: Annotated[
        list[str] | None,
        typer.Option(help="psa-gan, vae, mixing, block-bootstrap, truth; repeatable."),
    ] = None,
    budget: Annotated[
        str, typer.Option(help="Processor time of each PSA-GAN; --set num_steps=N instead.")
    ] = "60s",
    settings: Set = None,
    seed: Seed = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Ask makers of series for combinations of known factors that were held out of training.

    On simulated worlds, so no data are read; an oracle reads the factors off what was made, and a
    forecaster is trained with it. About eight budgets of processor time in all.

    tsgen evaluate factors --budget 60s --seed 1 -o runs/factors
    tsgen evaluate factors --world shop --split composition --maker psa-gan --maker mixing -o runs/f
    """
    from tsgen.evaluation import evaluate_factors as judge
    from tsgen.psagan import PSAGANEstimator

    free_output(output, overwrite, folder=True)
    chosen: dict[str, Any] = {"worlds": world, "splits": split, "makers": maker}
    estimator = PSAGANEstimator(**assigned(settings))
    result = judge(
        **{name: names for name, names in chosen.items() if names},
        budget=budget,
        settings=estimator.model_dump(exclude_unset=True),
        seed=seed,
        command=command_line(),
    )
    means = result.table[result.table["factor"] == "mean"]
    shown = means.pivot_table(
        index=["world", "metric", "maker"], columns="split", values="value", sort=False
    )
    table = shown.to_string(float_format="{:.2f}".format, na_rep="-")
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table)
