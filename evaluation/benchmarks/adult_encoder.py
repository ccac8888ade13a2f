"""Is an encoder of tables that is pretrained without labels worth something with few labels?

    python evaluation/benchmarks/adult_encoder.py --data DIR

UCI Adult: 20,000 rows without labels, 50, 200 or 500 of them with; the rest is judged. A logistic
regression reads what the encoder makes of a row, pretrained ("rtd") or as drawn. Beside it:
logistic regression on the columns one by one, and boosted trees. AUC, mean over ten draws of labels
(two pretrainings, five draws each); the last columns are rtd minus not pretrained, with the 95 %
interval of the draws.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tsgen import TrainingOptions
from tsgen.features import PlainColumns, TabularEncoderEstimator

POOL, SIZES, PRETRAININGS, DRAWS, STEPS = 20_000, (50, 200, 500), 2, 5, 700
OBJECTIVES = {"encoder, rtd": "rtd", "encoder, not pretrained": None}
COLUMNS, TREES = "logistic regression, columns", "boosted trees"


def described(table: pd.DataFrame, pool: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    options = TrainingOptions(seed=seed, progress=False)
    rows = {}
    for name, objective in OBJECTIVES.items():
        estimator = TabularEncoderEstimator(objective=objective, num_steps=STEPS)
        rows[name] = estimator.train(table.iloc[pool], options=options).transform(table)
    plain = PlainColumns.learnt(table.iloc[pool], seed).transform(table)
    return rows | {COLUMNS: plain, TREES: plain}


def classifier(name: str, size: int) -> object:
    if name == TREES:
        return HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=max(size // 25, 2))
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=200))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    table = pd.read_parquet(args.data / "tables" / "adult.parquet")
    label = table.pop("income").astype(str).str.contains(">50K").to_numpy()
    found: dict[tuple[str, int], list[float]] = {}
    for pretraining in range(PRETRAININGS):
        order = np.random.default_rng(pretraining).permutation(len(table))
        pool, judged = order[:POOL], order[POOL:]
        rows = described(table, pool, pretraining)
        for draw in range(DRAWS):
            random = np.random.default_rng([pretraining, draw])
            for size in SIZES:
                asked = random.choice(pool, size, replace=False)
                for name, numbers in rows.items():
                    model = classifier(name, size).fit(numbers[asked], label[asked])
                    chances = model.predict_proba(numbers[judged])[:, 1]
                    area = roc_auc_score(label[judged], chances)
                    found.setdefault((name, size), []).append(area)
    print("| AUC by labels | " + " | ".join(map(str, SIZES)) + " |\n|" + " --- |" * 4)
    for name in [*OBJECTIVES, COLUMNS, TREES]:
        each = " | ".join(f"{100 * np.mean(found[name, size]):.1f}" for size in SIZES)
        print(f"| {name} | {each} |")
    gains = [100 * np.subtract(found["encoder, rtd", s], found["encoder, not pretrained", s])
             for s in SIZES]  # fmt: skip
    half = [2.26 * gain.std(ddof=1) / len(gain) ** 0.5 for gain in gains]
    said = [f"{g.mean():+.1f} [{g.mean() - h:.1f}, {g.mean() + h:.1f}]"
            for g, h in zip(gains, half, strict=True)]  # fmt: skip
    print(f"| rtd minus not pretrained | {' | '.join(said)} |")


if __name__ == "__main__":
    main()
