"""Who may import whom: the table of the design, held against the code."""

import ast
from pathlib import Path

import pytest

import tsgen

ROOT = Path(tsgen.__file__).parent
FOUNDATION = {
    "errors", "interruption", "settings", "rng", "progress", "persistence", "protocols", "storage",
    "trust",
}  # fmt: skip
EVERYTHING = {
    "data", "training", "psagan", "intensity", "metrics", "evaluation", "report", "batch", "cli",
    "contracts", "curation",
}  # fmt: skip
MAY_IMPORT = {
    "data": set(),
    "training": set(),
    "metrics": set(),
    "psagan": {"training", "metrics", "data"},
    "intensity": {"training", "metrics", "data"},
    "contracts": {"training", "data"},
    "curation": {"metrics", "training", "data", "contracts"},
    "evaluation": {"metrics", "training", "data", "contracts", "curation"},
    "report": {"evaluation", "metrics"},
    "batch": {"data"},
    "cli": EVERYTHING,
    "__main__": {"cli"},
    "__init__": EVERYTHING,
}
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))


def room_of(path):
    return path.split("/")[0].removesuffix(".py")


def imports_of(tree, package):
    """Yield (module, name or None) of every import, wherever it stands; relative ones resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield module, alias.name


def parsed(path):
    package = ["tsgen", *path.split("/")[:-1]]
    return list(imports_of(ast.parse((ROOT / path).read_text(encoding="utf-8")), package))


@pytest.mark.parametrize("path", MODULES)
def test_rooms_import_only_what_the_table_allows(path):
    room = room_of(path)
    allowed = FOUNDATION | MAY_IMPORT.get(room, set()) | {room}
    for module, name in parsed(path):
        if module == "tsgen" and name not in FOUNDATION | EVERYTHING:
            assert name == "__version__", f"{path} imports {name} from the top"
            continue
        parts = [*module.split("."), *([name] if module == "tsgen" else [])]
        if parts[0] == "tsgen" and len(parts) > 1:
            assert parts[1] in allowed, f"{path} imports tsgen.{parts[1]}"


@pytest.mark.parametrize("path", MODULES)
def test_nobody_reaches_for_private_names_of_another_module(path):
    for module, name in parsed(path):
        if module.startswith("tsgen"):
            parts = [*module.split("."), name or ""]
            private = [p for p in parts if p.startswith("_") and not p.startswith("__")]
            assert not private, f"{path} imports {module}.{name}"


@pytest.mark.parametrize("path", MODULES)
def test_gluonts_torch_is_imported_inside_functions_only(path):
    """Importing it loads Lightning, and may change how processes start."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    outside = [
        node
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
    ]
    modules = {n.module for n in outside if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in outside if isinstance(n, ast.Import) for a in n.names}
    assert not [m for m in modules if m and m.startswith(("gluonts.torch", "lightning"))]


@pytest.mark.parametrize("path", MODULES)
def test_the_library_keeps_quiet_and_checks_by_errors(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"{path}:{node.lineno} checks by assert"
        if isinstance(node, ast.Call) and room_of(path) != "cli":
            name = ast.unparse(node.func)
            refused = {"print", "logging.basicConfig", "plt.show", "pyplot.show"}
            assert name not in refused, f"{path}:{node.lineno} calls {name}"
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in {"plt.show", "pyplot.show"}


def test_there_is_no_room_without_a_theme():
    names = {part.removesuffix(".py") for path in MODULES for part in path.split("/")}
    assert not names & {"utils", "util", "helpers", "core", "misc"}
