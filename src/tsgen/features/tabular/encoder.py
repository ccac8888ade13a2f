"""A fitted encoder of tables: attributes in, numbers out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from tsgen.arrays import AnyArray, Array, Integers, Singles
from tsgen.data.events import as_table
from tsgen.errors import ModelFormatError, SettingsError
from tsgen.persistence import fault_of, require, require_finite, save_model_folder

from ..schema import TabularSchema
from ..text import TextFeatures
from .network import ColumnTransformer
from .settings import TabularEncoderSettings

__all__ = ["TabularEncoder"]

_ROWS = 4096
_FILES = ("weights.safetensors", "history.jsonl")


class TabularEncoder:
    """A transformer of scikit-learn's kind, of `TabularEncoderEstimator.train` or `tsgen.load`.

    `fit` learns nothing more and a clone is the encoder itself, so that a pipeline, a
    `ColumnTransformer` or a search over settings may hold it.

    Attributes:
        settings: What it is.
        schema: The columns.
        texts: What is learnt of each text column.
        network: None where no column is a category.
        seed: Of its training.
        history: Rows of its training.
    """

    def __init__(
        self,
        settings: TabularEncoderSettings,
        schema: TabularSchema,
        texts: list[TextFeatures],
        network: Any,
        seed: int,
        history: list[dict[str, Any]],
    ) -> None:
        self.settings, self.schema, self.texts = settings, schema, texts
        self.network, self.seed, self.history = network, seed, history

    def __repr__(self) -> str:
        of = self.schema.of
        counted = len(of("category")), len(of("number")), len(of("text"))
        columns = "{} category, {} number, {} text".format(*counted)
        return f"TabularEncoder({columns}; {len(self.get_feature_names_out())} numbers a row)"

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_clone__(self) -> Self:
        """Return the encoder as it is: a clone has what it has learnt, as a frozen one."""
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return no parameter: there is nothing left to set."""
        return {}

    def set_params(self, **params: Any) -> Self:
        """Return the encoder as it is.

        Raises:
            SettingsError: Something is to be set.
        """
        if params:
            raise SettingsError(
                f"A fitted TabularEncoder has no parameter {next(iter(params))!r}; train another "
                "with TabularEncoderEstimator."
            )
        return self

    def fit(self, table: Any, labels: Any = None) -> Self:
        """Return the encoder as it is: it has learnt."""
        return self

    def transform(self, table: Any) -> Singles:
        """Return the numbers of rows, (n, d), no NaN; names in `get_feature_names_out`.

        They are the contextual embeddings of the categories, the standardised numbers (0 where
        missing), whether a number is missing, and the texts.

        Raises:
            DataError: A column is not there, or has something else than numbers.
        """
        frame = as_table(table, "attributes", "of training")
        numbers = self.schema.numbers(frame)
        texts = zip(self.texts, self.schema.texts(frame), strict=True)
        parts: list[Array] = [
            self._embedded(self.schema.codes(frame)),
            np.nan_to_num(numbers),
            np.isnan(numbers).astype(np.float64),
            *(text(values) for text, values in texts),
        ]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def fit_transform(self, table: Any, labels: Any = None) -> Singles:
        """Return `transform` of a table."""
        return self.transform(table)

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the numbers, (d,)."""
        schema, width = self.schema, self.settings.width
        names = [f"{c.name} {k}" for c in schema.of("category") for k in range(width)]
        names += [c.name for c in schema.of("number")]
        names += [f"{c.name} missing" for c in schema.of("number")]
        rank = self.settings.text_rank
        names += [f"{c.name} {k}" for c in schema.of("text") for k in range(rank)]
        return np.array(names, object)

    def _embedded(self, codes: Integers) -> Array:
        if self.network is None:
            return np.zeros((len(codes), 0))
        parts = [np.zeros((0, codes.shape[1] * self.settings.width))]
        with torch.no_grad():
            for begin in range(0, len(codes), _ROWS):
                rows = torch.from_numpy(codes[begin : begin + _ROWS])
                parts.append(self.network(rows).flatten(1).numpy())
        return np.concatenate(parts)

    # ---- within other models, and saving ------------------------------------------------------

    def categories(self) -> dict[str, tuple[str, ...]]:
        """Return the categories that the encoder has learnt, as text, by column."""
        return self.schema.categories()

    def to_json(self) -> dict[str, Any]:
        """Return facts that `restored` takes back."""
        return {
            "settings": self.settings.to_json(),
            "seed": self.seed,
            "schema": self.schema.to_json(),
            "words": [list(text.words) for text in self.texts],
        }

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays that `restored` takes back."""
        arrays: dict[str, AnyArray] = {} if self.network is None else {
            f"network.{name}": weight.numpy() for name, weight in self.network.state_dict().items()
        }  # fmt: skip
        for place, text in enumerate(self.texts):
            arrays |= {f"text{place}.idf": text.idf, f"text{place}.components": text.components}
        return arrays

    @classmethod
    def restored(
        cls,
        facts: Mapping[str, Any],
        arrays: Mapping[str, AnyArray],
        history: Sequence[dict[str, Any]] = (),
    ) -> Self:
        """Return the encoder that `to_json` and `arrays` came from."""
        settings = TabularEncoderSettings(**facts["settings"])
        schema = TabularSchema.from_json(facts["schema"])
        texts = [
            TextFeatures(tuple(words), arrays[f"text{k}.idf"], arrays[f"text{k}.components"])
            for k, words in enumerate(facts["words"])
        ]
        network = _network(settings, schema, arrays)
        return cls(settings, schema, texts, network, facts["seed"], list(history))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        arrays = self.arrays() | {"seed": np.array([self.seed])}  # never no array
        rows = "".join(json.dumps(row) + "\n" for row in self.history)
        files = {
            "weights.safetensors": lambda file: save_file(arrays, file),
            "history.jsonl": lambda file: file.write_text(rows, encoding="utf-8"),
        }
        save_model_folder(path, "tabular-encoder", self.to_json(), files, overwrite=overwrite)

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this."""
        require(path, facts, _FILES)
        try:
            arrays = load_file(path / "weights.safetensors")
            require_finite(path, arrays)
            text = (path / "history.jsonl").read_text(encoding="utf-8")
            return cls.restored(facts, arrays, [json.loads(row) for row in text.splitlines()])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelFormatError(
                f"{path} is not a complete encoder of tables ({fault_of(error)}). "
                "Copy the model again or train it anew."
            ) from error


def _network(
    settings: TabularEncoderSettings, schema: TabularSchema, arrays: Mapping[str, AnyArray]
) -> ColumnTransformer | None:
    sizes = [len(column.categories) + 2 for column in schema.of("category")]
    if not sizes:
        return None
    network = ColumnTransformer(sizes, settings.width, settings.num_layers, settings.num_heads)
    start = "network."
    weights = {k.removeprefix(start): torch.from_numpy(a) for k, a in arrays.items()
               if k.startswith(start)}  # fmt: skip
    network.load_state_dict(weights)
    return network.eval()
