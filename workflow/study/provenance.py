"""What a number came from: the code, the packages, the machine.

The digest of a piece of code covers its module and all modules of the package that it imports, directly or
not, as syntax trees without comments and docstrings: a changed formula changes it, a changed comment does
not. Snakemake compares it between runs of the workflow, since it does not look into imported modules.
"""

import ast
import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parent
# Their effect on a result is seen in its settings and its file names, which Snakemake compares anyway:
# a new description of a setting must not retrain a model.
NOT_TRACED = ("study.config", "study.paths", "study.errors", "study.names", "study.cli")
PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "torch")


def code_version(*modules: str) -> str:
    """A digest (16 hex digits) of modules of the package, as in "study.training.run", and all they import."""
    found: dict[str, str] = {}
    for module in modules:
        _collect(module, found)
    text = "\n".join(f"{name} {found[name]}" for name in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def training_version(architecture: str) -> str:
    """A digest (16 hex digits) of all code that the runs of an architecture depend on, and of no other's."""
    return code_version("study.training.run", f"study.models.{architecture}")


def script_version(path: Path) -> str:
    """A digest (16 hex digits) of a script and of all modules of the package that it imports."""
    own, imports = _read(path)
    return digest(
        own + code_version(*{name if _exists(name) else name.rpartition(".")[0] for name in imports})
    )


def traced_modules(module: str) -> list[str]:
    """The modules of the package that a digest of `module` covers."""
    found: dict[str, str] = {}
    _collect(module, found)
    return sorted(found)


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute numbers."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "absent"
    return versions


def digest(text: str) -> str:
    """A digest (16 hex digits) of any text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _collect(module: str, found: dict[str, str]) -> None:
    if module in found or module.startswith(NOT_TRACED):
        return
    found[module], imports = _read(_file(module))
    for name in imports:
        target = name if _exists(name) else name.rpartition(".")[0]
        _collect(target, found)


@cache
def _read(path: Path) -> tuple[str, tuple[str, ...]]:
    """The digest of one file and the package's modules that it names in import statements."""
    tree = ast.parse(path.read_text())
    imports: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [f"{node.module}.{alias.name}" for alias in node.names]
        _drop_docstring(node)
    ours = sorted({name for name in imports if name.split(".")[0] == "study" and name != "study"})
    return digest(ast.dump(tree)), tuple(ours)


def _drop_docstring(node: ast.AST) -> None:
    body = getattr(node, "body", None)
    if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and body:
        first = body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = body[1:]


def _exists(module: str) -> bool:
    return _path(module).exists() or (_path(module).with_suffix("") / "__init__.py").exists()


def _path(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


def _file(module: str) -> Path:
    path = _path(module)
    return path if path.exists() else path.with_suffix("") / "__init__.py"
