"""All causes, collected from the modules of `causes/`, by precedence."""

from importlib import import_module
from pathlib import Path

from services.diagnosis.cause import Cause


def _collect() -> tuple[Cause, ...]:
    """Collect the causes of all modules, by precedence."""
    found: list[Cause] = []
    for path in (Path(__file__).parent / "causes").glob("*.py"):
        module = import_module(f"services.diagnosis.causes.{path.stem}")
        found += [
            member()
            for member in vars(module).values()
            if isinstance(member, type)
            and issubclass(member, Cause)
            and member.__module__ == module.__name__
        ]
    return tuple(sorted(found, key=lambda cause: cause.precedence))


CAUSES = _collect()
BY_ID = {cause.id: cause for cause in CAUSES}
BY_FAILURE = {failure: cause for cause in CAUSES for failure in cause.failures}
"""Of an ended slot; any other failure is reported as `ended_failed`."""


def _overriding(method: str) -> tuple[Cause, ...]:
    return tuple(it for it in CAUSES if getattr(type(it), method) is not getattr(Cause, method))


FOUND_HERE = _overriding("find_here")
FOUND_AT_PROVIDER = _overriding("find_at_provider")
FOUND_BESIDE = _overriding("find_beside")
FOUND_IN_GENERATION = _overriding("find_in_generation")
