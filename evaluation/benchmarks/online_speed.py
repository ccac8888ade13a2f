"""What entries drawn anew at every pass cost a DeepAR that trains on them, as ratios within a run.

python evaluation/benchmarks/online_speed.py

GluonTS's DeepAR on the bundled hours of electricity: on real series alone, on a fixed augmented
set, and on `OnlineAugmentation` of several operations, one synthetic series for each real one. Of a
PSA-GAN, whose pool is drawn once in a hundred passes, the draw is timed by itself.
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

EPOCHS, ROUNDS, SEED, PASSES = 2, 3, 7, 100
REAL, _ = tsgen.load_sample("electricity_hourly").split(last=168)


def seconds(entries: Iterable[Any], folder: str) -> float:
    """Return the processor seconds of one training."""
    quiet = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False}
    trainer = quiet | {"max_epochs": EPOCHS, "default_root_dir": folder}
    begin = time.process_time()
    with seeded(SEED, "training"):
        DeepAREstimator(freq="h", prediction_length=24, trainer_kwargs=trainer).train(entries)
    return time.process_time() - begin


def online(name: str) -> OnlineAugmentation:
    """Return the real series and as many of an operation, anew at every pass."""
    return OnlineAugmentation(REAL, {name: 1.0}, seed=SEED)


def arms() -> dict[str, Callable[[], Iterable[Any]]]:
    """Return by name what makes the training set of a round, its cost not counted."""
    fixed = [*REAL, *make_series(REAL, Transform("mixing"), seed=SEED)]
    return {
        "real series alone": lambda: list(REAL),
        "mixing, drawn once": lambda: fixed,
        "mixing, anew at every pass": lambda: online("mixing"),
        "block_bootstrap, anew at every pass": lambda: online("block_bootstrap"),
        "time_warp, anew at every pass": lambda: online("time_warp"),
    }


def draw_seconds() -> float:
    """Return the processor seconds in which a PSA-GAN draws one series for each real one."""
    options = tsgen.TrainingOptions(seed=SEED, progress=False)
    model = tsgen.PSAGANEstimator(target_length=48, num_steps=20).train(REAL, options=options)
    begin = time.process_time()
    Draws(model)(REAL, 1.0, seed=SEED)
    return time.process_time() - begin


def main() -> None:
    torch.set_num_threads(1)
    made = arms()
    with tempfile.TemporaryDirectory() as folder:
        first = online("mixing")
        seconds(first, folder)  # its time is not counted: libraries load parts of themselves
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
    alone = statistics.median(each["real series alone"] for each in rounds)
    share = draw_seconds() / PASSES * first.passes / alone
    print(f"PSA-GAN, anew every {PASSES} passes: its draws take {share:.1%} of real series alone")


if __name__ == "__main__":
    main()
