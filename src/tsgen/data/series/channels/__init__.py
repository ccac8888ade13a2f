"""Series that were observed together: the channels of an entry."""

from .multivariate import MultivariateDataset, joined, parts_of

__all__ = ["MultivariateDataset", "joined", "parts_of"]
