"""The `tsgen` command: its verbs, put together."""

from __future__ import annotations

import logging
import sys
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tsgen.errors import TsgenError
from tsgen.interruption import end_as_interrupt, exit_code_of
from tsgen.version import __version__

from .allocate import allocate
from .audience import audience, recommend
from .augment import augment
from .batch import batch_app
from .drift import drift
from .evaluate import (
    evaluate_allocation,
    evaluate_audience,
    evaluate_bias,
    evaluate_factors,
    evaluate_forecast,
    evaluate_interaction,
    evaluate_share,
    evaluate_uplift,
    study,
)
from .evaluate import evaluate_app as evaluate
from .evaluate import explain_app as explain
from .forecast import forecast, impute
from .inspect import inspect
from .models import distil, forget, update
from .outputs import ExitCode, running, say, show, written_so_far
from .reasons import ListCommand
from .report import report
from .sample import sample
from .train import rim, tabular_encoder
from .train import train_app as train

__all__ = ["app", "main"]

_MAY_BE_EMPTY = ("--title",)


class _Verbs(TyperGroup):
    """The verbs; no word of theirs is empty, which as a path would be the working folder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for before, word in pairwise(["tsgen", *args]):
            if not word and before not in _MAY_BE_EMPTY:
                raise typer.BadParameter(
                    f"the word after '{before}' is empty; give a value, or leave it out."
                )
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="tsgen",
    cls=_Verbs,
    help="Realistic synthetic time series, and audiences from event logs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
train.command("rim")(rim)
train.command("tabular-encoder")(tabular_encoder)
evaluate.command("forecast")(evaluate_forecast)
evaluate.command("audience")(evaluate_audience)
evaluate.command("allocation")(evaluate_allocation)
evaluate.command("bias")(evaluate_bias)
evaluate.command("factors")(evaluate_factors)
evaluate.command("interaction")(evaluate_interaction)
evaluate.command("uplift")(evaluate_uplift)
evaluate.command("share")(evaluate_share)
evaluate.command("study")(study)
app.add_typer(train, name="train")
app.command()(sample)
app.command()(augment)
app.command()(forecast)
app.command()(impute)
app.command(cls=ListCommand)(audience)
app.command()(recommend)
app.command()(update)
app.command()(distil)
app.command()(forget)
app.command()(allocate)
app.add_typer(batch_app, name="batch")
app.add_typer(evaluate, name="evaluate")
app.add_typer(explain, name="explain")
app.command()(drift)
app.command()(report)
app.command()(inspect)


def _show_version(asked: bool) -> None:
    if asked:
        show(__version__)
        raise typer.Exit


@app.callback()
def _options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more on stderr.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")


def main() -> None:
    """Run the command line."""
    end_as_interrupt()
    running.set(None)
    try:
        app(prog_name="tsgen")
    except KeyboardInterrupt as error:  # before a verb began, or as it ended
        say(f"interrupted: {written_so_far()}")
        sys.exit(exit_code_of(error))
    except TsgenError as error:  # the version could not be printed
        say(f"error: {error}")
        sys.exit(ExitCode.ERROR)
    except SystemExit as error:
        if error.code == ExitCode.INTERRUPTED:  # Typer's word for both signals
            error.code = exit_code_of(error)
            if isinstance(getattr(error.__context__, "__cause__", None), KeyboardInterrupt):
                say(f"interrupted: {written_so_far()}")  # the verb had no say
        raise
