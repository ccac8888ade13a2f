"""Small real-looking windows and datasets for the judges."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import SeriesDataset, to_dataset
from tsgen.evaluation import EncoderSettings, scale_windows, train_encoder


def daily_series(num, length, seed):
    """Noisy daily cycles with their own phase, shape and drift, (num, length)."""
    draw = np.random.default_rng(seed)
    hours = np.arange(length)
    phase, sharp = draw.uniform(0, 24, (num, 1)), draw.uniform(0, 0.8, (num, 1))
    angle = 2 * np.pi * (hours + phase) / 24
    noise = 0.15 * draw.normal(size=(num, length)) + 0.04 * draw.normal(size=(num, length)).cumsum(
        1
    )
    return np.sin(angle) + sharp * np.cos(2 * angle) + noise


@pytest.fixture(scope="session")
def real_windows():
    """Make (num, 48) windows, each scaled to [0, 1]."""
    return lambda num, seed: scale_windows(daily_series(num, 48, seed))[0]


@pytest.fixture(scope="session")
def small_encoder(real_windows):
    return train_encoder(
        real_windows(400, 0), seed=3, num_steps=60, settings=EncoderSettings(channels=8)
    )


def dataset_of(rows, prefix="", start="2024-01-01", info=None) -> SeriesDataset:
    frames = [
        pd.DataFrame(
            {
                "item_id": f"{prefix}{i}",
                "timestamp": pd.date_range(start, periods=len(row), freq="h"),
                "target": row,
            }
        )
        for i, row in enumerate(rows)
    ]
    dataset = to_dataset(pd.concat(frames))
    if info is None:
        return dataset
    from dataclasses import replace

    return replace(dataset, info=tuple(info))


@pytest.fixture(scope="session")
def make_dataset():
    return dataset_of


@pytest.fixture(scope="session")
def make_series():
    return daily_series
