"""The straight line across what is missing: a fill that invents nothing.

Shape legend: B windows, L steps. Windows may also be (B, C, L), of C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["Bridge"]


@dataclass(frozen=True)
class Bridge:
    """For each step, its nearest observed neighbours on both sides.

    Attributes:
        missing: (B, L) bool.
        before: (B, L), the last observed step up to this one; -1 if there is none.
        after: (B, L), the first observed step from this one on; L if there is none.
    """

    missing: torch.Tensor
    before: torch.Tensor
    after: torch.Tensor

    @classmethod
    def over(cls, missing: torch.Tensor) -> Bridge:
        """Find the neighbours of every step."""
        length = missing.shape[-1]
        steps = torch.arange(length, device=missing.device).expand_as(missing)
        before = torch.where(missing, -1, steps).cummax(dim=-1).values
        after = torch.where(missing, length, steps).flip(-1).cummin(dim=-1).values.flip(-1)
        return cls(missing, before, after)

    def fill(self, x: torch.Tensor) -> torch.Tensor:
        """Replace the missing steps of `x` (B, L) by the line between their observed neighbours.

        At the ends the nearest observed value is held; with nothing observed at all, 0.
        """
        length = x.shape[-1]
        steps = torch.arange(length, device=x.device).expand_as(x)
        left = torch.where(self.before < 0, self.after, self.before).clamp(max=length - 1)
        right = torch.where(self.after >= length, self.before, self.after).clamp(min=0)
        share = (steps - left).to(x.dtype) / (right - left).clamp(min=1)
        zeroed = torch.where(self.missing, torch.zeros_like(x), x)  # NaN * 0 would stay NaN below
        line = zeroed.gather(-1, left) * (1 - share) + zeroed.gather(-1, right) * share
        return torch.where(self.missing, line, x)
