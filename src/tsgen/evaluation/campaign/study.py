"""My campaign: what its list would have held at past origins, beside other ways to pick."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsgen.allocation import Campaign, Plan
from tsgen.data import Interactions, as_interactions
from tsgen.data.events import read_id_list, read_span, to_stamps
from tsgen.errors import DataError, SettingsError
from tsgen.progress import track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import resolve_seed

from ..audience import REFERENCES
from ..calibration import calibration_rows
from ..histograms import event_histograms
from .answer import campaign_answer
from .measures import campaign_calibration, campaign_curve, campaign_table, pays_until
from .origins import MODEL, RANDOM, open_origin

__all__ = ["evaluate_campaign"]


def evaluate_campaign(
    events: Any,
    estimator: Any,
    campaign: Any,
    *,
    size: int | None = None,
    exclude: Any = None,
    origins: int = 3,
    draws: int = 200,
    seed: int | None = None,
    command: str | None = None,
    **settings: Any,
) -> StudyResult:
    """Judge the list of one campaign by what came after past origins.

    At each of the last horizons of the log, the estimator is trained on what came before it, the
    list is made with all filters and exclusions, and looked at by the events of the horizon. The
    same size is picked by simple rules of the same past, and at random (the mean of all random
    lists). Intervals are of 95 % for other customers like these: users are drawn with replacement
    and the lists selected anew among the drawn; the training stays.

    Args:
        events: `Interactions`, or a table.
        estimator: What makes the model, such as `tsgen.RIMEstimator`.
        campaign: A `Campaign`, or a table of its settings, as `tsgen.allocate` takes it: items or
            item_where, at_most, where, exclude, exclude_seen ...
        size: Users of the list; None takes the campaign's at_most.
        exclude: Ids of users to leave out.
        origins: Past horizons to look at, one after the other, the last one at the end of the log.
        draws: Draws of the bootstrap.
        seed: Same seed, same numbers; None draws one, which is recorded.
        command: What was typed, to be kept with the result.
        **settings: Settings of the plan, such as on_unknown.

    Returns:
        A result of the kind "campaign": for each `arm` the mean engagements and buyers of its list
        with `low` and `high`, the model's `difference` to it, and what the model expected.

    Raises:
        SettingsError: There is no size, or a number is impossible.
        DataError: The log is too short for so many origins.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from tsgen import RIMEstimator
        >>> from tsgen.evaluation import evaluate_campaign
        >>> draw = np.random.default_rng(0)
        >>> hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 1400, 900), "h")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 40, 900), "timestamp": hours})
        >>> table["item_id"] = draw.integers(0, 9, 900)
        >>> rim = RIMEstimator(horizon="7D", repeats="none", relevance="popularity")
        >>> mine = {"name": "mine", "items": [3, 4], "at_most": 10}
        >>> evaluate_campaign(table, rim, mine, origins=1, draws=20, seed=1).answer[:39]
        'Of 10 customers 5 are expected to buy, '
    """
    log = as_interactions(events)
    plan = Plan.of([campaign] if not isinstance(campaign, Plan) else campaign, **settings)
    if len(plan.campaigns) != 1:
        raise SettingsError(
            f"{len(plan.campaigns)} campaigns are given; give one (evaluate_allocation judges "
            "several together)."
        )
    mine, seed = plan.campaigns[0], resolve_seed(seed)
    asked = _size(mine, size)
    if origins < 1 or draws < 2:
        raise SettingsError(
            f"origins={origins}, draws={draws} is not possible: from 1, and from 2."
        )
    plan = plan.model_copy(update={"campaigns": (mine.model_copy(update={"at_most": None}),)})
    starts = _starts(log, read_span(estimator.horizon), origins)
    out = np.zeros(0, np.int64)
    if exclude is not None:
        out = read_id_list(exclude, log.users, on_unknown=plan.on_unknown).codes
    opened = [
        open_origin(log, estimator, plan, out, start, seed)
        for start in track(starts, "past origins")
    ]
    wanted = min(asked, *(len(origin.engagements) for origin in opened))
    curve = campaign_curve(opened, wanted)
    table = campaign_table(opened, wanted, draws, seed)
    came = table[(table["arm"] == MODEL) & (table["metric"] == "buyers")]["value"].iloc[0]
    calibration = campaign_calibration(opened)
    half = int(np.abs(curve[:, 0] - wanted / 2).argmin())
    facts: dict[str, Any] = {
        "study": "campaign",
        "campaign": mine.to_json(),
        "horizon": estimator.horizon,
        "origins": [origin.facts for origin in opened],
        "settings": {"size": wanted, "asked": asked, "bootstrap_draws": draws},
        "half": {"size": int(curve[half, 0]), "buyers": float(curve[half, 2]), "of": float(came)},
        "pays_until": pays_until(curve),
        "curve_until": int(curve[-1, 0]),
        "calibration": {"chances": calibration.facts()},
        "rules": {name: REFERENCES[name] for name in (*opened[0].scores, RANDOM) if name != MODEL},
        "data": {"num_events": len(log), "fingerprint": log.fingerprint()},
        "seed": seed,
        "versions": library_versions(),
    }
    if command is not None:
        facts["command"] = command
    arrays = {"curve": curve, "calibration.chances": calibration_rows(calibration.table)}
    arrays |= event_histograms(log)
    return StudyResult(table, campaign_answer(table, facts), facts, arrays)


def _size(campaign: Campaign, size: int | None) -> int:
    wanted = campaign.most if size is None else size
    if wanted is None or wanted < 1:
        raise SettingsError(
            f"Campaign '{campaign.name}' needs a size: give size=, or at_most of the campaign."
        )
    return int(wanted)


def _starts(log: Interactions, span: int, origins: int) -> list[int]:
    """Return when the windows begin, the latest first.

    Raises:
        DataError: Too little of the log lies before the first one.
    """
    last, first = int(log.time.max()), int(log.time.min())
    starts = [last + 1 - span * (back + 1) for back in range(origins)]
    if starts[-1] - span < first:
        begins, ends = to_stamps(np.array([first, last]), log.timezone)
        raise DataError(
            f"{origins} origins need {origins + 1} horizons of events, and the log goes from "
            f"{begins} to {ends}; ask for fewer origins, or a shorter horizon."
        )
    return starts
