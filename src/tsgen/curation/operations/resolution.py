"""What a user may name as a way to make series, and the operation it stands for."""

from __future__ import annotations

from typing import Any

from tsgen.errors import SettingsError, nearest

from .adapters import FunctionOperation, synforecast
from .base import TRANSFORMS, Operation, Transform
from .synthesis import SynthesizerTraining, as_operation

__all__ = ["Maker", "operation"]

Maker = Operation | SynthesizerTraining
"""A way to make series, ready or yet to be trained."""

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
    from tsgen.contracts import SYNTHESIZERS, synthesizer_factory

    if isinstance(what, str):
        if what in TRANSFORMS:
            return Transform(what, settings)
        if what in SYNTHESIZERS:
            return SynthesizerTraining(synthesizer_factory(what)(**settings), what)
        if what in _OTHERS:
            return synforecast(what.removeprefix("synforecast-"), **settings)
        known = [*TRANSFORMS, *SYNTHESIZERS, *sorted(_OTHERS)]
        raise SettingsError(
            f"There is no operation '{what}'.{nearest(what, known)} There are {', '.join(known)}."
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
