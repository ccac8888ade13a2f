"""Series of a known coupling, and a forecaster in closed form that mixes channels, or cannot."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from tsgen.data import MultivariateDataset, to_dataset


def coupled(coupling, steps=900, seed=0):
    """Two channels: "leader" is noise of its own, "follower" hears of it one step later."""
    random = np.random.default_rng(seed)
    leader, follower = np.zeros(steps), np.zeros(steps)
    shocks = random.normal(size=(2, steps))
    for t in range(1, steps):
        leader[t] = 0.5 * leader[t - 1] + shocks[0, t]
        follower[t] = 0.7 * follower[t - 1] + coupling * leader[t - 1] + shocks[1, t]
    days = pd.date_range("2020-01-01", periods=steps, freq="D")
    table = pd.DataFrame({"item_id": "pair", "timestamp": days})
    return to_dataset(table.assign(leader=leader, follower=follower), target=["leader", "follower"])


def panel_of(values, freq="D"):
    """Channels (C, T) as one entry."""
    days = pd.date_range("2020-01-01", periods=np.shape(values)[1], freq=freq)
    table = pd.DataFrame({"item_id": "panel", "timestamp": days})
    names = [f"c{k}" for k in range(len(values))]
    table = table.assign(**dict(zip(names, values, strict=True)))
    dataset = to_dataset(table, target=names)
    assert isinstance(dataset, MultivariateDataset)
    return dataset


class Ridge:
    """Least squares from the last steps of what an entry holds to its next, channel by channel."""

    def __init__(self, prediction_length=1, context_length=2):
        self.prediction_length, self.context_length = prediction_length, context_length

    def train(self, entries):
        p, h = self.context_length, self.prediction_length
        inputs, outputs = [], []
        for entry in entries:
            values = np.atleast_2d(entry["target"])
            for end in range(p, values.shape[1] - h + 1):
                inputs.append(np.append(values[:, end - p : end].ravel(), 1.0))
                outputs.append(values[:, end : end + h].ravel())
        inputs, outputs = np.array(inputs), np.array(outputs)
        gram = inputs.T @ inputs + 1e-6 * np.eye(inputs.shape[1])
        return Fitted(np.linalg.solve(gram, inputs.T @ outputs), p, h)


class Fitted:
    def __init__(self, weights, past, horizon):
        self.weights, self.past, self.prediction_length = weights, past, horizon

    def predict(self, entries):
        for entry in entries:
            values = np.asarray(entry["target"])
            seen = np.append(np.atleast_2d(values)[:, -self.past :].ravel(), 1.0)
            made = (seen @ self.weights).reshape(-1, self.prediction_length)
            made = made.T if values.ndim == 2 else made[0]
            yield SimpleNamespace(mean=made, quantile=lambda level, made=made: made)
