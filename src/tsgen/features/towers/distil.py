"""`distil`: a fast model that ranks as a slower one does."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

from tsgen.contracts import TeachingModel

from .learning import learn_towers
from .settings import TowerSettings

__all__ = ["distil"]

Model = TypeVar("Model", bound=TeachingModel)


def distil(
    model: Model,
    rank: int = 64,
    *,
    rounds: int = 1,
    settings: TowerSettings | None = None,
    log: Any = None,
    seed: int | None = None,
) -> Model:
    """Return a model of the same kind with two low-rank towers taught by this one.

    What the model gives to a pair that a user has not seen becomes a product of a vector of the
    user, computed from the history, and one of the item, so that many users are ranked for many
    items by one product of matrices. A cheap formula stands for the past of pairs that were seen.
    Activity, attributes and items of `with_items` stay as they are; chances are those of the
    teacher. `summary["towers"]` says how far the lists agree.

    Args:
        model: A trained `RIMModel`.
        rank: Width of the towers.
        rounds: How often what the towers rank highest is added to what they learn from.
        settings: Further ones of the training; `rank` and `rounds` go before them.
        log: The training log, where the model keeps no events.
        seed: None is that of the model's training.

    Raises:
        SettingsError: The model has towers already, or a setting is impossible.
        DataError: The model keeps no events and `log` is None, or `log` lacks users.

    Warns:
        DataWarning: The towers' lists hold little of the teacher's.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from tsgen import RIMEstimator
        >>> from tsgen.features import distil
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
        >>> table["item_id"] = draw.integers(0, 9, 600)
        >>> model = RIMEstimator(horizon="7D", repeats="none").train(table)
        >>> fast = distil(model, rank=16, seed=1)
        >>> len(fast.audience(3, size=2)), fast.summary["towers"]["rank"]
        (2, 16)
    """
    changes: dict[str, Any] = dict(settings or TowerSettings()) | {"rank": rank, "rounds": rounds}
    learn = partial(learn_towers, settings=TowerSettings(**changes))
    return model.distilled(learn, log=log, seed=seed)
