"""A log of whole days, and a forecaster of weeks."""

import numpy as np
import pandas as pd
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

from tsgen import Interactions

DAY = 86_400_000_000


def naive(length=7, season=7):
    return SeasonalNaivePredictor(prediction_length=length, season_length=season)


def shop(seed=0, num_users=12, days=42, zone=None):
    """A log of busy and idle users, whole days from a Monday on, its last moment observed."""
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(1.0, 1.0, num_users)[:, None], (num_users, days))
    user, day = (np.repeat(codes.ravel(), counts.ravel()) for codes in np.indices(counts.shape))
    hours = day * 24 + random.uniform(0, 24, len(day))
    stamps = pd.Timestamp("2024-03-04") + pd.to_timedelta(hours, "h")
    table = pd.DataFrame({"user_id": user, "item_id": random.integers(0, 4, len(day))})
    table["user_id"] = "u" + table["user_id"].astype(str).str.zfill(2)
    if zone:
        stamps = stamps.tz_localize("UTC").tz_convert(zone)
    return Interactions.from_frame(table.assign(timestamp=stamps), on_duplicate="keep")
