"""The sentence of a study of factors."""

import pandas as pd

from tsgen.evaluation.factors.answer import factor_answer

SCORES = {"psa-gan": 0.8, "vae": 0.9, "truth": 0.999}


def table(makers, low=-0.3, high=-0.1):
    rows = []
    for maker in makers:
        common = {"split": "random", "maker": maker}
        rows.append({"metric": "R2", "factor": "mean", "value": SCORES[maker], **common})
        rows.append({"metric": "change", "factor": "forecast", "value": -0.2, "low": low,
                     "high": high, **common})  # fmt: skip
    return pd.DataFrame(rows)


def test_psa_gan_stands_beside_its_best_peer():
    answer = factor_answer(table(["vae", "psa-gan", "truth"]))
    assert "psa-gan gives their factors with R²: random 0.80 (best peer vae 0.90)." in answer
    assert answer.endswith("better on unseen combinations in 1 of 1 worlds and splits, and worse "
                           "in 0 (95 % intervals).")  # fmt: skip


def test_worse_and_unsure_are_counted_by_their_intervals():
    assert "in 0 of 1 worlds and splits, and worse in 1" in factor_answer(
        table(["psa-gan"], low=0.1, high=0.3)
    )
    assert "in 0 of 1 worlds and splits, and worse in 0" in factor_answer(
        table(["psa-gan"], low=-0.1, high=0.3)
    )


def test_the_truth_alone_checks_the_oracle():
    assert factor_answer(table(["truth"])) == "The oracle reads the truth with R² 0.999 or more."
