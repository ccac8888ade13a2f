"""What is exported exists, the top level is cheap, and the examples in docstrings run."""

import ast
import doctest
import importlib
import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import tsgen

ROOT = Path(tsgen.__file__).parent
MODULES = sorted(
    ".".join(("tsgen", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if path.name != "__main__.py"
)


def test_every_exported_name_exists():
    for name in MODULES:
        module = importlib.import_module(name)
        exported = getattr(module, "__all__", [])
        assert len(set(exported)) == len(exported), f"{name} exports a name twice"
        for member in exported:
            assert hasattr(module, member), f"{name} has no {member}"


PARTS = {"Identity", "GeneratorLevel", "DiscriminatorLevel", "SeriesEmbedding"}
"""Parts of a network that only their own file uses; their names show in printed networks."""


def test_every_public_name_is_exported():
    for name in MODULES:
        module = importlib.import_module(name)
        source = Path(module.__file__)
        if source.name == "__init__.py":
            continue
        assert hasattr(module, "__all__"), f"{name} has no __all__"
        if ".cli." not in name:  # commands are reached through their app
            lacking = public_names(source) - PARTS - set(module.__all__)
            assert not lacking, f"{name} does not export {lacking}"


def public_names(source):
    return {
        node.name
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }


def test_the_top_level_is_sorted_and_complete():
    assert tsgen.__all__ == sorted(tsgen.__all__)
    assert set(tsgen.__all__) == {*tsgen._HOMES, "__version__"}
    assert len(tsgen.__all__) <= 30
    assert dir(tsgen) == sorted(tsgen.__all__)
    assert tsgen.responsible.bias_report is tsgen.bias_report
    with pytest.raises(AttributeError, match="no attribute 'PSAGAN'"):
        _ = tsgen.PSAGAN


HEAVY = ("torch", "lightning", "matplotlib", "gluonts.torch", "pandas", "sklearn")


def run(code):
    words = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_importing_tsgen_is_cheap():
    code = f"""
import sys, json
import tsgen
print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))
"""
    assert run(code) == []


def test_no_room_imports_gluonts_torch_or_changes_how_processes_start():
    rooms = [m for m in MODULES if m.count(".") == 1]
    code = f"""
import importlib, json, multiprocessing, sys
for name in {rooms!r}:
    importlib.import_module(name)
bad = [m for m in sys.modules if m.startswith(("gluonts.torch", "lightning", "matplotlib"))]
print(json.dumps([bad, multiprocessing.get_start_method(allow_none=True)]))
"""
    loaded, start_method = run(code)
    assert loaded == []
    assert start_method is None


def test_the_command_line_answers_help_without_torch():
    code = """
import json, sys
from typer.testing import CliRunner
from tsgen.cli.main import app
ok = CliRunner().invoke(app, ["train", "psa-gan", "--help"]).exit_code
print(json.dumps([ok, [m for m in ("torch", "gluonts", "matplotlib") if m in sys.modules]]))
"""
    assert run(code) == [0, []]


WITH_EXAMPLES = [
    name
    for name in MODULES
    if ">>> " in Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_run(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*(treespec|LeafSpec|torch.jit).*")
        results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
