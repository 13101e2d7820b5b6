"""The import rule: the edges know the core, never each other; the core knows neither."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {"stargazer": {"workers", "api"}, "workers": {"api"}, "api": {"workers"}}


def list_imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level
    }
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_only_what_it_may(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in files
        if (found := list_imports(path) & FORBIDDEN[package])
    }
    assert not wrong


def test_an_import_in_the_wrong_direction_is_seen(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("def late():\n    from workers.fanout import spread\n    import api.rpc\n")
    assert list_imports(module) == {"workers", "api"}
