"""Speed of the recurrent relevance model's training, as a ratio within one run.

python evaluation/benchmarks/gru_speed.py

Trains the GRU of the default settings on a simulated log, once by tsgen (batches made from the log,
losses recorded, gradients and steps in its loop) and once by the plainest loop that torch allows:
the same network, softmax, optimiser and batches, already on hand as tensors.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from tsgen import Interactions, TrainingOptions
from tsgen.data import Histories
from tsgen.intensity import SequenceSettings
from tsgen.intensity.relevance import ExtraInputs, NextItemTask, SequenceRelevance, Sequences
from tsgen.training import fit

USERS, ITEMS, MEAN_LENGTH, STEPS, ROUNDS = 1500, 1500, 60, 20, 5


def log() -> Interactions:
    """Draw a log in which popular items and long histories are few."""
    random = np.random.default_rng(1)
    lengths = 1 + random.negative_binomial(1, 1 / MEAN_LENGTH, USERS)
    popularity = 1 / np.arange(1, ITEMS + 1)
    size = int(lengths.sum())
    return Interactions.from_frame(
        pd.DataFrame({
            "user_id": np.repeat(np.arange(USERS), lengths),
            "item_id": random.choice(ITEMS, size, p=popularity / popularity.sum()),
            "timestamp": random.integers(0, 10**7, size) + 1.7e9,
        }),
        on_duplicate="keep",
    )  # fmt: skip


class Bare(nn.Module):
    """What a user would write: embedding, GRU, tied output."""

    def __init__(self, num_items: int, width: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_items + 1, width)
        self.gru = nn.GRU(width, width, layers, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(num_items))

    def loss(self, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean negative log-likelihood of the real next items."""
        hidden, _ = self.gru(self.embedding(tokens))
        real = targets > 0
        logits = hidden[real] @ self.embedding.weight[1:].T + self.bias
        return F.cross_entropy(logits, targets[real] - 1)


def main() -> None:
    torch.set_num_threads(1)
    events = log()
    histories = Histories.of(events, int(events.time.max()) + 1)
    settings = SequenceSettings()
    seen = events.item_counts() > 0
    token = np.where(seen, np.cumsum(seen), 0)
    sequences = Sequences(histories, token, settings.max_length, ExtraInputs(1))
    nobody = np.zeros(len(histories), bool)
    network = SequenceRelevance("gru", settings).network(int(seen.sum()))
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    tasks = []

    def make(processes, plan):
        task = NextItemTask(network, settings, sequences, nobody, options, processes, plan)
        task.num_steps = STEPS
        tasks.append(task)
        return task

    bare = Bare(int(seen.sum()), settings.hidden_size, settings.num_layers)
    optimiser = torch.optim.Adagrad(bare.parameters(), lr=settings.learning_rate, eps=1e-3)

    def ours() -> float:
        begin = time.process_time()
        fit(make, options, label="", fingerprint="")
        return time.process_time() - begin

    ours()
    order = tasks[-1]._order[1][:STEPS]
    batches = [sequences.batch(chosen, torch.device("cpu")) for chosen in order]
    num_events = sum(int((batch.targets > 0).sum()) for batch in batches)

    def plain() -> float:
        begin = time.process_time()
        for batch in batches:
            optimiser.zero_grad(set_to_none=True)
            bare.loss(batch.tokens, batch.targets).backward()
            optimiser.step()
        return time.process_time() - begin

    plain()
    pairs = [(ours(), plain()) for _ in range(ROUNDS)]
    ratios = [theirs / mine for mine, theirs in pairs]
    for name, seconds in zip(("tsgen", "bare loop"), zip(*pairs, strict=True), strict=True):
        print(
            f"{name:<10} {num_events / statistics.median(seconds):8.0f} events per processor second"
        )
    print(f"ratio      {statistics.median(ratios):8.2f} [{min(ratios):.2f}, {max(ratios):.2f}]")


if __name__ == "__main__":
    main()
