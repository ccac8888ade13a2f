"""Who may import whom: `rooms.toml`, held against the code and the README."""

import ast
import importlib.util
from functools import cache
from pathlib import Path

import tsgen

ROOT = Path(tsgen.__file__).parent
HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("rooms", HERE / "rooms.py")
rooms = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(rooms)
FOUNDATION, MAY_IMPORT = rooms.FOUNDATION, rooms.MAY_IMPORT
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


def tree_of(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@cache
def parsed(path):
    return list(imports_of(tree_of(path), ["tsgen", *path.split("/")[:-1]]))


def test_every_room_stands_in_the_table_and_the_readme_prints_it():
    assert {room_of(path) for path in MODULES} == FOUNDATION | set(MAY_IMPORT)
    readme = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert rooms.readme_table() in readme, "run tests/architecture/rooms.py and paste its table"


def test_a_room_imports_only_rooms_that_stand_before_it():
    names = list(rooms.ROOMS)
    for place, name in enumerate(names[:-1]):
        assert MAY_IMPORT[name] <= set(names[:place]), name


def test_rooms_import_only_what_the_table_allows():
    for path in MODULES:
        room = room_of(path)
        allowed = FOUNDATION | MAY_IMPORT.get(room, set()) | {room}
        for module, name in parsed(path):
            parts = [*module.split("."), *([name] if module == "tsgen" else [])]
            if parts[0] == "tsgen" and len(parts) > 1:
                assert parts[1] in allowed, f"{path} imports tsgen.{parts[1]}"


def test_other_rooms_and_folders_are_reached_through_their_faces():
    """`from tsgen.data.series import x`, never from `tsgen.data.series.dataset`."""
    for path in MODULES:
        folder = ("tsgen", *path.split("/")[:-1])
        if path.endswith("__init__.py"):
            continue
        for module, _ in parsed(path):
            parts = tuple(module.split("."))
            if parts[0] != "tsgen" or len(parts) < 3 or ROOT.joinpath(*parts[1:]).is_dir():
                continue
            assert parts[:-1] == folder[: len(parts) - 1], f"{path} imports {module} past its face"


def places(path):
    """Yield the modules of the library that a module imports at run time, faces left out."""
    tree = tree_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.Pass()]
    package = ["tsgen", *path.split("/")[:-1]]
    for module, name in imports_of(tree, package):
        for whole in (f"{module}.{name}", module):
            target = ROOT.joinpath(*whole.split(".")[1:]).with_suffix(".py")
            if whole.startswith("tsgen.") and target.is_file():
                yield target.relative_to(ROOT).as_posix()
                break


def folder_of(path):
    return "/".join(path.split("/")[:-1])


def test_no_circle_of_modules_even_by_imports_inside_functions():
    graph = {path: set(places(path)) for path in MODULES if not path.endswith("__init__.py")}
    assert not circle(graph)


def test_folders_of_a_room_import_one_way():
    graph = {}
    for path in MODULES:
        package = ["tsgen", *path.split("/")[:-1]]
        for module, _ in parsed(path):
            target = ROOT.joinpath(*module.split(".")[1:])
            if module.startswith("tsgen.") and target.is_dir() and not path.endswith("__init__.py"):
                there = target.relative_to(ROOT).as_posix()
                here = "/".join(package[1:])
                if there != here and there.count("/") and here.count("/"):
                    graph.setdefault(here, set()).add(there)
    assert not circle(graph)


def circle(graph):
    """Return the nodes of one circle, or nothing."""
    done, way = set(), []

    def visit(node):
        if node in way:
            return way[way.index(node) :]
        if node in done:
            return []
        way.append(node)
        for target in sorted(graph.get(node, ())):
            if nodes := visit(target):
                return nodes
        done.add(way.pop())
        return []

    for node in sorted(graph):
        if nodes := visit(node):
            return nodes
    return []


def test_nobody_reaches_for_private_names_of_another_module():
    for path in MODULES:
        for module, name in parsed(path):
            if module.startswith("tsgen"):
                parts = [*module.split("."), name or ""]
                private = [p for p in parts if p.startswith("_") and not p.startswith("__")]
                assert not private, f"{path} imports {module}.{name}"


def test_gluonts_torch_is_imported_inside_functions_only():
    """Importing it loads Lightning, and may change how processes start."""
    for path in MODULES:
        outside = ast.Module(
            [n for n in tree_of(path).body if not isinstance(n, ast.FunctionDef | ast.ClassDef)], []
        )
        for module, _ in imports_of(outside, ["tsgen", *path.split("/")[:-1]]):
            assert not module.startswith(("gluonts.torch", "lightning")), f"{path}: {module}"


def test_the_library_keeps_quiet_and_checks_by_errors():
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            assert not isinstance(node, ast.Assert), f"{path}:{node.lineno} checks by assert"
            if isinstance(node, ast.Call) and room_of(path) != "cli":
                name = ast.unparse(node.func)
                refused = {"print", "logging.basicConfig", "plt.show", "pyplot.show"}
                assert name not in refused, f"{path}:{node.lineno} calls {name}"
            if isinstance(node, ast.Attribute) and node.attr == "show":
                assert ast.unparse(node) not in {"plt.show", "pyplot.show"}, f"{path}:{node.lineno}"


def test_there_is_no_room_without_a_theme():
    names = {part.removesuffix(".py") for path in MODULES for part in path.split("/")}
    assert not names & {"utils", "util", "helpers", "core", "misc"}
