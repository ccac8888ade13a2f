"""The arms of a study, checked before the first cell: names, settings, and whose code they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tsgen.contracts import audience_estimator, synthesizer_factory
from tsgen.errors import SettingsError
from tsgen.settings import Settings
from tsgen.trust import check_trust

from ..forecast import Forecaster, check_forecaster, gluonts_season, import_paths

__all__ = ["check_study_arms"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def check_study_arms(
    path: Path, study: Mapping[str, Any], kind: type[Settings], *, trust: bool
) -> None:
    """Refuse a study of which an arm is impossible.

    Args:
        path: Its file, for messages.
        study: What is in it; the protocol exists, and all else is as it asks.
        kind: What the protocol asks of an arm.
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
        _named(path, name, partial(kind, **arm))
    if study["protocol"] in _SETTINGS:
        try:
            _SETTINGS[study["protocol"]](study, study)
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}") from None
    named = [arm.get("forecaster", arm.get("estimator")) for arm in arms.values()]
    check_trust(import_paths([name for name in named if name]), str(path), trust=trust)
    for name, arm in arms.items():
        _named(path, name, partial(_CHECKS.get(study["protocol"], _nothing), study, arm))


def _named(path: Path, name: str, check: Callable[[], object]) -> None:
    """Run a check; what it refuses names the study and the arm."""
    try:
        check()
    except SettingsError as error:
        raise SettingsError(f"{path}: the arm '{name}': {error}") from None


def _nothing(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    """There are no settings of somebody else in it."""


def _rim(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    _from_study(arm, "horizon")
    audience_estimator("rim")(**arm.get("settings", {}))


def _from_study(arm: Mapping[str, Any], name: str) -> None:
    """Refuse a setting that the protocol makes itself."""
    if name in arm.get("settings", {}):
        raise SettingsError(f"{name} comes from the study; leave it out of its settings.")


def _psa_gan(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    synthesizer_factory("psa-gan")(**arm.get("settings", {}))


def _launches(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    _from_study(arm, "target_length")
    _psa_gan(study, arm)


def _psa_gan_c(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    synthesizer_factory("psa-gan-c")(**arm.get("settings", {}))


def _activity_or_forecaster(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    if "activity" in arm:
        _rim(study, {"settings": {"activity": arm["activity"]}})
        return
    spec = Forecaster(estimator=arm["forecaster"], settings=arm.get("settings", {}))
    steps = study["prediction_length"]
    check_forecaster(spec, study["freq"], steps, arm.get("season", steps))


def _forecaster(study: Mapping[str, Any], arm: Mapping[str, Any]) -> None:
    spec = Forecaster(estimator=arm["estimator"], settings=arm.get("settings", {}))
    check_forecaster(spec, _ANY_FREQ, study["prediction_length"], gluonts_season(_ANY_FREQ))


_ANY_FREQ = "h"
"""Stands for that of the data, which have not been read."""

_CHECKS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], None]] = {
    **dict.fromkeys(("held-out", "authors", "factors"), _psa_gan),
    **dict.fromkeys(("activity", "audience", "user-split", "totals", "groups", "reasons"), _rim),
    "gap-filling": _psa_gan_c,
    "new-items": _launches,
    "forecasters": _activity_or_forecaster,
    "interaction": _forecaster,
}
"""Protocol -> makes what its arms' settings are of, which says what is wrong with them."""

_SETTINGS = {"forecasters": _rim, "online-campaigns": _rim}
"""Protocol -> the same, of settings that are those of the whole study."""
