"""The arms of a study, checked before the first cell: names, settings, and whose code they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsgen.contracts import audience_estimator, synthesizer_factory
from tsgen.errors import SettingsError
from tsgen.trust import check_trust

from ..forecast import forecaster_class, import_paths

__all__ = ["check_study_arms"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

_ESTIMATORS = {
    **dict.fromkeys(("held-out", "authors", "new-items"), (synthesizer_factory, "psa-gan")),
    "gap-filling": (synthesizer_factory, "psa-gan-c"),
    **dict.fromkeys(("activity", "audience", "user-split", "totals"), (audience_estimator, "rim")),
}
"""Protocol -> whose settings its arms have."""


def check_study_arms(path: Path, study: Mapping[str, Any], *, trust: bool) -> None:
    """Refuse a study of which an arm is impossible.

    Args:
        path: Its file, for messages.
        study: What is in it; the protocol exists.
        trust: Whether forecasters of somebody else may be imported.

    Raises:
        SettingsError: An arm's name is no name of a file, or it has an impossible setting.
        UntrustedCodeError: An arm names a class of somebody else, and `trust` is False.
    """
    arms = study["arms"]
    if not isinstance(arms, dict) or not arms:
        raise SettingsError(f"{path} has no arms; give at least one table [arms.NAME].")
    for name, arm in arms.items():
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"{path}: the arm '{name:.60}' names files; use letters, digits, - and _ only, at "
                "most 100."
            )
        if not isinstance(arm, dict) or not isinstance(arm.get("settings", {}), dict):
            raise SettingsError(f"{path}: the arm '{name}' is {arm!r:.200}; give it a table.")
    names = [str(arm["forecaster"]) for arm in arms.values() if "forecaster" in arm]
    check_trust(import_paths(names), str(path), trust=trust)
    for name, arm in arms.items():
        try:
            _check_settings(study["protocol"], arm)
        except SettingsError as error:
            raise SettingsError(f"{path}: the arm '{name}': {error}") from None


def _check_settings(protocol: str, arm: Mapping[str, Any]) -> None:
    if protocol in _ESTIMATORS:
        registry, name = _ESTIMATORS[protocol]
        registry(name)(**arm.get("settings", {}))
    if protocol == "forecasters" and "forecaster" in arm:
        forecaster_class(str(arm["forecaster"]))
