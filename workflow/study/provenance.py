"""What a number came from: the code, the packages, the machine.

The digest of a piece of code covers its module and all modules of the package that it imports, directly or
not, as syntax trees without comments and docstrings: a changed formula changes it, a changed comment does
not. It covers versions too, of the packages that these modules import and that compute numbers: after an
upgrade of torch, trainings are made again, since results of two versions must not meet in one study.
Snakemake compares digests between runs of the workflow, since it does not look into imported modules.
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
NOT_TRACED = ("study.config", "study.kinds", "study.paths", "study.errors", "study.names", "study.cli")
# Packages by the names of their imports. pandas and pyarrow carry numbers: their versions are noted with each
# run, and an upgrade of them repeats nothing.
COMPUTING = {
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "PIL": "pillow",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "torch": "torch",
    "transformers": "transformers",
}
PACKAGES = ("numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "torch", "transformers")


def code_version(*modules: str) -> str:
    """A digest (16 hex digits) of modules of the package, as in "study.training.run", and all they import."""
    found: dict[str, str] = {}
    for module in modules:
        _collect(module, found)
    return digest("\n".join(f"{name} {found[name]}" for name in sorted(found)))


def training_version(kind: str, architecture: str, *modules: str) -> str:
    """A digest (16 hex digits) of all code that runs of an architecture on data of a kind depend on.

    `modules` are what trains them beside the modules of the kind.
    """
    of_kind = f"study.training.{kind}_runs"
    return code_version("study.training.run", of_kind, f"study.models.{architecture}", *modules)


def variants_version(kind: str, architecture: str) -> str:
    """The same of variant runs."""
    of_kind = f"study.training.{kind}_variants"
    return training_version(kind, architecture, "study.training.variants", of_kind)


def script_version(path: Path) -> str:
    """A digest (16 hex digits) of a script and of all modules of the package that it imports."""
    own, ours, packages = _read(path)
    return digest(f"{own} {_versions(packages)} {code_version(*ours)}")


def traced_modules(module: str) -> list[str]:
    """The modules of the package that a digest of `module` covers."""
    found: dict[str, str] = {}
    _collect(module, found)
    return sorted(found)


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute numbers."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def digest(text: str) -> str:
    """A digest (16 hex digits) of any text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _collect(module: str, found: dict[str, str]) -> None:
    if module in found or module.startswith(NOT_TRACED):
        return
    own, ours, packages = _read(_file(module))
    found[module] = f"{own} {_versions(packages)}"
    for name in ours:
        _collect(name, found)


@cache
def _read(path: Path) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A file's digest, the package's modules that it imports, and the other packages."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name for name in imports if name.startswith("study.")}
    modules = {name if _exists(name) else name.rpartition(".")[0] for name in ours} - {"study"}
    packages = {name.partition(".")[0] for name in imports - ours}
    return digest(repr(_shape(tree))), tuple(sorted(modules)), tuple(sorted(packages))


def _shape(node: object) -> object:
    """A syntax tree as nested lists, without strings that stand alone: docstrings, also those of attributes.

    Unlike `ast.dump`, it leaves out fields that are empty, which differ between versions of Python.
    """
    if isinstance(node, ast.AST):
        fields = [(name, _shape(value)) for name, value in ast.iter_fields(node) if value not in (None, [])]
        return [type(node).__name__, *fields]
    if isinstance(node, list):
        return [_shape(item) for item in node if not _stands_alone(item)]
    return node


def _stands_alone(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of those packages that compute numbers, without the local label of a build (+cpu)."""
    names = [COMPUTING[name] for name in packages if name in COMPUTING]
    return {name: _version(name).partition("+")[0] for name in names}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _exists(module: str) -> bool:
    return _path(module).exists() or (_path(module).with_suffix("") / "__init__.py").exists()


def _path(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


def _file(module: str) -> Path:
    path = _path(module)
    return path if path.exists() else path.with_suffix("") / "__init__.py"
