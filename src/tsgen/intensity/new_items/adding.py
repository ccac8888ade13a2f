"""A fitted RIM with items that no event mentions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgen.contracts import TableDescription, check_handed
from tsgen.data import Histories, Interactions
from tsgen.errors import DataError, DataWarning

from ..kept_events import training_log
from .fitting import NewItemFitter
from .part import AttributeItems
from .reading import read_new_items

if TYPE_CHECKING:
    from ..model import RIMModel

__all__ = ["with_new_items"]


_NEEDED = (
    "and what new items are worth is learnt from them; give the log it was trained on as log=."
)


def with_new_items(
    model: RIMModel, items: Any, log: Any, encoder: TableDescription | None = None
) -> dict[str, Any]:
    """Return what changes in a model that knows new items; see `RIMModel.with_items`."""
    check_handed(encoder, "encoder", model.settings.new_items, "new_items")
    table = model.item_table
    if table is None or not table.shape[1]:
        raise DataError(
            "The items of training have no attributes, so nothing can be said of new ones by "
            "theirs; give a table of items (items=...) with the log and train again."
        )
    new = _fitted(model, table, items, training_log(model, log, _NEEDED), encoder)
    if items is not None:
        for doubt in new.facts["doubts"]:
            warnings.warn(doubt, DataWarning, stacklevel=3)
    return {"new_items": new}


def _fitted(
    model: RIMModel,
    table: pd.DataFrame,
    items: Any,
    log: Interactions,
    encoder: TableDescription | None,
) -> AttributeItems:
    warm = np.bincount(log.item, minlength=len(model.items)) > 0
    warm &= ~np.isneginf(model.parts.relevance.item_bias)
    new = read_new_items(items, model.read_options.item_id, model.items, table, warm)
    fitter = NewItemFitter(
        Histories.of(log, model.states.at),
        model.parts,
        model.settings.span,
        table,
        model.settings.new_items,
        model.seed,
        encoder,
    )
    return fitter.fit(new.ids, new.table, new.columns)
