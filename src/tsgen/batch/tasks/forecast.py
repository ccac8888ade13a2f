"""Forecasts and filled gaps of more series than memory holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from tsgen.errors import SettingsError
from tsgen.memory import check_steps
from tsgen.psagan.conditional import forecast_table

from .series import SeriesBatch

__all__ = ["ForecastBatch", "ImputeBatch"]


@dataclass(frozen=True)
class ForecastBatch(SeriesBatch):
    """For each series what comes next, from its end; see `forecast_table`.

    Attributes:
        num_samples: Sample paths of each series.
        quantiles: Levels between 0 and 1; None gives the paths.
        constraints: "infer" gives counts whole numbers; None leaves values as drawn.
    """

    num_samples: int = 100
    quantiles: tuple[float, ...] | None = (0.1, 0.5, 0.9)
    constraints: Literal["infer"] | None = "infer"

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: An impossible seed, number or level.
        """
        super().check(model)
        _check_number(self.num_samples)
        for level in self.quantiles or ():
            if not 0 < level < 1:
                raise SettingsError(
                    f"quantile {level!r} is not possible; give one between 0 and 1."
                )

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; the columns of `forecast_table`.

        Raises:
            TooLargeError: The paths of a partition do not fit into memory.
        """
        series = self.series(model, table, end)
        check_steps(
            self.num_samples * len(series) * model.prediction_length,
            f"num_samples={self.num_samples}",
        )
        forecasts = forecast_table(
            model,
            series,
            num_samples=self.num_samples,
            quantiles=self.quantiles,
            constraints=self.constraints,
            seed=self.seed,
        )
        forecasts.attrs = {}
        return forecasts


@dataclass(frozen=True)
class ImputeBatch(SeriesBatch):
    """For each series completed copies; see `PSAGANPredictor.impute`.

    Attributes:
        num_samples: Copies of each series.
        constraints: "infer" gives gaps the grain of the data; None leaves values as drawn.
    """

    num_samples: int = 1
    constraints: Literal["infer"] | None = "infer"

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: An impossible seed or number.
        """
        super().check(model)
        _check_number(self.num_samples)

    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """See `BatchTask`; a long table of the completed series.

        Raises:
            TooLargeError: The copies of a partition do not fit into memory.
        """
        gappy = self.series(model, table, end)
        check_steps(self.num_samples * int(gappy.lengths.sum()), f"num_samples={self.num_samples}")
        completed = model.impute(
            gappy, self.num_samples, constraints=self.constraints, seed=self.seed
        )
        filled: pd.DataFrame = completed.to_frame()
        return filled


def _check_number(number: int) -> None:
    if number < 1:
        raise SettingsError(f"num_samples={number} is not possible; use a number from 1.")
