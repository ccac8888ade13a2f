"""A forecaster and a synthesizer of a few lines, which remember what they were given; a study."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from gluonts.model.forecast import SampleForecast

from tsgen.evaluation import ForecastStudy

LENGTH, WINDOWS = 6, 2


def study_of(**changes):
    """A study of jitter, by the forecaster below; the fixture `doubles` makes it importable."""
    fields = {
        "data": "panel",
        "prediction_length": LENGTH,
        "num_windows": WINDOWS,
        "seeds": (1, 2, 3),
        "forecasters": {"last": {"estimator": "toy_forecasters:LastValue"}},
        "arms": {"real": {}, "jitter": {"method": "jitter"}},
    }
    return ForecastStudy(**fields | changes)


made_study_of = partial(
    study_of,
    seeds=(1, 2),
    arms={"real": {}, "jitter": {"method": "jitter"}, "made": {"method": "asked"}},
)
"""The same with a synthesizer that is called "asked"."""


class LastValue:
    """Repeats the mean of each history's last values, with noise from NumPy's global generator."""

    trained_on: ClassVar[list[Any]] = []
    fails_at: ClassVar[Any] = None  # a call of `train` (from 0) -> the exception to raise
    tasks: ClassVar[list[Any]] = []

    def __init__(self, prediction_length, steps=5):
        self.prediction_length = prediction_length
        self.steps = steps

    def train(self, training):
        place = len(type(self).trained_on)
        type(self).trained_on.append([entry["item_id"] for entry in training])
        if type(self).fails_at is not None and place in type(self).fails_at:
            raise type(self).fails_at[place]
        return self

    def predict(self, entries):
        for entry in entries:
            type(self).tasks.append(entry)
            level = np.nan_to_num(np.nanmean(entry["target"][-self.steps :]))
            noise = np.random.normal(size=(20, self.prediction_length))  # noqa: NPY002
            start = entry["start"] + len(entry["target"])
            yield SampleForecast(level + noise, start_date=start, item_id=entry["item_id"])


class Doubling:
    """Draws twice the value that stands at the place asked for."""

    trained: ClassVar[list[Any]] = []

    def __init__(self, factor=2.0):
        self.factor = factor

    def train(self, dataset, /, *, options):
        type(self).trained.append((options.seed, dataset.item_ids, dataset.lengths.tolist()))
        return self

    def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
        values = [np.full(n, self.factor * np.nanmean(like.series(r))) for r, n in
                  zip(rows, lengths, strict=True)]  # fmt: skip
        return replace(
            like,
            values=np.concatenate(values),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            starts=starts,
            item_ids=tuple(f"synthetic/{i}" for i in range(len(rows))),
            static_cat=like.static_cat[rows],
            static_real=like.static_real[rows],
            info=tuple({"synthetic": True, "source_item_id": like.item_ids[r]} for r in rows),
        )
