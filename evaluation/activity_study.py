"""Activity models of RIM and GluonTS forecasters in one table, on Online Retail.

python evaluation/activity_study.py --data DIR --window validation

Weekly purchase lines of each user, 4 weeks ahead. Every model is a GluonTS predictor (judged by
`evaluate_model`) and the activity of a RIM (judged by the precision of audiences). Finished rows of
`studies/activity_online_retail/cells.csv` are kept. Nothing is chosen: the settings of the network
are the first that were tried.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from gluonts.dataset.split import split
from gluonts.ev.metrics import NRMSE, MeanWeightedSumQuantileLoss, WeightedSumQuantileLoss
from gluonts.model import Estimator, evaluate_model
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.intensity import ForecasterActivity, agreement
from tsgen.metrics import precision, select_users
from tsgen.report import plot_agreement
from tsgen.rng import global_seed

PLACE = Path(__file__).parent / "studies" / "activity_online_retail"
FREQ, STEPS, HORIZON, SEED = "W-THU", 4, "28D", 1
WINDOWS = {"validation": "2011-10-14", "test": "2011-11-11"}
OWN = ["popularity", "moving-average", "hawkes-poisson", "bg-nbd"]
NETWORK = "deepar"
QUANTILES = [k / 10 for k in range(1, 10)]
TAIL = [0.9, 0.95, 0.99]  # 19 of 20 user-weeks have no event, so that lower quantiles are 0


def network(folder: str) -> Estimator:
    from gluonts.torch import DeepAREstimator
    from gluonts.torch.distributions import NegativeBinomialOutput

    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    return DeepAREstimator(
        freq=FREQ,
        prediction_length=STEPS,
        context_length=8,
        hidden_size=24,
        num_layers=1,
        lags_seq=[1, 2, 3, 4],
        time_features=[],
        distr_output=NegativeBinomialOutput(),
        batch_size=64,
        num_batches_per_epoch=50,
        trainer_kwargs=quiet | {"max_epochs": 4, "accelerator": "cpu", "default_root_dir": folder},
    )


def judge(log: Interactions, at: str, arm: str, seed: int) -> dict[str, float]:
    """Return the figures of one activity model at one cut-off."""
    known = log.before(at).present()
    later = log.where(log.time >= log.read_time(at)).before(
        pd.Timestamp(at) + pd.Timedelta(HORIZON)
    )
    frame = later.to_frame()
    users, items = known.users.codes(frame["user_id"]), known.items.codes(frame["item_id"])
    kept = (users >= 0) & (items >= 0)
    shape = (known.num_users, known.num_items)
    targets = sp.csr_array((np.ones(kept.sum()), (users[kept], items[kept])), shape=shape)
    past = known.activity_dataset(FREQ, until=at, static=())
    both = Interactions.from_frame(
        pd.concat([known.to_frame(), frame[users >= 0]]), on_duplicate="keep"
    )
    counts = both.activity_dataset(FREQ, until=pd.Timestamp(at) + pd.Timedelta(HORIZON))
    test = split(counts, offset=-STEPS)[1].generate_instances(STEPS)
    begin = time.process_time()
    activity: str | ForecasterActivity = arm
    predictor = None
    if arm == "seasonal-naive":
        predictor = SeasonalNaivePredictor(prediction_length=STEPS, season_length=STEPS)
    elif arm == NETWORK:
        with tempfile.TemporaryDirectory() as folder, global_seed(seed):
            predictor = network(folder).train(past)
    if predictor is not None:
        activity = ForecasterActivity(predictor, FREQ, seed=seed)
    settings = {"horizon": HORIZON, "relevance": "popularity", "repeats": "mixture"}
    estimator = RIMEstimator(activity=activity, **settings)
    model = estimator.train(known, at=at, options=TrainingOptions(seed=seed))
    if predictor is None:
        predictor = model.activity_predictor(FREQ, events=known)
    tail = [WeightedSumQuantileLoss(level) for level in TAIL]
    with global_seed(seed):
        found = evaluate_model(
            predictor,
            test_data=test,
            metrics=[MeanWeightedSumQuantileLoss(QUANTILES), NRMSE(), *tail],
        )
    scores = model.scores()
    table = model.audience(known.items.ids[0], size=known.num_users)
    if arm == "hawkes-poisson":
        draw_agreement(model, log, at)
    return {
        "mean_wql": float(found["mean_weighted_sum_quantile_loss"].iloc[0]),
        "tail_wql": float(found.filter(regex=r"^weighted_sum").mean(axis=1).iloc[0]),
        "nrmse": float(found["NRMSE[mean]"].iloc[0]),
        "expected_over_happened": float(table["activity"].sum() / len(frame[users >= 0])),
        "user_rec_precision": precision(select_users(scores), targets),
        "cpu_seconds": round(time.process_time() - begin, 1),
    }


def draw_agreement(model, events: Interactions, at: str) -> None:
    naive = SeasonalNaivePredictor(prediction_length=STEPS, season_length=STEPS)
    table = agreement(model, events, naive, freq=FREQ)
    window = next(name for name, begin in WINDOWS.items() if begin == at)
    columns = ["intensity", "forecast", "happened"]
    ranks = table[columns].corr(method="spearman")
    sums = table[columns].sum().round(0)
    gaps = {
        name: float((table[name] - table["happened"]).abs().sum() / table["happened"].sum())
        for name in columns[:2]
    }
    row = {
        "window": window,
        "items": len(table),
        **{f"total_{name}": sums[name] for name in columns},
        "spearman_intensity_forecast": ranks.loc["intensity", "forecast"],
        **{f"spearman_{name}_happened": ranks.loc[name, "happened"] for name in columns[:2]},
        **{f"nd_{name}": gaps[name] for name in columns[:2]},
    }
    path = PLACE / "agreement.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    rows = [old for old in rows if old["window"] != window] + [row]
    pd.DataFrame(rows).round(3).to_csv(path, index=False)
    if window == "test":
        plot_agreement(table).figure.savefig(PLACE / "agreement.png", dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of events/*.parquet")
    parser.add_argument("--window", action="append", choices=WINDOWS, help="only these")
    parser.add_argument("--arm", action="append", help="only these")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    table = pd.read_parquet(options.data / "events" / "online_retail.parquet")
    columns = ["user_id", "item_id", "timestamp", "value"]
    log = Interactions.from_frame(table.loc[table["value"] > 0, columns], on_duplicate="keep")
    PLACE.mkdir(parents=True, exist_ok=True)
    path = PLACE / "cells.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    done = {(row["window"], row["arm"], row["seed"]) for row in rows}
    for window in options.window or WINDOWS:
        for arm in options.arm or [*OWN, "seasonal-naive", NETWORK]:
            if (window, arm, SEED) in done:
                continue
            rows.append({"window": window, "arm": arm, "seed": SEED})
            rows[-1] |= judge(log, WINDOWS[window], arm, SEED)
            print(rows[-1], flush=True)
            pd.DataFrame(rows).round(4).to_csv(path, index=False)


if __name__ == "__main__":
    main()
