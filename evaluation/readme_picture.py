"""Draw the README's picture.

python evaluation/readme_picture.py

Trains on the bundled electricity series for three CPU minutes and draws real and synthetic windows,
and one long series joined from windows below the real one of the same client and dates.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import tsgen
from tsgen.evaluation import windows_of
from tsgen.report import COLOURS

HERE = Path(__file__).parent


def main() -> None:
    real = tsgen.load_sample("electricity_hourly")
    train, _ = real.split(last=168)
    model = tsgen.PSAGANEstimator(target_length=48).train(
        train, options=tsgen.TrainingOptions(seed=1, budget="3min", budget_clock="cpu")
    )
    drawn = model.sample(16, seed=3).values.reshape(16, 48)
    windows = windows_of(train, 48, 16, seed=3).values
    client = train.item_ids[7]
    long = model.sample(items=[client], start=train.timestamps(7)[0], length=504, seed=4)

    figure = Figure(figsize=(11, 5.6), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[1.15, 1])
    axes = top.subplots(4, 8)
    for place, ax in enumerate(axes.flat):
        row, column = divmod(place, 8)
        source, role = (windows, "real") if row < 2 else (drawn, "synthetic")
        ax.plot(source[(row % 2) * 8 + column], color=COLOURS[role], linewidth=0.9)
        ax.set(xticks=[], yticks=[])
    top.suptitle("Windows of 48 hours: real (upper two rows), synthetic (lower two)", fontsize=10)
    upper, lower = bottom.subplots(2, 1, sharex=True, sharey=True)
    stamps = train.timestamps(7)[:504]
    upper.plot(stamps, train.series(7)[:504], color=COLOURS["real"], linewidth=0.8)
    lower.plot(stamps, long.series(0), color=COLOURS["synthetic"], linewidth=0.8)
    upper.set_title(f"Client {client}, three weeks: real", fontsize=9, loc="left")
    lower.set_title(
        "Drawn for the same client and dates, joined from windows", fontsize=9, loc="left"
    )
    figure.savefig(HERE / "readme.png", dpi=110)
    print(np.round([windows.mean(), drawn.mean()], 1), HERE / "readme.png")


if __name__ == "__main__":
    main()
