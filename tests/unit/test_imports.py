"""Who may import whom, read from the code; docs/architecture.md says why."""

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_PARTY = {"app", "pages", "services", "workers", "tests", "bench", "simulator"}
IMPLEMENTATIONS = (
    "services.providers.replicate",
    "services.providers.gemini",
    "services.providers.huggingface",
    "services.providers.cog",
    "services.providers.local.provider",
    "services.storage.local_storage",
    "services.storage.s3",
    "services.queue.rq",
)
# Each: files below this folder may not import anything that begins with one of these.
FORBIDDEN = {
    "pages": ("sqlalchemy", "rq", "redis", "replicate", "boto3", "workers"),
    "services": ("streamlit", "pages", "workers"),
    "workers": ("pages", "streamlit"),
    "services/recipes": IMPLEMENTATIONS,
    "services/pipeline": IMPLEMENTATIONS,
    "services/core/states.py": tuple(FIRST_PARTY),
}
PROVIDER_LIBRARIES = {
    "replicate": ("services/providers/replicate",),
    "google": ("services/providers/gemini",),
    "huggingface_hub": (),
    "httpx2": (
        "services/providers/gemini",
        "services/providers/huggingface",
        "services/providers/cog",
    ),
    "boto3": ("services/storage/s3",),
    "botocore": ("services/storage/s3",),
}


def sources(*folders: str) -> Iterator[Path]:
    """Every Python file below these folders."""
    for folder in folders:
        path = ROOT / folder
        yield from ([path] if path.is_file() else sorted(path.rglob("*.py")))


def imports(path: Path) -> list[tuple[str, int, bool]]:
    """Return each imported module, the level of a relative import, and 'inside a function'.

    `from package import module` counts as an import of `package.module` too.
    """
    found = []
    tree = ast.parse(path.read_text())
    inside = {
        child
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, 0, node in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            modules = [
                module,
                *(f"{module}.{a.name}" for a in node.names if is_ours(module, a.name)),
            ]
            found += [(name, node.level, node in inside) for name in modules]
    return found


def is_ours(package: str, name: str) -> bool:
    """Return whether `name` is a file or folder of this first-party package."""
    path = ROOT.joinpath(*package.split("."), name)
    return package.split(".")[0] in FIRST_PARTY and (
        path.is_dir() or path.with_suffix(".py").is_file()
    )


def begins_with(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a module is one of these or lies below one, or is named like a family of files."""
    return any(name == p or name.startswith((f"{p}.", f"{p}_")) for p in prefixes)


ALL = tuple(sources("app.py", "pages", "services", "workers", "tests"))


@pytest.mark.parametrize("folder", sorted(FORBIDDEN))
def test_a_layer_imports_only_what_it_may(folder: str) -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name, _, _ in imports(path)
        if begins_with(name, FORBIDDEN[folder])
    ]
    assert broken == []


@pytest.mark.parametrize("library", sorted(PROVIDER_LIBRARIES))
def test_a_provider_library_is_imported_by_its_provider_alone(library: str) -> None:
    broken = [
        str(path.relative_to(ROOT))
        for path in sources("app.py", "pages", "services", "workers")
        if not str(path.relative_to(ROOT)).startswith(PROVIDER_LIBRARIES[library])
        for name, _, _ in imports(path)
        if begins_with(name, (library,))
    ]
    assert broken == []


def test_only_the_container_chooses_implementations() -> None:
    allowed = {
        "services/container.py",
        "services/providers",
        "services/storage",
        "services/queue",
        "workers",
        "tests",
    }
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ALL
        if not str(path.relative_to(ROOT)).startswith(tuple(allowed))
        for name, _, _ in imports(path)
        if begins_with(name, IMPLEMENTATIONS)
    ]
    assert broken == []


def test_the_simulator_and_the_product_do_not_know_each_other() -> None:
    for path in sources("app.py", "pages", "services", "workers"):
        is_simulator = "simulator/" in str(path)
        for name, _, _ in imports(path):
            ours = name.split(".")[0] in FIRST_PARTY
            about_simulator = name == "simulator" or name.startswith("simulator.")
            assert not ours or is_simulator == about_simulator, (path, name)


def test_no_import_is_relative_or_first_party_inside_a_function() -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ALL
        for name, level, is_inside in imports(path)
        if level or (is_inside and name.split(".")[0] in FIRST_PARTY)
    ]
    assert broken == []


def test_every_function_that_a_ring_names_exists() -> None:
    from_queue = import_module("services.queue.rq_queue").STEPS_MODULE
    steps = import_module(from_queue)
    for name in import_module("services.pipeline.dispatcher").STEP_OF.values():
        assert callable(getattr(steps, name)) and f"{from_queue}.{name}" in steps.ALLOWED


def test_only_settings_read_the_environment() -> None:
    # `proxies` hands on what .env says: the HTTP libraries read the environment alone.
    allowed = (
        "services/core/settings_loader",
        "services/core/proxies",
        "simulator",
        "services/media/decode",
        "workers",
    )
    broken = [
        str(path.relative_to(ROOT))
        for path in sources("app.py", "pages", "services")
        if not str(path.relative_to(ROOT)).startswith(allowed)
        and ("os.environ" in path.read_text() or "os.getenv" in path.read_text())
    ]
    assert broken == []


def test_the_project_parses_on_the_oldest_python() -> None:
    assert sys.version_info >= (3, 11)
    for path in ALL:
        ast.parse(path.read_text(), feature_version=(3, 11))
