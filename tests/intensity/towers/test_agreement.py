import numpy as np

from tsgen.intensity.towers.agreement import overlap


def test_overlap_is_what_a_loop_counts():
    draw = np.random.default_rng(0)
    first, second = draw.random((30, 4)), draw.random((30, 4))
    shares = []
    for column in range(4):
        best = set(np.argsort(-first[:, column])[:5])
        shares.append(len(best & set(np.argsort(-second[:, column])[:10])) / 5)
    assert overlap(first, second, 5) == np.mean(shares)


def test_the_same_order_agrees_and_the_opposite_does_not():
    scores = np.arange(40.0)[:, None] * np.ones(3)
    assert overlap(scores, 2 * scores, 4) == 1.0
    assert overlap(scores, -scores, 4) == 0.0
