"""Draw the README's picture of audiences, and print the figures beside it.

python evaluation/readme_audience.py

Trains RIM on the bundled purchases up to four weeks before their end, and draws the gain curve and
the calibration of the chances in those four weeks.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import tsgen
from tsgen.evaluation import evaluate_audience
from tsgen.report import plot_calibration, plot_gain

HERE = Path(__file__).parent
ARMS = ("model", "repeat buyers", "recency", "popularity", "random")


def main() -> None:
    result = evaluate_audience(
        tsgen.load_sample("online_retail"),
        tsgen.RIMEstimator(horizon="28D"),
        seed=1,
        options=tsgen.TrainingOptions(seed=1),
    )
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_gain({arm: result.arrays[f"gain.{arm}"] for arm in ARMS}, result.arrays["depths"], ax=left)
    left.set_title("Buyers found, over customers addressed", fontsize=10)
    plot_calibration(result.arrays["calibration.chances"], percent=True, ax=right)
    right.set_title("Chance of a purchase: predicted and observed", fontsize=10)
    figure.savefig(HERE / "readme_audience.png", dpi=100)
    print(result.answer)
    table = result.table.pivot(index="arm", columns="metric", values="value").loc[list(ARMS)]
    columns = ["user_rec_precision", "lift_at_1%", "gain_at_10%", "auc", "item_rec_precision"]
    print(table[columns].round(4).to_string())


if __name__ == "__main__":
    main()
