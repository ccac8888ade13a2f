"""What entries drawn anew at every pass cost a DeepAR that trains on them, as ratios within a run.

python evaluation/benchmarks/online_speed.py

GluonTS's DeepAR on the bundled hours of electricity: on real series alone, on a fixed augmented
set, and on `OnlineAugmentation` of several operations, one synthetic series for each real one.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from gluonts.torch import DeepAREstimator

import tsgen
from tsgen.curation import Draws, OnlineAugmentation, Transform, make_series, seeded

EPOCHS, ROUNDS, SEED = 2, 3, 7


def seconds(entries: Iterable[Any], folder: str) -> float:
    """Return the processor seconds of one training."""
    quiet = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False}
    trainer = quiet | {"max_epochs": EPOCHS, "default_root_dir": folder}
    begin = time.process_time()
    with seeded(SEED, "training"):
        DeepAREstimator(freq="h", prediction_length=24, trainer_kwargs=trainer).train(entries)
    return time.process_time() - begin


def arms() -> dict[str, Callable[[], Iterable[Any]]]:
    """Return by name what makes the training set of a round, its cost not counted."""
    real, _ = tsgen.load_sample("electricity_hourly").split(last=168)
    options = tsgen.TrainingOptions(seed=SEED, progress=False)
    gan = Draws(tsgen.PSAGANEstimator(target_length=48, num_steps=20).train(real, options=options))
    fixed = [*real, *make_series(real, Transform("mixing"), seed=SEED)]

    def online(operation: Any, **given: Any) -> Callable[[], Iterable[Any]]:
        return lambda: OnlineAugmentation(real, {operation: 1.0}, seed=SEED, **given)

    names = ("mixing", "block_bootstrap", "time_warp")
    return {
        "real series alone": lambda: list(real),
        "mixing, drawn once": lambda: fixed,
        **{f"{name}, anew at every pass": online(name) for name in names},
        "PSA-GAN, anew every 100 passes (the default)": online(gan),
        "PSA-GAN, anew at every pass": online(gan, repeat=1),
    }


def main() -> None:
    torch.set_num_threads(1)
    made = arms()
    with tempfile.TemporaryDirectory() as folder:
        seconds(
            made["real series alone"](), folder
        )  # not counted: libraries load parts of themselves
        rounds = [
            {name: seconds(training(), folder) for name, training in made.items()}
            for _ in range(ROUNDS)
        ]
    for name in made:
        took = statistics.median(each[name] for each in rounds)
        ratios = sorted(each[name] / each["real series alone"] for each in rounds)
        print(
            f"{name}: {took:.1f} s; times real alone {ratios[len(ratios) // 2]:.2f} "
            f"[{ratios[0]:.2f}, {ratios[-1]:.2f}]",
            flush=True,
        )


if __name__ == "__main__":
    main()
