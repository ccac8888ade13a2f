"""Speed of PSA-GAN's default preset, as ratios within one run.

python evaluation/benchmarks/psagan_speed.py

Prints, for the final stage of length 256 on one core: a training step with attention over the
step without; drawing a batch of 512 windows over a step at batch 512; and the time and memory of
sampling 10,000 windows of length 64. Data are simulated.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from tsgen import PSAGANEstimator, TrainingOptions
from tsgen.data import SeriesDataset, simulate_series
from tsgen.psagan.learning import AdversarialTask, conditions_for, prepare, usable_series
from tsgen.psagan.memory import SeriesTable
from tsgen.training import Processes, fit

PAIRS = 12


def task_of(dataset: SeriesDataset, **settings: object) -> AdversarialTask:
    """Build a training task and take it through one step of the final stage."""
    estimator = PSAGANEstimator(schedule=(0,) * 5 + (100,), target_length=256, **settings)
    usable = usable_series(dataset, estimator)
    table = SeriesTable.of(dataset, estimator.scaling, np.cumsum(usable))
    conditions = conditions_for(dataset, estimator)
    data = prepare(dataset, estimator, [table], conditions, (), len(dataset))
    built: list[AdversarialTask] = []

    def make(processes: Processes, plan: dict | None) -> AdversarialTask:
        task = AdversarialTask(data, estimator, 1, processes, plan)
        task.num_steps = 1
        built.append(task)
        return task

    fit(make, TrainingOptions(seed=1, progress=False), label="", fingerprint="")
    return built[0]


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ratios(a: Callable[[], object], b: Callable[[], object], pairs: int = PAIRS) -> list[float]:
    """Time a and b in turn, after one of each that is not counted."""
    a(), b()
    return [seconds(a) / seconds(b) for _ in range(pairs)]


def tell(name: str, values: list[float], aim: str) -> None:
    spread = f"[{min(values):.3f}, {max(values):.3f}]"
    print(f"{name:<58} {statistics.median(values):8.3f} {spread}  aim {aim}")


def cycle(task: AdversarialTask) -> Callable[[], object]:
    """Return sixteen training steps, the lazy penalty among them."""
    return lambda: [task._update(step, 5, 1.0) for step in range(16)]


def main() -> None:
    torch.set_num_threads(1)
    dataset = simulate_series(num_series=200, length=1000, seed=1)
    model = PSAGANEstimator(target_length=64, num_steps=4).train(
        dataset, options=TrainingOptions(seed=1, progress=False)
    )
    model.sample(512, seed=1)  # what one batch needs is not counted as growth
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = [seconds(lambda: model.sample(10_000, seed=1)) for _ in range(3)]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    tell("seconds to sample 10,000 windows of 64", taken, "< 20")
    print(f"{'peak memory grew by (MB); the output has 5 MB':<58} {grown:8.1f}")
    without = task_of(dataset, attention_max_length=0)
    for longest in (8, 16, 256):
        name = f"16 steps, attention up to length {longest} / without"
        task = task_of(dataset, attention_max_length=longest)
        tell(name, ratios(cycle(task), cycle(without), 4), "<= 1.3")
    large = task_of(dataset, batch_size=512)
    draw = ratios(lambda: large._batch(1, 5, 1.0), lambda: large._update(1, 5, 1.0), 4)
    tell("drawing a batch of 512 / a step at batch 512", draw, "< 0.05")


if __name__ == "__main__":
    main()
