"""What a user may name as a way to make series, and the operation it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.contracts import SYNTHESIZERS, synthesizer_factory
from tsgen.data import SeriesDataset
from tsgen.errors import SettingsError, nearest

from .adapters import FunctionOperation, synforecast
from .base import TRANSFORMS, Operation, Transform
from .synthesis import SynthesizerTraining, as_operation

__all__ = ["Maker", "operation"]

Maker = Operation | SynthesizerTraining
"""A way to make series, ready or yet to be trained."""

_LENGTHS = (8, 16, 32, 64)
"""Windows of a PSA-GAN without settings: the longest that is half a series at most."""

_OTHERS = {"synforecast-augment", "synforecast-mixup", "synforecast-mbb", "synforecast-dba"}


def operation(what: Any, **settings: Any) -> Maker:
    """Return the operation that a name or object stands for.

    Args:
        what: The name of a transform ("mixing"), of a synthesizer to be trained ("psa-gan"), or
            "synforecast-augment", "-mixup", "-mbb", "-dba"; an operation; a trained synthesizer or
            GluonTS predictor; a synthesizer that has `train`; or a function from a long table
            (item_id, timestamp, target) to a long table.
        **settings: Of the transform, the synthesizer or the method, where `what` is a name.

    Raises:
        SettingsError: There is no such name, or the object is none of these.

    Example:
        >>> operation("jitter", share=0.1).name
        'jitter'
    """
    if isinstance(what, str):
        if what in TRANSFORMS:
            return Transform(what, settings)
        if what in SYNTHESIZERS:
            return SynthesizerTraining(_synthesizer(what, settings), what)
        if what in _OTHERS:
            return synforecast(what.removeprefix("synforecast-"), **settings)
        names = [*TRANSFORMS, *SYNTHESIZERS, *sorted(_OTHERS)]
        raise SettingsError(
            f"There is no operation '{what}'.{nearest(what, names)} There are {', '.join(names)}."
        )
    if isinstance(what, Transform | FunctionOperation | SynthesizerTraining):
        return what
    name = getattr(what, "name", None) or getattr(what, "__name__", type(what).__name__)
    if hasattr(what, "sample_after") or hasattr(what, "predict"):
        return as_operation(what, str(name))
    if hasattr(what, "train"):
        return SynthesizerTraining(what, str(name))
    if isinstance(what, Operation):
        return what
    if callable(what):
        return FunctionOperation(what, str(name))
    raise SettingsError(
        f"{what!r} is no way to make series; give a name, a function from a long table to a long "
        "table, or a synthesizer."
    )


def _synthesizer(name: str, settings: dict[str, Any]) -> Any:
    """Return the synthesizer, or what makes it once the length of the series is known."""
    factory = synthesizer_factory(name)
    if settings or name != "psa-gan":
        return factory(**settings)

    def for_data(dataset: SeriesDataset) -> Any:
        room = float(np.median(dataset.lengths)) / 2
        lengths = [length for length in _LENGTHS if length <= room]
        return factory(target_length=max(lengths, default=_LENGTHS[0]))

    return for_data
