"""A self-exciting process by plain loops over its events."""

import numpy as np

DECAYS = np.array([4.0, 0.7, 0.1])
END = 9.0


def slow_features(times, t):
    """The features of one user at time t, by a loop over strictly earlier points."""
    origin = times[0]
    g = [sum(b * np.exp(-b * (t - s)) for s in times[1:] if s < t) for b in DECAYS]
    s = [b * np.exp(-b * (t - origin)) if t > origin else 0.0 for b in DECAYS]
    return np.array([*g, *s, 1.0])


def slow_products(times):
    """The double sum of the authors' least-squares loss, ties included or not."""
    span, taus = END - times[0], [0.0, *(times[1:] - times[0])]
    num = 2 * len(DECAYS) + 1
    whole, tied = np.zeros((num, num)), np.zeros((num, num))
    for u in range(num - 1):
        for v in range(num - 1):
            b, c = DECAYS[u % 3], DECAYS[v % 3]
            first = [k for k in range(len(taus)) if (k == 0) == (u >= 3)]
            second = [k for k in range(len(taus)) if (k == 0) == (v >= 3)]
            for k in first:
                for l in second:  # noqa: E741
                    s = max(taus[k], taus[l])
                    term = b * c / (b + c) * np.exp(-b * (s - taus[k]) - c * (s - taus[l]))
                    term *= 1 - np.exp(-(b + c) * (span - s))
                    whole[u, v] += term
                    tied[u, v] += term * (k != l and taus[k] == taus[l])
        points = taus[1:] if u < 3 else [0.0]
        whole[u, -1] = whole[-1, u] = sum(1 - np.exp(-DECAYS[u % 3] * (span - p)) for p in points)
    whole[-1, -1] = span
    return whole, tied
