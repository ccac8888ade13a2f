"""The fitted RIM: audiences for items, recommendations for users."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Floats
from tsgen.contracts import TowerLearner
from tsgen.data import Interactions, Vocabulary, as_interactions
from tsgen.data.events import ReadOptions, Spend, read_time, to_stamps
from tsgen.displays import html_facts
from tsgen.scores import ScoreMatrix

from .activity_predictor import ActivityPredictor, predictor_of
from .audiences import AudienceMaker, RecommendationMaker
from .forgetting import with_hashed_users, without_users
from .kept_events import KeptEvents
from .model_folder import check_scores, read_rim_folder, write_rim_folder
from .new_items import AttributeItems, with_new_items
from .relevance import ItemPart, with_cold_items
from .scoring import (
    Candidates,
    FittedParts,
    OnDelta,
    UserStates,
    candidates_at,
    refuse_delta,
)
from .settings import RIMSettings
from .towers import with_towers
from .updating import with_newer_events

__all__ = ["RIMModel"]


@dataclass(frozen=True, eq=False, repr=False)
class RIMModel(AudienceMaker, RecommendationMaker):
    """A trained RIM. Made by `RIMEstimator.train` or `tsgen.load`.

    It keeps the state of each user at the training cut-off, so scoring needs no log.

    Attributes:
        settings: What it is.
        parts: What has learnt.
        items: The items' vocabulary.
        states: What it remembers of each user.
        timezone: The zone of the training events; naive times are read in it.
        user_table: Attributes of the users, or None.
        item_table: Attributes of the items, or None.
        history: Rows of the network's training, if it has one.
        seed: The seed of its training.
        summary: Facts about the training events.
        events: What its states are of, or None if they are not kept.
        spend: What an event is worth, or None if the training log had no values.
        new_items: Items that rest on attributes alone, or None.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from tsgen import Interactions, RIMEstimator
        >>> draw = np.random.default_rng(0)
        >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
        >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
        >>> events = Interactions.from_frame(table.assign(item_id=draw.integers(0, 9, 600)))
        >>> model = RIMEstimator(horizon="7D", relevance="popularity").train(events)
        >>> audience = model.audience(3, size=2)
        >>> list(audience.columns)
        ['user_id', 'rank', 'intensity', 'probability', 'activity', 'relevance']
        >>> len(model.recommend(17, size=5))
        5
    """

    settings: RIMSettings
    parts: FittedParts
    items: Vocabulary
    states: UserStates
    _: KW_ONLY
    timezone: str | None
    user_table: pd.DataFrame | None
    item_table: pd.DataFrame | None
    history: list[dict[str, Any]]
    seed: int
    summary: dict[str, Any]
    events: KeptEvents | None = None
    spend: Spend | None = None
    new_items: AttributeItems | None = None

    def __repr__(self) -> str:
        cut = to_stamps(np.array([self.states.at]), self.timezone)[0]
        return (
            f"RIMModel({len(self.states)} users, {len(self.items)} items, "
            f"horizon={self.settings.horizon!r}, up to {cut})"
        )

    def _repr_html_(self) -> str:
        return html_facts(repr(self), {"settings": self.settings.to_json()} | self.summary)

    @property
    def cutoff(self) -> pd.Timestamp:
        """The time that ends what it has learnt from, in the zone of the events, or UTC."""
        stamp: pd.Timestamp = to_stamps(np.array([self.states.at]), self.timezone or "UTC")[0]
        return stamp

    @property
    def horizon(self) -> str:
        """Length of time that intensities count events over, such as "14D"."""
        return self.settings.horizon

    @property
    def read_options(self) -> ReadOptions:
        """How the training log was read; newer tables and lists are read so, too."""
        return ReadOptions(**self.summary.get("read_options", {}))

    # ---- scores --------------------------------------------------------------------------------

    def scores(
        self,
        *,
        at: Any = None,
        events: Any = None,
        on_delta: OnDelta = "warn",
        present: bool = False,
    ) -> ScoreMatrix:
        """Return the intensities of all users and items: expected events in the horizon.

        Args:
            at: The time the horizon begins; None is the training cut-off, or the end of `events`.
                Users are taken to do nothing between the cut-off and `at`.
            events: A newer log (`Interactions` or a table): its users and histories replace the
                saved ones, and attributes that its tables tell those of training; nothing is learnt
                again. Events of unknown items are left out.
            on_delta: Newer events that end before the training cut-off, or lack most users or most
                of what was before it, hold no whole histories: "warn" takes them for such and says
                so, "error" refuses them, "update" adds them to what the model knows (see `update`),
                and any log with fewer events before the cut-off than it knows.
            present: Leave out, as audiences do, users of the log who have no event yet, if no table
                of users says that they exist; sums over users then count nobody who comes later.

        Raises:
            SettingsError: `at` is no time, or before the state that it starts from.
            DataError: The newer events hold no whole histories, and `on_delta` is "error".
        """
        candidates = self.candidates(at, events, on_delta)
        scores = self.scores_of(candidates)
        return scores.select_users(np.flatnonzero(candidates.present)) if present else scores

    def probability(
        self,
        intensity: Floats,
        num_items: int = 1,
        largest: Floats | None = None,
    ) -> Array:
        """Return the chance of at least one event at this intensity, same shape.

        Args:
            intensity: Of a user and an item, or added over `num_items` items.
            num_items: Items of the campaign.
            largest: The greatest intensity of one of them; the campaign is at least as likely.
        """
        return self.parts.probability.probability(intensity, num_items, largest)

    def candidates(
        self, at: Any = None, events: Any = None, on_delta: OnDelta = "warn"
    ) -> Candidates:
        """Return the users at a time, with their activity, and the items; see `scores`."""
        users, items = self.parts.new_users, self.new_items
        asked = self.trained_candidates(at, events, on_delta)
        asked = asked if users is None else users.extend(asked)
        return asked if items is None else items.extend(asked, self.parts.seen_share)

    def trained_candidates(
        self, at: Any = None, events: Any = None, on_delta: OnDelta = "warn"
    ) -> Candidates:
        """Return the candidates of events alone: no `with_items`, new users all alike."""
        candidates = Candidates.of_training(
            self.states,
            self.items,
            self._item_part,
            recur=self.settings.repeats != "never",
            user_table=self.user_table,
            item_table=self.item_table,
            events=self.log,
            spend=self.spend,
        )
        moment = None if at is None else read_time(at, self.timezone)
        newer = None if events is None else as_interactions(events, self.read_options)
        num_events = None if self.events is None else len(self.events.time)
        if refuse_delta(newer, self.states, moment, on_delta, num_events):
            return self.update(newer, at=at).trained_candidates()
        return candidates_at(
            candidates, self.parts, self.settings.span, moment, newer, timezone=self.timezone
        )

    @cached_property
    def _item_part(self) -> ItemPart:
        """The items as the scores see them; with `new_items`, none borrows from its like."""
        borrowing = None if self.new_items is not None else self.item_table
        return with_cold_items(self.parts.relevance, borrowing, self.parts.item_power)

    @cached_property
    def log(self) -> Interactions | None:
        """The events that it has learnt from, with the attributes of users; None if not kept."""
        if self.events is None:
            return None
        log = self.events.log(self.states.users, self.items, self.timezone)
        return replace(log, user_table=self.user_table)

    def scores_of(self, candidates: Candidates) -> ScoreMatrix:
        """Return the intensities of candidates."""
        return candidates.scores()

    def activity_predictor(
        self, freq: str = "D", prediction_length: int | None = None, *, events: Any = None
    ) -> ActivityPredictor:
        """Return the activity model as a GluonTS predictor of each user's events a period.

        Args:
            freq: The period of the series that it will be given, for example by
                `interactions.activity_dataset(freq)`.
            prediction_length: Steps to forecast; None covers the horizon.
            events: The training log: on its last steps before the cut-off the spread of a step's
                counts is learnt anew. None takes the one that the activity model learnt on counts
                of a whole horizon, too narrow for short steps where events come in bursts.

        Raises:
            SettingsError: The activity expects no counts, or is a GluonTS predictor itself.
            DataError: The log is too short.
        """
        log = None if events is None else as_interactions(events, self.read_options)
        log = None if log is None else log.where(log.time < self.states.at)
        at = self.states.at
        return predictor_of(self.parts, self.settings, freq, prediction_length, log, at)

    # ---- newer events --------------------------------------------------------------------------

    def update(self, events: Any, *, at: Any = None, log: Any = None) -> RIMModel:
        """Return the model with newer events added to what it knows of users.

        The states become those that the whole log, old events and new ones, would give; new users
        are added. Nothing is learnt again, not even what an event is worth: train anew from time to
        time.

        Args:
            events: What is new, `Interactions` or a table that is called as the training log was.
                An event that is known already counts once; events of unknown items are left out.
            at: The new cut-off; None is the end of the events, or the old cut-off if that is later.
            log: The events until now, where the model keeps none, or where returns among the new
                events are to cancel purchases of before: a table then, as `events`.

        Raises:
            DataError: The model keeps no events and `log` is None, or no item is known.
            SettingsError: `at` lies before the model's cut-off, or the model was trained on a
                sample of users.

        Warns:
            DataWarning: Events are known already, or of unknown items, or at `at` or later.

        Example:
            >>> import numpy as np, pandas as pd
            >>> from tsgen import RIMEstimator
            >>> draw = np.random.default_rng(0)
            >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(600) * 144, "min")
            >>> table = pd.DataFrame({"user_id": draw.integers(0, 50, 600), "timestamp": days})
            >>> table["item_id"] = draw.integers(0, 9, 600)
            >>> old, new = table[:560], table[560:]
            >>> model = RIMEstimator(horizon="7D", relevance="popularity").train(old).update(new)
            >>> len(model.audience(3, size=2)), model.summary["num_events"]
            (2, 600)
        """
        return replace(self, **with_newer_events(self, events, log, at))

    # ---- new items ----------------------------------------------------------------------------

    def with_items(self, items: Any, *, log: Any = None, encoder: Any = None) -> RIMModel:
        """Return the model with items that no event mentions, by their attributes.

        How, is the setting `new_items`; what it rests on is in `model.new_items.facts`. Items given
        before are replaced; lists get a column "basis": events, or attributes alone.

        Args:
            items: A table with a column of ids, and the attributes of training.
            log: The training log, where the model keeps no events.
            encoder: With `new_items="encoder"`: a fitted `TabularEncoder` of items' attributes.

        Raises:
            DataError: An id is there twice or has events; a column is lacking or of another kind.

        Warns:
            DataWarning: Attributes say little of who engages with an item, or nothing of some.
        """
        return replace(self, **with_new_items(self, items, log, encoder))

    def distilled(
        self, learn: TowerLearner, *, log: Any = None, seed: int | None = None
    ) -> RIMModel:
        """Return the model with towers that learn from it; called by `tsgen.features.distil`."""
        return replace(self, **with_towers(self, learn, log, seed))

    # ---- people --------------------------------------------------------------------------------

    def forget(self, users: Any) -> RIMModel:
        """Return the model without these users: their ids, states, pairs seen and attributes.

        Save it over the older one, which still knows them. What is learnt of everybody together
        (weights, popularity) stays as it is, and so do the numbers of all others.

        Args:
            users: One id, or several.

        Raises:
            UnknownIdError: A user is not known.
            DataError: Nobody would be left.
        """
        return replace(self, **without_users(self, users))

    def hashed(self, salt: str) -> RIMModel:
        """Return the model with digests for the ids of users; see `tsgen.data.hashed_id`.

        Lists name digests, and users are asked for by them; newer logs are hashed with the same
        salt by `tsgen.data.hash_users`.

        Raises:
            SettingsError: The salt is too short.
        """
        return replace(self, **with_hashed_users(self, salt))

    # ---- saving --------------------------------------------------------------------------------

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        write_rim_folder(self, path, overwrite=overwrite)

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this."""
        model = cls(**read_rim_folder(path, facts, device, trust=trust))
        check_scores(model, path)
        return model
