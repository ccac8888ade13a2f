"""`--market` and `--graph`: a RIM for a market without history, by those near to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import DataError, SettingsError

from ..inputs import read_conditions, read_table
from ..outputs import say

if TYPE_CHECKING:
    from tsgen.curation import DomainGraph
    from tsgen.data import Interactions

__all__ = ["Graph", "Market", "read_graph", "train_on"]

Market = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN=VALUE",
        help="Learn for this market (an attribute of users): those of near markets count more.",
    ),
]
Graph = Annotated[
    Path | None,
    typer.Option(
        help="Of markets: a table of two columns, pairs of neighbours, or a square one of "
        "distances, its first column the names."
    ),
]


def read_graph(path: Path) -> DomainGraph:
    """Read pairs of neighbours, or distances.

    Raises:
        DataError: The table is neither.
    """
    from tsgen.curation import DomainGraph

    table = read_table(path, "")
    try:
        if table.shape[1] == 2:
            return DomainGraph.from_edges(table.itertuples(index=False, name=None))
        return DomainGraph.from_distances(table.set_index(table.columns[0]))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def train_on(
    estimator: Any, log: Interactions, market: str | None, graph: Path | None, **how: Any
) -> Any:
    """Train, for a market if one is given.

    Raises:
        SettingsError: One of both options is given without the other, or the market is unclear.
    """
    if (market is None) != (graph is None):
        raise SettingsError("--market COLUMN=VALUE and --graph FILE go together; give both.")
    if market is None or graph is None:
        return estimator.train(log, **how)
    from tsgen.curation import train_for_market

    ((column, (target,)),) = (read_conditions([market], "--market") or {}).items()
    model = train_for_market(
        estimator, log, read_graph(graph), target, column=column, seed=how["options"].seed, **how
    )
    facts = model.summary["market"]
    weights = sorted(facts["weights"].items(), key=lambda pair: -pair[1])
    said = ", ".join(f"{name} {weight:.2f}" for name, weight in weights[:5])
    say(f"for {market}: scale {facts['scale']}; weights {said}")
    if absent := [name for name, (_, entries) in facts["drawn"].items() if not entries]:
        say(f"too far to count: {', '.join(absent)}")
    return model
