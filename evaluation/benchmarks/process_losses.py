"""How far the losses of two processes drift from those of one, and how far rounding alone goes.

    OMP_NUM_THREADS=1 python evaluation/benchmarks/process_losses.py --data DIR

PSA-GAN's default on hospital: 200 steps in one process; in two that share each batch; and, as the
control, in one whose initial weights are off by 1e-7 of themselves, a float32's last digit. Then
one and two processes again in float64, where a difference of the computation would remain, and
one of rounding would not.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import tsgen
from tsgen.psagan.learning import AdversarialTask, NewTraining, TrainingData
from tsgen.psagan.settings import PSAGANSettings
from tsgen.training import Processes, fit

LOSSES = ("discriminator_loss", "generator_loss", "energy_score", "step_score")
STEPS, SEED = 200, 1


def make_task(
    data: TrainingData,
    settings: PSAGANSettings,
    off: float,
    dtype: torch.dtype,
    processes: Processes,
    plan: dict[str, Any] | None,
) -> AdversarialTask:
    """Build the task with weights of one type, each `off` from where it would begin."""
    torch.set_default_dtype(dtype)
    task = AdversarialTask(data, settings, SEED, processes, plan)
    draw = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for network in (task.generator, task.discriminator):
            for weight in network.parameters():
                weight *= 1 + off * torch.randn(weight.shape, generator=draw)
    return task


def losses(
    data: TrainingData, settings: PSAGANSettings, *, devices: int = 1, off: float = 0.0,
    dtype: torch.dtype = torch.float32,
) -> pd.DataFrame:  # fmt: skip
    """Train; return the losses of each step."""
    exact = np.float64 if dtype is torch.float64 else np.float32
    data = dataclasses.replace(data, values=data.values.astype(exact))
    maker = functools.partial(make_task, data, settings, off, dtype)
    options = tsgen.TrainingOptions(
        seed=SEED, progress=False, log_every=1, devices=devices, device="cpu"
    )
    try:
        fitted = fit(maker, options, label="", fingerprint="")
    finally:
        torch.set_default_dtype(torch.float32)
    return pd.DataFrame(fitted.history).set_index("step")[list(LOSSES)]


def compare(name: str, one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Print the largest relative difference of early steps, and those of means."""
    scale = one.abs().mean()
    steps = ((other - one).abs() / scale).round(12)
    windows = (other - one).groupby((one.index - 1) // 25).mean().abs() / scale
    for loss in LOSSES:
        first = steps[loss].iloc[0], steps[loss].iloc[:25].max(), steps[loss].max()
        whole = abs(other[loss].mean() - one[loss].mean()) / scale[loss]
        print(
            f"| {name} | {loss} | {first[0]:.1e} | {first[1]:.1e} | {first[2]:.1e} | "
            f"{windows[loss].max():.1e} | {whole:.1e} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    series = tsgen.read_series(options.data / "timeseries" / "hospital.parquet")
    settings = tsgen.PSAGANEstimator(target_length=24, batch_size=16, num_steps=options.steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = NewTraining.on(series, settings).data
        run = functools.partial(losses, data, settings)
        one = run()
        print("| against one process | loss | step 1 | first 25 | any step | mean of 25 | all |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        compare("two processes", one, run(devices=2))
        for off in (1e-7, -1e-7):
            compare(f"weights {off:+.0e}", one, run(off=off))
        exact = run(dtype=torch.float64)
        compare("two processes, float64", exact, run(devices=2, dtype=torch.float64))


if __name__ == "__main__":
    main()
