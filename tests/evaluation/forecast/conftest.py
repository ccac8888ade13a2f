"""The doubles of a forecasting study under an import path."""

import sys
import types

import pytest

from forecast_doubles import Doubling, LastValue


@pytest.fixture
def doubles(monkeypatch):
    """The doubles under an import path, with empty memories."""
    module = types.ModuleType("toy_forecasters")
    module.LastValue = LastValue
    monkeypatch.setitem(sys.modules, "toy_forecasters", module)
    monkeypatch.setattr("tsgen.trust._registered", lambda: {"toy_forecasters.LastValue"})
    for name, value in (("trained_on", []), ("fails_at", None), ("tasks", [])):
        monkeypatch.setattr(LastValue, name, value)
    monkeypatch.setattr(Doubling, "trained", [])
