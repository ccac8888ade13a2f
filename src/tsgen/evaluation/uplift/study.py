"""What a campaign changed: contacted users against those held out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.allocation import Plan
from tsgen.arrays import Array
from tsgen.data import Interactions, as_interactions
from tsgen.data.events import read_span, span_text, to_stamps
from tsgen.errors import DataError, SettingsError
from tsgen.results import StudyResult, library_versions

from .answer import uplift_answer
from .contacts import count_earlier, outcomes
from .effects import Effect, cuped

__all__ = ["evaluate_uplift"]

_GROUPS = 10
_FEWEST = 10  # held out users in a decile, or there are fewer groups


def evaluate_uplift(
    events: Any,
    contacts: pd.DataFrame,
    holdouts: pd.DataFrame,
    campaigns: Any,
    *,
    begin: Any = None,
    horizon: Any = None,
    earlier: pd.DataFrame | None = None,
    command: str | None = None,
) -> StudyResult:
    """Measure what campaigns changed, by those who were held out at random.

    Outcomes are engagements with the campaign's items, and their value, within the horizon. The
    effect is a difference in means with a Welch interval, and the same adjusted by what the model
    expected of each user (CUPED), which is shorter where the model knows something.

    Args:
        events: The log that goes on after the contacts.
        contacts: user_id, campaign, expected_engagements: the table of an allocation. Ids may be
            written otherwise than in the log (numbers as text, zeros lost).
        holdouts: The same of the users held out: `Allocation.holdouts`.
        campaigns: See `tsgen.allocate`: which items, and what an engagement is worth.
        begin: When the contacts were made; None is the cut-off noted in `contacts`.
        horizon: How long outcomes count; None is the horizon noted in `contacts`.
        earlier: Contacts before these (user_id, timestamp): they bias expectations, and are
            counted.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "uplift". Its table has rows for each campaign, metric
        (incremental_engagements, incremental_value: totals over the contacted), `method`
        ("difference", "adjusted") and `group` ("all", or "1" to "10": deciles of the expectation,
        highest first).

    Raises:
        SettingsError: The model that chose the users has learnt from events after `begin`.
        DataError: Tables do not fit, or nothing happened after `begin`.
    """
    plan = Plan.of(campaigns)
    log = as_interactions(events)
    noted = contacts.attrs.get("tsgen", {})
    start, span = _window(log, noted, begin, horizon)
    window = log.where((log.time >= start) & (log.time < start + span))
    table = outcomes(window, contacts, holdouts, plan)
    rows = [
        row
        for campaign in plan.campaigns
        for row in _rows(campaign.name, table[table["campaign"] == campaign.name])
    ]
    if not rows:
        raise DataError("No campaign has users both contacted and held out; there is no effect.")
    result = pd.DataFrame(rows).assign(protocol="randomised hold-out", n=len(table), seed=0)
    begins, ends, last = to_stamps(np.array([start, start + span, log.time.max()]), log.timezone)
    facts: dict[str, Any] = {
        "study": "uplift",
        "test": {
            "begins": str(begins),
            "ends": str(ends),
            "last_event": str(last),
            "horizon": span_text(span),
            "covered": round(min(int(log.time.max()) + 1 - start, span) / span, 4),
        },
        "plan": plan.to_json(),
        "allocation": noted,
        "not_measured": [c.name for c in plan.campaigns if c.name not in set(result["campaign"])],
        "unknown_users": table.attrs["unknown_users"],
        "earlier_contacts": None
        if earlier is None
        else count_earlier(earlier, table, log, start, span),
        "data": {"num_events": len(log), "fingerprint": log.fingerprint()},
        "versions": library_versions(),
    }
    if command is not None:
        facts["command"] = command
    return StudyResult(result, uplift_answer(result, facts), facts)


def _window(log: Interactions, noted: dict[str, Any], begin: Any, horizon: Any) -> tuple[int, int]:
    """Return when outcomes begin to count, and for how long, in microseconds.

    Raises:
        SettingsError: It is not said, or the model knew what came after.
        DataError: No event lies after `begin`.
    """
    if (begin is None and "cutoff" not in noted) or (horizon is None and "horizon" not in noted):
        raise SettingsError(
            "The contacts do not say when they were made (a CSV cannot); give begin= and horizon=."
        )
    start = log.read_time(noted["cutoff"] if begin is None else begin)
    if "cutoff" in noted and log.read_time(noted["cutoff"]) > start:
        raise SettingsError(
            f"The model's cut-off {noted['cutoff']} lies after the campaign began ({begin}): it "
            "has seen what the contacts brought, and its expectations would hide the effect. Use "
            "one trained on the time before."
        )
    last = int(log.time.max())
    if last < start:
        moment, end = to_stamps(np.array([start, last]), log.timezone)
        raise DataError(
            f"No event lies after the contacts of {moment}: the log ends at {end}. Give a newer "
            "log."
        )
    return start, read_span(noted["horizon"] if horizon is None else horizon)


def _rows(name: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a campaign; none where nobody was contacted, or nobody held out."""
    treated = table["treated"].to_numpy(bool)
    if treated.all() or not treated.any():
        return []
    expected = table["expected"].to_numpy(float)
    rows = []
    for metric in ("engagements", "value"):
        outcome = table[metric].to_numpy(float)
        for method, values in (
            ("difference", outcome),
            ("adjusted", cuped(outcome, expected, treated)),
        ):
            row = _row(name, metric, method, Effect.of(values, treated))
            rows.append(row | {"group": "all"})
        for group, chosen in enumerate(_groups(expected, treated), 1):
            effect = Effect.of(outcome[chosen], treated[chosen])
            rows.append(_row(name, metric, "difference", effect) | {"group": str(group)})
    return rows


def _row(name: str, metric: str, method: str, effect: Effect) -> dict[str, Any]:
    num = effect.treated
    return {
        "campaign": name,
        "metric": f"incremental_{metric}",
        "method": method,
        "value": num * effect.difference,
        "low": num * effect.low,
        "high": num * effect.high,
        "spread": num * effect.error,
        "per_user": effect.difference,
        "per_user_low": effect.low,
        "per_user_high": effect.high,
        "detectable": effect.detectable,
        "contacted": num,
        "held_out": effect.control,
        "contacted_mean": effect.treated_mean,
        "held_out_mean": effect.control_mean,
        "better": "higher",
    }


def _groups(expected: Array, treated: Array) -> list[Array]:
    """Return the members of deciles of the expectation, highest first; fewer, if few are held out.

    Groups have equally many users; ties go by the order of the table.
    """
    num = int(min(_GROUPS, (~treated.astype(bool)).sum() // _FEWEST))
    if num < 2:
        return []
    order = np.argsort(-expected, kind="stable")
    return list(np.array_split(order, num))
