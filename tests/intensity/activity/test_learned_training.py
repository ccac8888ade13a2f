from types import SimpleNamespace

import numpy as np
import torch

from tsgen.intensity.activity import learned_training
from tsgen.intensity.activity.learned_training import count_numbers


def test_numpy_and_torch_compute_the_same_network():
    random = np.random.default_rng(0)
    sizes = {"first": (4, 3), "second": (3, 3), "last": (3, 2), "direct": (4, 2), "centre": 4,
             "scale": 4, "first_bias": 3, "second_bias": 3, "bias": 2}  # fmt: skip
    weights = {name: random.normal(size=size) for name, size in sizes.items()}
    x = random.normal(size=(7, 4))
    tensors = {name: torch.from_numpy(w) for name, w in weights.items()}
    by_torch = count_numbers(torch.from_numpy(x), tensors, torch.nn.functional.silu)
    by_numpy = count_numbers(x, weights, lambda z: z / (1 + np.exp(-z)))
    np.testing.assert_allclose(by_torch.numpy(), by_numpy, rtol=1e-12)


def test_users_held_out_judge_and_join_only_when_the_steps_are_chosen(monkeypatch):
    runs = []

    def run(data, teach, judge, *others):
        runs.append((teach.tolist(), None if judge is None else judge.tolist()))
        return SimpleNamespace(best_step=3, weights=dict)

    monkeypatch.setattr(learned_training, "_run", run)
    held_out = np.array([0, 1, -1, 0], np.int8)
    settings = SimpleNamespace(max_steps=9)
    learned_training.train_counts(np.zeros((4, 2)), np.zeros(4), held_out, settings, None)
    assert runs == [([True, False, False, True], [False, True, False, False]), ([True] * 4, None)]
