"""Training a RIM on an event log."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tsgen.data import Histories, Interactions, Vocabulary
from tsgen.data.event_times import span_text, to_stamps
from tsgen.errors import DataError
from tsgen.rng import numpy_stream, resolve_seed
from tsgen.training import TrainingOptions

from .chance import ChanceMap
from .model import RIMModel, training_facts
from .parts import FittedParts
from .relevance import FittedRelevance, PopularityRelevance
from .repeats import RepeatMixture, fit_mixture
from .settings import RIMSettings
from .user_states import UserStates

__all__ = ["RIMEstimator"]

logger = logging.getLogger(__name__)

_HELD_OUT = 0.1
_FEWEST = 5
_CALIBRATION_NUMBERS = 4_000_000


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
        self, events: Any, *, at: Any = None, options: TrainingOptions | None = None
    ) -> RIMModel:
        """Train on an event log.

        Args:
            events: `Interactions`, or a table as `Interactions.from_frame` takes it.
            at: The training cut-off; later events are not looked at. None is just after the last
                event.
            options: Seed, device, time budget, checkpoints of the network's training.

        Raises:
            DataError: Nothing lies before the cut-off, or the horizon is longer than the data.
            TrainingDivergedError: A loss became NaN or infinite.
            TrainingInterruptedError: Ctrl-C; the checkpoint, if there is one, can be resumed from.
        """
        options = (options or TrainingOptions()).resolved()
        log = events if isinstance(events, Interactions) else Interactions.from_frame(events)
        cut = int(log.time.max()) + 1 if at is None else log.read_time(at)
        known = log.where(log.time < cut)
        self._check(log, known, cut)
        histories = Histories.of(known, cut)
        seed = resolve_seed(options.seed)
        logger.info("training on %r", known)
        parts = self._fit(histories, options, seed)
        logger.info("chances by %r", parts.chance)
        states = UserStates.of(
            histories, known.users, parts.activity, parts.relevance, parts.mixture, self.span
        )
        return RIMModel(
            RIMSettings(**dict(self)),
            parts,
            known.items,
            states,
            timezone=known.timezone,
            user_table=known.user_table,
            item_table=known.item_table,
            history=getattr(parts.relevance, "history", []),
            seed=seed,
            summary=training_facts(known, self.span),
        )

    def _check(self, log: Interactions, known: Interactions, cut: int) -> None:
        if not len(known):
            first, asked = to_stamps(np.array([log.time.min(), cut]), log.timezone)
            raise DataError(
                f"No event lies before the cut-off {asked}; the first is at {first}. Choose a "
                "later time."
            )
        length = int(known.time.max() - known.time.min())
        if self.span > length:
            raise DataError(
                f"The horizon {self.horizon} is longer than the data before the cut-off "
                f"({span_text(length)}); choose a shorter one, or give more data."
            )

    def _fit(self, histories: Histories, options: TrainingOptions, seed: int) -> FittedParts:
        activity = self.activity_model()
        fitted = None if activity is None else activity.fit(histories, self.span, options)
        held_out = np.zeros(len(histories), bool)
        if self.relevance != "popularity":
            held_out = _hold_out(histories, seed)
        model = self.relevance_model()
        relevance = model.fit(histories, self.span, options, held_out=held_out)
        mixture = RepeatMixture.none()
        if self.repeats == "mixture":
            mixture = self._mixture(histories, relevance, options, held_out)
        parts = FittedParts(fitted, relevance, mixture)
        return replace(parts, chance=self._chance(histories, parts, options, held_out, seed))

    def _mixture(
        self,
        histories: Histories,
        relevance: FittedRelevance,
        options: TrainingOptions,
        held_out: npt.NDArray[np.bool_],
    ) -> RepeatMixture:
        """Learn the mixture's weights from events that its base model has not learnt from."""
        if self.relevance != "popularity" and held_out.any():
            return fit_mixture(relevance, histories, self.span, held_out)
        past = Histories.of(histories.events, histories.at - self.span, histories.users)
        everyone = np.ones(len(histories), bool)
        if not past.lengths.any():
            return RepeatMixture.none()
        base = PopularityRelevance(self.fading).fit(past, self.span, options, held_out=~everyone)
        return fit_mixture(base, histories, self.span, everyone)

    def _chance(
        self,
        histories: Histories,
        parts: FittedParts,
        options: TrainingOptions,
        held_out: npt.NDArray[np.bool_],
        seed: int,
    ) -> ChanceMap:
        """Learn what intensities mean as chances, on the last horizon of some users.

        The activity, and popularity, are learnt again from what came before that horizon; a network
        is asked about users that it was not trained on.
        """
        events = histories.events
        past = Histories.of(events, histories.at - self.span, histories.users)
        users = held_out if held_out.any() else past.lengths > 0
        random = numpy_stream(seed, "chance")
        size = max(_CALIBRATION_NUMBERS // max(events.num_items, 1), 1)
        some = np.sort(random.permutation(np.flatnonzero(users))[:size])
        activity = self.activity_model()
        if activity is None or not len(some):
            return ChanceMap()
        try:
            earlier = replace(parts, activity=activity.fit(past, self.span, options))
        except DataError:  # too short a log to have a window before the last one
            return ChanceMap()
        if isinstance(self.relevance_model(), PopularityRelevance):
            nobody = np.zeros(len(past), bool)
            base = self.relevance_model().fit(past, self.span, options, held_out=nobody)
            earlier = replace(earlier, relevance=base)
        asked = past.subset(some)
        ids = Vocabulary(events.users.ids[some], "user")
        states = UserStates.of(
            asked, ids, earlier.activity, earlier.relevance, earlier.mixture, self.span
        )
        model = RIMModel(
            RIMSettings(**dict(self)),
            earlier,
            events.items,
            states,
            timezone=None,
            user_table=None,
            item_table=None,
            history=[],
            seed=seed,
            summary={},
        )
        items = np.flatnonzero(earlier.relevance.item_bias > -np.inf)
        intensity = model.scores().select_items(items)
        dense = intensity.block(slice(0, len(some)), slice(0, len(items))).astype(np.float64)
        later = histories.subset(some).pair_counts() - asked.pair_counts()
        happened = later[:, items].toarray() > 0
        kept = np.ones(dense.shape, bool)
        if intensity.excluded is not None:
            kept[intensity.excluded.nonzero()] = False
        half = np.broadcast_to(np.arange(len(some))[:, None] % 2 == 0, dense.shape)
        return ChanceMap.fit(dense[kept], happened[kept], half[kept])


def _hold_out(histories: Histories, seed: int) -> npt.NDArray[np.bool_]:
    """Draw a tenth of the users with a history, or none where there are too few to tell."""
    held_out = np.zeros(len(histories), bool)
    some = np.flatnonzero(histories.lengths > 0)
    count = round(_HELD_OUT * len(some))
    if count >= _FEWEST:
        random = numpy_stream(seed, "held out")
        held_out[random.choice(some, count, replace=False)] = True
    return held_out
