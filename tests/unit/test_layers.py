"""The folders of services/ form one order, and so do its files; docs/architecture.md says why."""

from graphlib import CycleError, TopologicalSorter

from tests.unit.test_imports import ROOT, imports, sources

ORDER = [
    "core",
    "storage",
    "media",
    "database",
    "people",
    "audit",
    "queue",
    "fetch",
    "providers",
    "credits",
    "references",
    "pose_library",
    "recipes",
    "pipeline",
    "monitoring",
    "reconciliation",
    "remedies",
    "diagnosis",
    "health",
    "gallery",
    "jobs",
    "sql",
    "web",
    "container",
]
"""Each folder may import from those before it, and from none behind it."""


def module_of(path: str) -> str:
    """`services/core/states.py` as `services.core.states`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def graph(*folders: str) -> dict[str, set[str]]:
    """Each module below these folders with the modules of ours that it imports."""
    names = {module_of(str(path.relative_to(ROOT))): path for path in sources(*folders)}
    return {
        name: {imported for imported, _, _ in imports(path) if imported in names} - {name}
        for name, path in names.items()
    }


def test_folders_of_services_import_only_what_comes_before_them() -> None:
    broken = [
        f"{name} imports {imported}"
        for name, imports_ in graph("services").items()
        if name.count(".")
        for imported in imports_
        if imported.count(".")
        and ORDER.index(imported.split(".")[1]) > ORDER.index(name.split(".")[1])
    ]
    assert broken == []


def test_every_folder_of_services_has_its_place_in_the_order() -> None:
    found = {path.name for path in (ROOT / "services").iterdir() if any(path.glob("*.py"))}
    assert found == set(ORDER) - {"container"}


def test_no_files_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(graph("app.py", "pages", "services", "workers")).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_a_page_imports_no_other_page() -> None:
    broken = [
        f"{name} imports {imported}"
        for name, imports_ in graph("pages").items()
        for imported in imports_
        if imported.count(".") > 1
        and imported.split(".")[1] not in {"kit", name.split(".")[1]}
        and not name.startswith("pages._entry")
    ]
    assert broken == []
