"""Features that change in time, of GluonTS entries that a forecast starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Integers
from tsgen.data.series import DynamicFeatures, features_of_entries
from tsgen.errors import DataError

from ..memory import DynamicFacts

__all__ = ["entry_features"]


def entry_features(
    entries: Sequence[Mapping[str, Any]],
    steps: Integers,
    facts: DynamicFacts | None,
    ahead: int,
) -> DynamicFeatures | None:
    """Return the features of entries as the model orders them; None for a model without any.

    Args:
        entries: GluonTS entries, all with the same fields.
        steps: (R,), steps of their targets.
        facts: What the model knows of features.
        ahead: Steps after the end for which features must be known.

    Raises:
        DataError: Features are lacking, or end too early.
    """
    if facts is None:
        return None
    ids = [entry.get(FieldName.ITEM_ID, row) for row, entry in enumerate(entries)]
    given = features_of_entries(entries, ids, steps, "keep")
    if given is None:
        raise facts.lacking(facts.names)
    features = facts.aligned(given)
    beyond = features.lengths - steps
    if (facts.real_names or facts.cat_names) and (beyond < ahead).any():
        i = int((beyond < ahead).argmax())
        raise DataError(
            f"The features of series {ids[i]!r} are known for {beyond[i]} steps after its end; its "
            f"forecast needs {', '.join((*facts.real_names, *facts.cat_names))} for {ahead}. Give "
            "entries whose features go on, or a table with rows whose target is empty.",
            item_id=ids[i],
        )
    return features
