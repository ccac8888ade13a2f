"""Files of campaigns, as the command line gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.settings import read_settings_file

from .id_files import read_id_file
from .set_options import assigned

if TYPE_CHECKING:
    from tsgen.allocation import Plan
    from tsgen.data import Vocabulary

__all__ = ["read_plan"]


def read_plan(
    path: Path,
    users: Vocabulary,
    items: Vocabulary,
    assignments: list[str] | None = None,
    *,
    column: str = "user_id",
    whole: bool = True,
) -> Plan:
    """Read campaigns; `exclude` may name a file beside them, and ids be written as text.

    Args:
        path: A TOML or JSON file.
        users: Says of which kind ids of users are.
        items: Says of which kind ids of items are.
        assignments: Settings of the plan, KEY=VALUE.
        column: How files of users call their ids.
        whole: Whether `users` are all that there are (see `read_id_file`).

    Raises:
        SettingsError: A setting is not possible.
    """
    from tsgen.allocation import Plan

    fields = read_settings_file(path)
    campaigns = fields.get("campaigns")
    if isinstance(campaigns, list):
        fields["campaigns"] = [
            _with_ids(one, path.parent, users, items, column, whole=whole) for one in campaigns
        ]
    return Plan(**assigned(assignments, fields))


def _with_ids(
    campaign: Any, folder: Path, users: Vocabulary, items: Vocabulary, column: str, *, whole: bool
) -> Any:
    if not isinstance(campaign, dict):
        return campaign
    fields = dict(campaign)
    exclude = fields.get("exclude")
    if isinstance(exclude, str):
        fields["exclude"] = read_id_file(folder / exclude, column, users, whole=whole)
    if isinstance(fields.get("items"), list):
        fields["items"] = items.from_text(str(one) for one in fields["items"])
    return fields
