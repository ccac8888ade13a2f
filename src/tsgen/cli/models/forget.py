"""`tsgen forget`: a model that no longer knows some users or series, or knows digests of ids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import ModelFormatError, SettingsError

from ..inputs import read_id_file, read_salt
from ..options import AsJson, Overwrite, Trust
from ..outputs import answering, emit, free_output

if TYPE_CHECKING:
    from tsgen.data import Vocabulary

__all__ = ["forget"]


@answering
def forget(
    model: Annotated[Path, typer.Argument(help="Model folder: a RIM, a PSA-GAN, a PSA-GAN-C.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Model folder to make; with --overwrite, the same."),
    ],
    one: Annotated[
        list[str] | None, typer.Option("--id", help="User or series to forget. Repeatable.")
    ] = None,
    several: Annotated[
        Path | None, typer.Option("--ids", help="File of them: one a line, or a column of a table.")
    ] = None,
    salt: Annotated[
        Path | None,
        typer.Option("--hash-ids", help="File with a salt: the model keeps digests for ids."),
    ] = None,
    trust: Trust = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Make a model forget users or series; the older one still knows them until it is replaced.

    What was learnt of all together stays as it is, and so do the numbers of the others. With
    --hash-ids, those that stay are known by SHA-256 digests of salt and id; of a model that knows
    digests already, it finds by their ids those to forget.

    tsgen forget models/shop --id 17850 -o models/shop --overwrite
    """
    from tsgen.persistence import load

    if one is None and several is None and salt is None:
        raise SettingsError("Nothing to forget: give --id ID, --ids FILE or --hash-ids FILE.")
    free_output(output, overwrite, folder=True, renews=model)
    kept: Any = load(model, device="cpu", trust=trust)
    if not hasattr(kept, "forget"):
        raise ModelFormatError(f"{model} holds a model that knows nobody by an id.")
    wanted = _wanted(kept, one, several, None if salt is None else read_salt(salt))
    kept = kept.forget(wanted) if wanted else kept
    kept = kept if salt is None or _knows_digests(kept) else kept.hashed(read_salt(salt))
    kept.save(output, overwrite=overwrite)
    left = len(_remembered(kept))
    facts = {"model": str(output), "forgotten": len(wanted), "left": left, "hashed": bool(salt)}
    digests = ", known by digests" if salt else ""
    emit(facts, f"{output}: {len(wanted):,} forgotten, {left:,} left{digests}", as_json)


def _remembered(model: Any) -> Vocabulary:
    """Return the ids that a model knows: users of a RIM, else series."""
    import pandas as pd

    from tsgen.data import Vocabulary

    if hasattr(model, "states"):
        users: Vocabulary = model.states.users
        return users
    return Vocabulary(pd.Index(model.table.item_ids, dtype=object), "item")


def _knows_digests(model: Any) -> bool:
    from tsgen.data.events import are_digests

    return are_digests(_remembered(model))


def _wanted(model: Any, one: list[str] | None, several: Path | None, salt: str | None) -> list[Any]:
    """Return the ids to forget, each once and as the model knows it.

    With a salt, plain ids of a model that knows digests are found by it.

    Raises:
        UnknownIdError: The model does not know one.
    """
    vocabulary = _remembered(model)
    texts = list(one or [])
    if several is not None:
        column = "item_id" if vocabulary.what == "item" else model.read_options.user_id
        texts += [str(entry) for entry in read_id_file(several, column, vocabulary)]
    if salt is not None and _knows_digests(model):
        from tsgen.data import hashed_id
        from tsgen.data.events import is_digest

        texts = [text if is_digest(text) else hashed_id(text, salt) for text in texts]
    wanted = list(dict.fromkeys(vocabulary.from_text(texts)))
    vocabulary.find(wanted)
    return wanted
