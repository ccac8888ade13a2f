"""The encoder behind Context-FID: dilated causal convolutions that turn a window into a vector.

Franceschi, Dieuleveut and Jaggi 2019, section 4.2, with the PSA-GAN authors' layout: blocks of two
weight-normed causal convolutions with dilation 1, 2, 4, ..., the maximum over time, a linear layer.
"""

# B batch, C channels, L window length, E numbers in an embedding

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from tsgen.arrays import Array
from tsgen.errors import DataError, ModelFormatError
from tsgen.metrics import frechet_distance
from tsgen.storage import write_atomically

__all__ = ["CausalEncoder", "context_fid", "load_encoder"]

_KERNEL = 3
_SLOPE = 0.01
_BATCH = 128


class CausalEncoder(nn.Module):
    """Turns windows (B, 1, L), any L, into embeddings (B, E).

    Args:
        channels: C of all blocks but the last.
        last_channels: C of the last block.
        num_outputs: E.
        num_blocks: Block i has dilation 2^i.

    Example:
        >>> import numpy as np
        >>> encoder = CausalEncoder(channels=8, last_channels=16, num_outputs=4, num_blocks=3)
        >>> encoder.embed(np.zeros((5, 32))).shape
        (5, 4)
    """

    def __init__(
        self, *, channels: int, last_channels: int, num_outputs: int, num_blocks: int
    ) -> None:
        super().__init__()
        widths = [1] + [channels] * (num_blocks - 1) + [last_channels]
        self.num_blocks, self.num_outputs = num_blocks, num_outputs
        for i in range(num_blocks):
            self.add_module(f"block{i}", _Block(widths[i], widths[i + 1], 2**i))
        self.linear = nn.Linear(last_channels, num_outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the embeddings (B, E) of windows (B, 1, L)."""
        for i in range(self.num_blocks):
            x = self.get_submodule(f"block{i}")(x)
        embedding: torch.Tensor = self.linear(x.amax(dim=2))
        return embedding

    def embed(self, windows: npt.ArrayLike) -> Array:
        """Return the embeddings (n, E) of windows (n, L), in batches, without gradients.

        Windows should be scaled as those the encoder was trained on.

        Raises:
            DataError: Missing values, or not two-dimensional.
        """
        values = np.asarray(windows, dtype=np.float32)
        if values.ndim != 2 or not np.isfinite(values).all():
            raise DataError(
                f"The encoder needs complete windows of shape (windows, length); found shape "
                f"{values.shape} with {int((~np.isfinite(values)).sum())} missing values. Leave "
                "incomplete windows out."
            )
        rows = torch.from_numpy(values)[:, None, :]
        with torch.no_grad():
            parts = [self(batch).double() for batch in torch.split(rows, _BATCH)]
        return torch.cat(parts).numpy() if parts else np.empty((0, self.num_outputs))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the weights as one safetensors file, in the layout that `load_encoder` reads.

        Raises:
            OutputError: The file exists, or cannot be written.
        """
        from safetensors.torch import save_file

        with write_atomically(path, overwrite=overwrite) as file:
            save_file({name: t.contiguous() for name, t in self.state_dict().items()}, file)


class _Block(nn.Module):
    """Two convolutions of one dilation, and a residual path."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int) -> None:
        super().__init__()
        self.conv0 = _CausalConv(in_channels, out_channels, dilation)
        self.conv1 = _CausalConv(out_channels, out_channels, dilation)
        self.skip = nn.Conv1d(in_channels, out_channels, 1) if in_channels != out_channels else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.leaky_relu(self.conv0(x), _SLOPE)
        y = functional.leaky_relu(self.conv1(y), _SLOPE)
        return y + (x if self.skip is None else self.skip(x))


class _CausalConv(nn.Module):
    """A convolution of kernel 3 that sees the past only, with weight g * v / |v|."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int) -> None:
        super().__init__()
        plain = nn.Conv1d(in_channels, out_channels, _KERNEL)
        self.dilation = dilation
        self.weight_v = nn.Parameter(plain.weight.detach().clone())
        self.weight_g = nn.Parameter(_norm(plain.weight.detach()))
        self.bias = nn.Parameter(plain.bias.detach().clone())  # type: ignore[union-attr]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight_g * self.weight_v / _norm(self.weight_v)
        # A tap that reaches back beyond the window sees padding only: leaving it out changes
        # nothing but the cost.
        taps = min(_KERNEL, (x.shape[2] - 1) // self.dilation + 1)
        padded = functional.pad(x, ((taps - 1) * self.dilation, 0))
        return functional.conv1d(padded, weight[:, :, -taps:], self.bias, dilation=self.dilation)


def _norm(weight: torch.Tensor) -> torch.Tensor:
    norms: torch.Tensor = torch.linalg.vector_norm(weight, dim=(1, 2), keepdim=True)
    return norms


def load_encoder(path: str | Path) -> CausalEncoder:
    """Read an encoder from a safetensors file; its sizes follow from the shapes in it.

    Layout: `block{i}.conv{0,1}.weight_g`, `.weight_v`, `.bias`; `block{i}.skip.weight`, `.bias`
    where channel counts differ; `linear.weight`, `linear.bias`.

    Raises:
        ModelFormatError: No such file, or not such an encoder.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = Path(path)
    if not path.is_file():
        raise ModelFormatError(f"There is no encoder at {path}; check the path.")
    try:
        weights = load_file(path)
        num_blocks = len({name.partition(".")[0] for name in weights if name.startswith("block")})
        with torch.random.fork_rng(devices=[]):  # initial values are drawn, then replaced
            encoder = CausalEncoder(
                channels=weights["block0.conv0.bias"].shape[0],
                last_channels=weights[f"block{num_blocks - 1}.conv0.bias"].shape[0],
                num_outputs=weights["linear.bias"].shape[0],
                num_blocks=num_blocks,
            )
        encoder.load_state_dict(weights)
    except (SafetensorError, KeyError, IndexError, RuntimeError, OSError):
        raise ModelFormatError(
            f"{path} does not hold a Context-FID encoder in the layout block{{i}}.conv{{0,1}}.*, "
            "linear.*. Give a file that `train_encoder` wrote, or train one anew."
        ) from None
    return encoder.eval()


def context_fid(real: npt.ArrayLike, synthetic: npt.ArrayLike, encoder: CausalEncoder) -> float:
    """Return the Fréchet distance between the encoder's embeddings of two sets of windows.

    Context-FID, Jeha et al. 2022. Only comparable at equal counts, with the same encoder and the
    same scaling; biased upwards for few windows, so hold it against real windows.

    Args:
        real: (n, L), scaled as the encoder expects.
        synthetic: (m, L), scaled alike.
        encoder: What embeds them.

    Raises:
        DataError: Missing values, or fewer than two windows.
    """
    return frechet_distance(encoder.embed(real), encoder.embed(synthetic))
