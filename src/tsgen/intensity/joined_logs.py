"""An older log and a newer one as one, as `update` and `train_from` go on from."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Codes, Integers, Mask
from tsgen.data import Interactions, Vocabulary, as_interactions, plain_value
from tsgen.data.events import check_same_hashing
from tsgen.errors import DataWarning, SettingsError

from .kept_events import training_log
from .scoring import filled

if TYPE_CHECKING:
    from .model import RIMModel

__all__ = ["joined_logs", "log_since", "refuse_sample"]


def refuse_sample(model: RIMModel) -> None:
    """Refuse to go on from a model that knows a sample of the users: newer events are of all.

    Raises:
        SettingsError: It does.
    """
    if sample := model.summary.get("sample"):
        raise SettingsError(
            f"The model was trained on {sample['users']:,} of {sample['of_users']:,} users, so "
            "newer events of all users cannot be added to it; score whole histories in batches "
            "(tsgen batch), or train anew."
        )


def log_since(model: RIMModel, events: Any, log: Any = None) -> Interactions:
    """Return what a model has learnt from and newer events as one log, new items included.

    Args:
        model: The model.
        events: What is new, `Interactions` or a table that is called as the training log was.
        log: The training log, where the model keeps no events or no values of them.

    Raises:
        DataError: The model keeps no events, and `log` is None.
        SettingsError: It was trained on a sample of users.

    Warns:
        DataWarning: Events are known already; values are left out.
    """
    refuse_sample(model)
    older = training_log(model, log, "and it goes on from them; give the training log as log=.")
    if log is None:
        older = replace(
            older,
            user_table=model.user_table,
            item_table=model.item_table,
            read_options=model.read_options,
        )
    newer = as_interactions(events, model.read_options)
    if older.value is None and newer.value is not None:
        _warn(
            "The model keeps no values of its events, so those of the new ones are left out; give "
            "the training log as log= to go on with values."
        )
    return joined_logs(older, newer)


def joined_logs(older: Interactions, newer: Interactions) -> Interactions:
    """Return both logs as one; what the newer repeats of the older counts once.

    Attributes are those of the newer and, where it has none, of the older; values are there if both
    have them. Ids of the newer that are the text of one of the older ("17" for 17) mean that.

    Warns:
        DataWarning: Events are known already; ids are written otherwise than in the older.
    """
    check_same_hashing(older.users, newer.users)
    newer = replace(
        newer,
        users=_written_as(older.users, newer.users),
        items=_written_as(older.items, newer.items),
    )
    user_maps, users = Vocabulary.union([older.users, newer.users], "user")
    item_maps, items = Vocabulary.union([older.items, newer.items], "item")
    first = user_maps[0][older.user], item_maps[0][older.item], older.time
    second = user_maps[1][newer.user], item_maps[1][newer.item], newer.time
    fresh = ~_repeats(first, second)
    if not fresh.all():
        _warn(
            f"{int((~fresh).sum())} of {len(fresh)} new events are known already (the same user, "
            "item and time) and count once."
        )
    user, item, time = (np.concatenate([first[k], second[k][fresh]]) for k in range(len(first)))
    order = np.lexsort((time, user))
    counts = np.bincount(user, minlength=len(users))
    return Interactions(
        users,
        items,
        np.concatenate([[0], np.cumsum(counts)]),
        item[order],
        time[order],
        _values(older, newer, fresh, order),
        timezone=older.timezone,
        user_table=_table(users, (older.users, older.user_table), (newer.users, newer.user_table)),
        item_table=_table(items, (older.items, older.item_table), (newer.items, newer.item_table)),
        read_options=older.read_options,
    )


def _written_as(older: Vocabulary, newer: Vocabulary) -> Vocabulary:
    """Return the newer ids, those that are the text of an older one as that.

    Warns:
        DataWarning: There are some, or others that differ from an older one by the way of writing.
    """
    new = [int(k) for k in np.flatnonzero(older.codes(newer.ids) < 0)] if len(older) else []
    fitting = older.spellings.codes(newer.ids[k] for k in new) if new else []
    like = {k: older.ids[codes[0]] for k, codes in zip(new, fitting, strict=True) if len(codes)}
    same = {k: one for k, one in like.items() if str(one) == str(newer.ids[k])}
    others = {k: one for k, one in like.items() if k not in same}
    _say_written(newer, same, "are taken as those")
    _say_written(newer, others, "count as others; write them alike if they are the same")
    if not same:
        return newer
    written = newer.ids.astype(object).to_numpy(copy=True)
    written[list(same)] = list(same.values())
    return Vocabulary(pd.Index(written, dtype=object), newer.what)


def _say_written(newer: Vocabulary, like: dict[int, Any], meaning: str) -> None:
    """Warn of newer ids that are written otherwise than older ones.

    Args:
        newer: All newer ids.
        like: Place among them -> the older id.
        meaning: What becomes of them.
    """
    for place, one in list(like.items())[:1]:
        _warn(
            f"{len(like)} of the {len(newer)} {newer.what}s of the newer events are written "
            f"otherwise than those that are known (the first: {plain_value(newer.ids[place])!r}, "
            f"known {plain_value(one)!r}) and {meaning}."
        )


_Events = tuple[Codes, Codes, Integers]
_Described = tuple[Vocabulary, pd.DataFrame | None]


def _repeats(older: _Events, newer: _Events) -> Mask:
    """Return which new events equal an older one in user, item and time."""
    late = older[2] >= newer[2].min(initial=np.iinfo(np.int64).max)
    before = pd.MultiIndex.from_arrays([part[late] for part in older])
    return np.asarray(pd.MultiIndex.from_arrays(list(newer)).isin(before))


def _values(older: Interactions, newer: Interactions, fresh: Mask, order: Any) -> Array | None:
    if older.value is None or newer.value is None:
        return None
    return np.asarray(np.concatenate([older.value, newer.value[fresh]])[order])


def _table(ids: Vocabulary, older: _Described, newer: _Described) -> pd.DataFrame | None:
    """Return attributes in the order of some ids."""
    table = filled(None, newer[1], newer[0].codes(ids.ids))
    return filled(table, older[1], older[0].codes(ids.ids))


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=6)
