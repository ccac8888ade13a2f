"""Features that change in time, as the networks see them beside a window.

Shape legend: B windows, L steps, K channels of features, M steps of all series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tsgen.arrays import Integers, Singles

__all__ = ["WindowCovariates", "hidden"]


@dataclass(frozen=True)
class WindowCovariates:
    """The features of n series, read window by window.

    Attributes:
        channels: (K, M) float32, scaled; 0 where not known.
        offsets: (n + 1,), series i has the steps `offsets[i]` to `offsets[i + 1]`.
    """

    channels: torch.Tensor
    offsets: torch.Tensor

    @classmethod
    def on(
        cls,
        channels: Singles,
        offsets: Integers,
        device: torch.device | str,
    ) -> WindowCovariates:
        """Put the features on a device."""
        return cls(torch.tensor(channels, device=device), torch.tensor(offsets, device=device))

    def read(self, series: torch.Tensor, position: torch.Tensor, length: int) -> torch.Tensor:
        """Return the features (B, K, L) of windows of `series` that begin at `position`.

        Nothing is known before a series; after what is known of it, the last values stay.
        """
        steps = torch.arange(length, device=self.channels.device)
        place = position[:, None] + steps
        first, end = self.offsets[series][:, None], self.offsets[series + 1][:, None]
        at = torch.minimum(first + place.clamp(min=0), end - 1)
        read = self.channels[:, at].transpose(0, 1)
        return torch.where((place >= 0)[:, None], read, 0.0)


def hidden(
    read: torch.Tensor, widths: Sequence[int], share: float, uniforms: torch.Tensor
) -> torch.Tensor:
    """Return features (B, K, L) of which a share is hidden, each in its windows alone.

    Args:
        read: The features.
        widths: Channels of each feature.
        share: Of the windows.
        uniforms: (B, number of features), uniform numbers that decide.
    """
    keep = (uniforms >= share).to(read.dtype)
    channels = torch.repeat_interleave(keep, torch.tensor(widths, device=read.device), dim=1)
    return read * channels[:, :, None]
