"""`tsgen batch audience`, `recommend` and `score`: a RIM and the histories of all users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..inputs import (
    ReadEvents,
    column_of,
    load_rim,
    read_choices,
    read_excluded,
    read_id_file,
)
from ..options import Exclude, Trust, UnknownUsers
from ..outputs import answering, list_counts
from .app import batch_app, in_batches
from .options import EVENT_KEYS, HorizonStart, Item, Items, Log, Model

if TYPE_CHECKING:
    from tsgen.batch import BatchResult, BatchTask
    from tsgen.intensity import RIMModel

__all__ = ["batch_audience", "batch_recommend", "batch_score"]


def _wanted(
    rim: RIMModel, item: list[str] | None, items: Path | None, read_as: list[str] | None
) -> tuple[Any, ...]:
    if (item is None) == (items is None):
        raise SettingsError("Give either --item ID (repeatable) or --items FILE.")
    if item is not None:
        return tuple(rim.all_items.from_text(item))
    column = column_of(read_as, "item_id", rim.read_options)
    listed = read_id_file(items, column, rim.all_items)  # type: ignore[arg-type]
    return tuple(rim.all_items.from_text([str(one) for one in listed]))


def _listed(result: BatchResult, **_: Any) -> tuple[dict[str, Any], str]:
    """Return who is on the lists, who was left out and what is expected."""
    counts = dict(result.details)
    return {"counts": counts}, list_counts(counts)


def _audience(
    model: Model,
    log: Log,
    item: Item = None,
    items: Items = None,
    size: Annotated[int, typer.Option(help="Users wanted for each item.")] = 1000,
    threshold: Annotated[
        float | None, typer.Option(help="Smallest chance of at least one event.")
    ] = None,
    exclude: Exclude = None,
    on_unknown: UnknownUsers = "error",
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen", help="Leave out what was seen.")
    ] = False,
    at: HorizonStart = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """List the users most likely to engage with each of some items.

    tsgen batch audience models/shop events/ --item 22423 --size 5000 -o list.parquet --memory 2GB
    """
    from tsgen.batch import AudienceBatch

    rim = load_rim(model, "cpu", trust=trust)
    column = column_of(read_as, "user_id", rim.read_options)
    out = read_excluded(exclude, column, rim.states.users, whole=False)
    return AudienceBatch(
        items=_wanted(rim, item, items, read_as),
        size=size,
        threshold=threshold,
        exclude=None if out is None else tuple(out),
        on_unknown=on_unknown,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, EVENT_KEYS),
    )


_audience.__name__ = "audience"
batch_audience = batch_app.command("audience")(answering(in_batches(_audience, _listed)))


@batch_app.command("recommend")
@answering
@in_batches
def batch_recommend(
    model: Model,
    log: Log,
    size: Annotated[int, typer.Option(help="Items wanted for each user.")] = 10,
    item: Item = None,
    items: Items = None,
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen", help="Leave out what was seen.")
    ] = False,
    at: HorizonStart = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """List the items that each user of a log is most likely to engage with.

    tsgen batch recommend models/shop events/ --size 20 -o lists.parquet --jobs 4
    """
    from tsgen.batch import RecommendBatch

    rim = load_rim(model, "cpu", trust=trust)
    chosen = None if item is None and items is None else _wanted(rim, item, items, read_as)
    return RecommendBatch(
        size=size,
        items=chosen,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, EVENT_KEYS),
    )


@batch_app.command("score")
@answering
@in_batches
def batch_score(
    model: Model,
    log: Log,
    item: Item = None,
    items: Items = None,
    at: HorizonStart = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """Write expected events, and the chance of one, of every user with some items.

    tsgen batch score models/shop events/ --items items.txt -o scores.parquet
    """
    from tsgen.batch import ScoreBatch

    rim = load_rim(model, "cpu", trust=trust)
    read = read_choices(read_as, EVENT_KEYS)
    return ScoreBatch(items=_wanted(rim, item, items, read_as), at=at, read=read)
