"""One file a model that can be trained."""

from .options import Budget, Config, DryRun, Set, show
from .psagan import app
from .rim import rim

__all__ = ["Budget", "Config", "DryRun", "Set", "app", "rim", "show"]
