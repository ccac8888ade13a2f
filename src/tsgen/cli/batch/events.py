"""`tsgen batch audience`, `recommend` and `score`: a RIM and the histories of all users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..inputs import ReadEvents, load_rim, read_choices, read_id_file
from ..options import Exclude, Trust
from ..outputs import answering
from .app import batch_app, in_batches
from .options import EVENT_KEYS, HorizonStart, Item, Items, Log, Model

if TYPE_CHECKING:
    from tsgen.batch import BatchTask
    from tsgen.intensity import RIMModel

__all__ = ["batch_audience", "batch_recommend", "batch_score"]


def _wanted(rim: RIMModel, item: list[str] | None, items: Path | None) -> tuple[Any, ...]:
    if (item is None) == (items is None):
        raise SettingsError("Give either --item ID (repeatable) or --items FILE.")
    if item is not None:
        return tuple(rim.all_items.from_text(item))
    listed = read_id_file(items, rim.read_options.item_id, rim.all_items)  # type: ignore[arg-type]
    return tuple(rim.all_items.from_text([str(one) for one in listed]))


@batch_app.command("audience")
@answering
@in_batches
def batch_audience(
    model: Model,
    log: Log,
    item: Item = None,
    items: Items = None,
    size: Annotated[int, typer.Option(help="Users wanted for each item.")] = 1000,
    threshold: Annotated[
        float | None, typer.Option(help="Smallest chance of at least one event.")
    ] = None,
    exclude: Exclude = None,
    on_unknown: Annotated[
        str, typer.Option(help="A list of users of whom none is known: error, or warn and go on.")
    ] = "error",
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
    out = (
        None
        if exclude is None
        else read_id_file(exclude, rim.read_options.user_id, rim.states.users)
    )
    return AudienceBatch(
        items=_wanted(rim, item, items),
        size=size,
        threshold=threshold,
        exclude=None if out is None else tuple(out),
        on_unknown=on_unknown,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, EVENT_KEYS),
    )


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
    chosen = None if item is None and items is None else _wanted(rim, item, items)
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
    return ScoreBatch(items=_wanted(rim, item, items), at=at, read=read)
