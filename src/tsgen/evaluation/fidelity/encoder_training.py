"""Training a small Context-FID encoder on the user's own windows, in seconds on a CPU."""

# B batch, L window length, E numbers in an embedding, K negatives

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch.nn.functional import logsigmoid

from tsgen.arrays import Array, as_rows
from tsgen.errors import DataError
from tsgen.rng import numpy_stream
from tsgen.settings import Settings
from tsgen.training import build_seeded, train_module

from .encoder import CausalEncoder, load_encoder

__all__ = ["EncoderSettings", "train_encoder"]


class EncoderSettings(Settings):
    """Sizes of an encoder and of its training; far below the PSA-GAN authors', to suit a CPU."""

    channels: int = Field(default=16, ge=1)
    """Channels of all blocks but the last, which has four times as many."""

    num_outputs: int = Field(default=32, ge=1)
    """Numbers in an embedding; keep it well below the number of windows compared."""

    batch_size: int = Field(default=32, ge=1)
    """Anchors in a step."""

    num_negatives: int = Field(default=32, ge=1)
    """Stretches of other windows in a step, shared by all its anchors."""

    learning_rate: float = Field(default=1e-2, gt=0)
    """Of Adam."""


def train_encoder(
    windows: npt.ArrayLike,
    *,
    seed: int,
    num_steps: int = 150,
    settings: EncoderSettings | None = None,
    cache: str | Path | None = None,
) -> CausalEncoder:
    """Train an encoder by the triplet loss on stretches of real windows.

    For an anchor a (a stretch of a window), a positive p (a stretch inside a) and K negatives g_j
    (stretches of other windows): -log σ(a·p) - mean_j log σ(-a·g_j) - mean_j log σ(-p·g_j).
    Franceschi et al. 2019, eq. 1, with the third term of the PSA-GAN authors' code. Departures, for
    few steps: a smaller network, negatives shared within a batch, no stretch below L // 8.

    Args:
        windows: (n, L) real windows, n >= 2, L >= 8, scaled as those to be embedded.
        seed: Same seed and windows, same encoder.
        num_steps: Steps of Adam.
        settings: Sizes; the defaults if None.
        cache: Folder in which the encoder is kept under a digest of the windows, the seed and the
            settings, and found again.

    Raises:
        DataError: Missing values, or too few or too short windows.
        OutputError: The cache cannot be written.
    """
    rows = as_rows(windows, "windows", min_rows=2, min_width=8)
    settings = EncoderSettings() if settings is None else settings
    file = None
    if cache is not None:
        digest = hashlib.sha256(rows.tobytes())
        digest.update(json.dumps([seed, num_steps, rows.shape, settings.to_json()]).encode())
        file = Path(cache) / f"encoder-{digest.hexdigest()[:24]}.safetensors"
        if file.is_file():
            return load_encoder(file)
    encoder = _train(rows, seed, num_steps, settings)
    if file is not None:
        encoder.save(file, overwrite=True)
    return encoder


def _train(rows: Array, seed: int, num_steps: int, settings: EncoderSettings) -> CausalEncoder:
    values = torch.from_numpy(rows.astype(np.float32))
    # Enough blocks that the last one sees the whole window: 1 + 4 (2^blocks - 1) steps.
    num_blocks = max(2, int(np.ceil(np.log2(rows.shape[1] / 4 + 1))))
    encoder = build_seeded(
        lambda: CausalEncoder(
            channels=settings.channels,
            last_channels=4 * settings.channels,
            num_outputs=settings.num_outputs,
            num_blocks=num_blocks,
        ),
        seed,
    )

    def loss(step: int) -> torch.Tensor:
        stretches = _draw_stretches(values, numpy_stream(seed, "encoder", step), settings)
        return _triplet_loss(*(encoder(stretch[:, None, :]) for stretch in stretches))

    train_module(
        encoder,
        loss,
        num_steps=num_steps,
        learning_rate=settings.learning_rate,
        label="Context-FID encoder",
    )
    if not isinstance(encoder, CausalEncoder):
        raise DataError("The encoder is of another kind than the one built.")
    return encoder


def _draw_stretches(
    values: torch.Tensor, draw: np.random.Generator, settings: EncoderSettings
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return anchors (B, la), positives (B, lp) inside them, and negatives (K, ln)."""
    num, length = values.shape
    shortest = max(2, length // 8)
    size_positive = int(draw.integers(shortest, length + 1))
    size_anchor = int(draw.integers(size_positive, length + 1))
    size_negative = int(draw.integers(shortest, length + 1))
    batch = min(settings.batch_size, num - 1)
    order = draw.permutation(num)
    anchors_of, others = order[:batch], order[batch:]
    negatives_of = draw.choice(others, settings.num_negatives)
    anchors = _cut(values[anchors_of], size_anchor, draw)
    return (
        anchors,
        _cut(anchors, size_positive, draw),
        _cut(values[negatives_of], size_negative, draw),
    )


def _cut(rows: torch.Tensor, size: int, draw: np.random.Generator) -> torch.Tensor:
    """Return one stretch of `size` steps of each row, at a place of its own."""
    starts = torch.from_numpy(draw.integers(0, rows.shape[1] - size + 1, len(rows)))
    return rows.gather(1, starts[:, None] + torch.arange(size))


def _triplet_loss(
    anchors: torch.Tensor, positives: torch.Tensor, negatives: torch.Tensor
) -> torch.Tensor:
    """Return the loss of embeddings (B, E), (B, E) and (K, E)."""
    attraction = logsigmoid((anchors * positives).sum(dim=1)).mean()
    repulsion = logsigmoid(-anchors @ negatives.T).mean()
    return -attraction - repulsion - logsigmoid(-positives @ negatives.T).mean()
