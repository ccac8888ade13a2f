"""Other people's forecasters, run with a seed of their own and without their chatter."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from tsgen.rng import global_seed, numpy_stream
from tsgen.training import threads

__all__ = ["quiet", "seeded"]


@contextmanager
def seeded(seed: int, *names: str) -> Iterator[None]:
    """Seed the global generators that GluonTS draws from, quietly; put them back afterwards."""
    number = int(numpy_stream(seed, *names).integers(2**31))
    with global_seed(number), threads(1), quiet():
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Lightning's and GluonTS's advice, and their warnings, off the user's screen."""
    loggers = [logging.getLogger(n) for n in ("lightning", "lightning.pytorch", "gluonts")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
