"""Speed of the Hawkes activity: states and fit, and beside the learner of the package `tick`.

python evaluation/benchmarks/hawkes_speed.py [--tick PYTHON]

Fits 50 decays to a quarter, a half and a whole million simulated events (one core, processor
seconds). `--tick` names the Python of an environment with `tick`, `numpydoc`, `scikit-learn`,
`pandas`, `matplotlib`, `six` and `dill`, which this library does not need. There the same events
are fitted by HawkesSumExpKern as the authors of the paper call it (C = 1000, 1,000 iterations), and
with 20,000 iterations and no tolerance, in turn with ours; all solutions are put into one
objective.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is loaded

# ruff: noqa: E402
import numpy as np
import pandas as pd

from tsgen.data import Histories, Interactions
from tsgen.intensity.activity import HawkesActivity, decay_grid, gather_statistics
from tsgen.intensity.parts import SavedPart

DAY = 86_400 * 10**6
SPAN = 20  # horizons of a day
PAIRS = 3

LEARNER = """
import json, sys, time
import numpy as np
from tick.hawkes import HawkesSumExpKern
data = np.load(sys.argv[1])
parts = np.split(data["times"], data["offsets"][1:-1])
events = [[p[1:] - p[0], np.array([0.0, data["span"] - p[0]])] for p in parts]
steps = int(sys.argv[2])
tolerance = 1e-5 if steps == 1000 else 1e-12  # the first is the default
learner = HawkesSumExpKern(data["decays"], C=1000, max_iter=steps, tol=tolerance)
begin = time.process_time()
learner.fit(events)
taken = time.process_time() - begin
# (cause, effect): the second channel is the start of each user
theta = [*learner.adjacency[0, 0], *learner.adjacency[0, 1], learner.baseline[0]]
print(json.dumps({"seconds": taken, "theta": theta}))
"""


def simulate(num_events: int) -> Histories:
    """Draw users of 50 events on average in bursts, without ties."""
    random = np.random.default_rng(1)
    num_users = num_events // 50
    drawn = random.integers(0, num_users, num_events - num_users)
    user = np.sort(np.concatenate([np.arange(num_users), drawn]))
    burst = random.uniform(0, SPAN, (num_users, 5))[user, random.integers(0, 5, num_events)]
    place = (burst + random.exponential(0.3, num_events)) % SPAN
    table = pd.DataFrame({
        "user_id": user, "item_id": 0, "timestamp": pd.to_datetime(place * DAY, unit="us"),
    })  # fmt: skip
    return Histories.of(Interactions.from_frame(table, on_duplicate="keep"), SPAN * DAY)


def fit(histories: Histories) -> tuple[float, np.ndarray]:
    begin = time.process_time()
    model = HawkesActivity().fit(histories, DAY)
    return time.process_time() - begin, model.coefficients


def fit_by_tick(histories: Histories, python: str, steps: int) -> tuple[float, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.npz"
        events = histories.events
        np.savez(file, times=events.time / DAY, offsets=events.offsets, decays=decay_grid(50),
                 span=float(SPAN))  # fmt: skip
        command = [python, "-W", "ignore", "-c", LEARNER, str(file), str(steps)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(told.splitlines()[-1])
    return found["seconds"], np.array(found["theta"])


def objective(histories: Histories, theta: np.ndarray) -> float:
    """Return the penalised least-squares loss that both minimise."""
    found = gather_statistics(histories, decay_grid(50), DAY)
    count = found.num_points + 2 * found.num_users
    squares = theta @ found.products @ theta - 2 * found.jumps @ theta
    return float(squares / count + 1e-3 / 2 * theta @ theta)


def tell(name: str, values: list[float], unit: str = "s") -> None:
    spread = f"[{min(values):.2f}, {max(values):.2f}]"
    print(f"{name:<58} {statistics.median(values):8.2f} {spread} {unit}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tick", help="Python of an environment with tick")
    options = parser.parse_args()
    fit(simulate(5_000))  # what is done once
    for num_events in (250_000, 500_000, 1_000_000):
        histories = simulate(num_events)
        fits = [fit(histories) for _ in range(PAIRS)]
        arrays = {"coefficients": fits[0][1], "weights": fits[0][1], "decays": decay_grid(50)}
        model = HawkesActivity().from_arrays(arrays | {"horizon": np.array([DAY])}, SavedPart())
        tell(f"fit, {num_events:,} events, 50 decays", [seconds for seconds, _ in fits])
        begin = time.process_time()
        model.state(histories)
        tell(f"states of {len(histories):,} users", [time.process_time() - begin])
    if options.tick is None:
        print("no --tick: not compared")
        return
    histories = simulate(100_000)
    for steps in (1_000, 20_000):
        pairs = [(fit_by_tick(histories, options.tick, steps), fit(histories))
                 for _ in range(PAIRS)]  # fmt: skip
        tell(f"tick, {steps:,} iterations, 100,000 events", [theirs[0] for theirs, _ in pairs])
        tell("ours, 100,000 events", [ours[0] for _, ours in pairs])
        tell("tick / ours", [theirs[0] / ours[0] for theirs, ours in pairs], "aim >= 10")
        print(f"objective of tick {objective(histories, pairs[0][0][1]):.6f}, "
              f"of ours {objective(histories, pairs[0][1][1]):.6f}")  # fmt: skip


if __name__ == "__main__":
    main()
