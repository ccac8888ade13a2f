"""The place that predictors serialized by version 0.1 name; `conditional` is where the class is."""

from .conditional import PSAGANPredictor

__all__ = ["PSAGANPredictor"]
