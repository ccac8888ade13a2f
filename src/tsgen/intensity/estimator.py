"""Training a RIM on an event log."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from tsgen.contracts import TableDescription, check_handed
from tsgen.data import Histories, Interactions, as_interactions
from tsgen.data.events import (
    Spend,
    UserSample,
    end_of_log,
    span_text,
    to_stamps,
    warn_of_doubts,
)
from tsgen.errors import DataError, SettingsError
from tsgen.rng import resolve_seed
from tsgen.training import TrainingOptions, resolve_device, threads

from .fitting import PartsFitter
from .joined_logs import log_since
from .kept_events import KeptEvents
from .model import RIMModel
from .model_folder import check_storable
from .scoring import FittedParts, UserStates
from .settings import RIMSettings
from .track_record import PastTotal, total_facts

__all__ = ["RIMEstimator"]

logger = logging.getLogger(__name__)


class RIMEstimator(RIMSettings):
    """RIM: which users will engage with this item, and which items a user will turn to.

    intensity(user, item) = activity(user) * relevance(item | user), the expected number of events
    of the pair in the horizon. Source: Ma, Liu, Deoras, "Bridging Recommendation and Marketing via
    Recurrent Intensity Modeling", ICLR 2022.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from tsgen import Interactions, RIMEstimator, TrainingOptions
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(300) * 288, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 30, 300), "timestamp": days})
        >>> events = Interactions.from_frame(table.assign(item_id=draw.integers(0, 9, 300)))
        >>> network = {"hidden_size": 8, "max_epochs": 1}
        >>> estimator = RIMEstimator(horizon="7D", relevance="gru", network=network)
        >>> estimator.train(events, options=TrainingOptions(seed=7))
        RIMModel(30 users, 9 items, horizon='7D', up to 2024-02-29 19:12:00.000001)
    """

    def train(
        self,
        events: Any,
        *,
        at: Any = None,
        options: TrainingOptions | None = None,
        user_encoder: TableDescription | None = None,
        item_encoder: TableDescription | None = None,
    ) -> RIMModel:
        """Train on an event log.

        Args:
            events: `Interactions`, a table as `Interactions.from_frame` takes it, or a sample of
                the users of a log that is larger than memory (`tsgen.data.events.sample_users`):
                then the model knows these users, and totals in its summary are those of the log.
            at: The training cut-off; later events are not looked at, and users who have no earlier
                one are in no audience unless a table of users says that they exist. None is just
                after the last event or, where stamps are by day or month, that one's end.
                With `activity="auto"` and horizons of a day or more, past horizons to learn from
                end at the midnight (UTC) before, so that no hour changes what is learnt. With
                horizons of less than two weeks, what that midnight taught gains weight by the hour
                beside what the two before it did, so that no midnight changes lists at once; a
                midnight with nothing in the horizon before it, as of days of rest, does not count.
            options: Seed, device, time budget, checkpoints of the network's training; `devices`
                processes may share that of a sequence model.
            user_encoder: With `new_users="encoder"`: a fitted `tsgen.features.TabularEncoder` of
                users' attributes, in place of one that learns from the table of users. It is saved
                with the model.
            item_encoder: With `new_items="encoder"`: the same of items, for those without events
                now; see `RIMModel.with_items` for later ones.

        Raises:
            SettingsError: A device is absent, or several are asked for without a sequence model.
            DataError: Nothing lies before the cut-off, the horizon is longer than the data, or ids
                or attributes are of a kind that cannot be saved with the model.
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.

        Warns:
            DataWarning: A few events lie far after all others.
        """
        options = (options or TrainingOptions()).resolved()
        if options.devices > 1 and not self.relevance_model().in_steps:
            raise SettingsError(
                f"devices={options.devices} is possible for the sequence models alone "
                "(relevance='gru' or 'transformer'); the other parts of RIM train in one process. "
                "Use devices=1."
            )
        check_handed(user_encoder, "user_encoder", self.new_users, "new_users")
        check_handed(item_encoder, "item_encoder", self.new_items, "new_items")
        resolve_device(options.device)  # though some parts need none
        sample = events if isinstance(events, UserSample) else None
        events = events if sample is None else sample.log
        log = as_interactions(events)
        cut = end_of_log(log) if at is None else log.read_time(at)
        past = log.where(log.time < cut)
        self._check(log, past, cut)
        check_storable(past)
        warn_of_doubts(past, self.span)
        histories = Histories.of(past, cut)
        seed = resolve_seed(options.seed)
        logger.info("training on %r", past)
        with threads(options.num_threads):  # small networks: more cost ten times the time
            fitter = PartsFitter(self, options, seed, histories)
            parts = fitter.fit(user_encoder)
        logger.info("chances by %r", parts.probability)
        states = UserStates.of(histories, past.users, parts, self.span)
        model = RIMModel(
            RIMSettings(**dict(self)),
            parts,
            past.items,
            states,
            timezone=past.timezone,
            user_table=past.user_table,
            item_table=past.item_table,
            history=getattr(parts.relevance, "history", []),
            seed=seed,
            spend=Spend.of(past, past.users, past.items) if Spend.is_in(past) else None,
            events=KeptEvents.of(past) if self.keep_events else None,
            summary=_training_facts(past, self.span)
            | _totals(fitter, parts, states, sample)
            | _choices(parts)
            | ({} if parts.new_users is None else {"rule_of_new_users": parts.new_users.facts})
            | _items(parts),
        )
        return self._with_cold_items(model, past, item_encoder)

    def train_from(
        self,
        model: RIMModel,
        events: Any,
        *,
        at: Any = None,
        log: Any = None,
        options: TrainingOptions | None = None,
    ) -> RIMModel:
        """Learn anew, by these settings, from what a model has learnt from and newer events.

        `RIMModel.update` adds events without learning anew, and knows no new items.

        Args:
            model: A fitted model; it stays as it is.
            events: What is new; see `RIMModel.update`.
            at: See `train`.
            log: The training log, where the model keeps no events or no values of them.
            options: See `train`.

        Raises:
            SettingsError: It is no RIM, or was trained on a sample of users.
            DataError: The model keeps no events, and `log` is None.

        Warns:
            DataWarning: Events are known already; values are left out.
        """
        if not isinstance(model, RIMModel):
            raise SettingsError(
                f"train_from goes on from a RIM, not from a {type(model).__name__}."
            )
        return self.train(log_since(model, events, log), at=at, options=options)

    def _with_cold_items(
        self, model: RIMModel, log: Interactions, encoder: TableDescription | None
    ) -> RIMModel:
        """Return the model with what attributes say of the items that have no event."""
        cold = int(np.isneginf(model.parts.relevance.item_bias).sum())
        if not cold or model.item_table is None or self.new_items == "equal":
            return model
        try:
            return model.with_items(None, log=log, encoder=encoder)
        except DataError as error:
            if encoder is not None:
                raise
            logger.warning("attributes say nothing of %d items without events: %s", cold, error)
            return model

    def _check(self, log: Interactions, past: Interactions, cut: int) -> None:
        if not len(past):
            first, asked = to_stamps(np.array([log.time.min(), cut]), log.timezone)
            raise DataError(
                f"No event lies before the cut-off {asked}; the first is at {first}. Choose a "
                "later time."
            )
        length = int(past.time.max() - past.time.min())
        if self.span > length:
            raise DataError(
                f"The horizon {self.horizon} is longer than the data before the cut-off "
                f"({span_text(length)}); choose a shorter one, or give more data."
            )


def _totals(
    fitter: PartsFitter, parts: FittedParts, states: UserStates, sample: UserSample | None
) -> dict[str, Any]:
    """Return the expected events of users with a history, and what they rest on."""
    facts: dict[str, Any] = {} if sample is None else {"sample": sample.facts()}
    if not parts.activity.expects_counts:
        return facts
    expected = states.expected(parts.activity)
    total = float(expected[fitter.histories.lengths > 0].sum())
    factor = 1.0 if sample is None else sample.factor
    past = [PastTotal(p.expected * factor, round(p.came * factor)) for p in fitter.past_totals()]
    return facts | total_facts(total * factor, past)


def _items(parts: FittedParts) -> dict[str, Any]:
    """Return how totals of items came in the last horizon, and the power learnt from that."""
    if not parts.record:
        return {}
    return {"past_items": parts.record, "item_power": round(parts.item_power, 4)}


def _choices(parts: FittedParts) -> dict[str, Any]:
    """Return what parts that choose by past horizons have chosen, and by what."""
    named = {"activity": parts.activity, "relevance": parts.relevance}
    choices = {name: getattr(part, "choice", None) for name, part in named.items()}
    chosen = {name: choice for name, choice in choices.items() if choice}
    return {"choices": chosen} if chosen else {}


def _training_facts(events: Interactions, horizon: int) -> dict[str, Any]:
    """Return what a saved model says about its training events."""
    return {**events.facts(), "horizon": span_text(horizon), "fingerprint": events.fingerprint()}
