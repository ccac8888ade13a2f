"""Engines by name."""

import pytest

from tsgen.batch.engines import ENGINES, engine_of, registry
from tsgen.errors import MissingExtraError, SettingsError


def test_the_engine_of_a_name():
    assert engine_of("local") is ENGINES["local"]


def test_an_engine_that_is_not_installed_names_its_extra(monkeypatch):
    monkeypatch.setitem(registry._PACKAGES, "ray", "no_such_package")
    with pytest.raises(MissingExtraError, match=r'pip install "tsgen-forecasting\[ray\]"'):
        engine_of("ray")


def test_a_name_that_is_none_has_the_nearest():
    with pytest.raises(SettingsError, match="Did you mean 'spark'"):
        engine_of("sparc")
