"""`./run sql "<statement>"`: one read-only statement against the documented views.

`./run sql --view ID [name=value …]` runs a named query of the SQL page; without an ID it lists them.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from services.core.errors import InvalidRequestError
from services.core.redaction import redact
from services.core.settings import Settings
from services.core.settings_loader import load_settings
from services.core.text import for_terminal
from services.database.query_result import QueryResult, csv_text
from services.database.read_only.reader import reader_url, run_readonly
from services.database.read_only.role import reader_password
from services.sql.catalogue import CATALOGUE, named
from workers.local.home import HomeLock, private_folder, stored_secret
from workers.local.postgres import EmbeddedPostgres
from workers.migrate import prepare
from workers.terminal import run_command

_USAGE = (
    'Write the statement as one text: ./run sql "select * from mascots", or run a named query:'
    " ./run sql --view failures days=30."
)


def main(argv: Sequence[str]) -> int:
    """Run the statement and print its rows as CSV; 0 only when it succeeded."""
    if list(argv) == ["--view"]:
        _list()
        return 0
    try:
        statement, values = _parsed(argv)
        with _reader_url(load_settings()) as url:
            _print(run_readonly(url, statement, parameters=values))
    except InvalidRequestError as error:
        print(redact(error.sentence), file=sys.stderr)
        return 2
    return 0


def _parsed(argv: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the statement and its parameters; raises InvalidRequestError and NotFoundError."""
    if len(argv) == 1 and argv[0].strip():
        return argv[0], ()
    if len(argv) < 2 or argv[0] != "--view":
        raise InvalidRequestError(problem=_USAGE)
    query = named(argv[1])
    given = dict(_pair(word) for word in argv[2:])
    if unknown := given.keys() - {parameter.name for parameter in query.parameters}:
        problem = f"{query.id} takes no {', '.join(sorted(unknown))}. ./run sql --view lists them."
        raise InvalidRequestError(problem=problem)
    return query.statement, query.values(given)


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise InvalidRequestError(problem=f"Write name=value instead of {word!r}.")
    return name, value


def _list() -> None:
    for query in CATALOGUE:
        words = " ".join(f"{one.name}={one.default}" for one in query.parameters)
        print(f"{f'{query.id} {words}':<44}{query.question}")


def _print(result: QueryResult) -> None:
    print(for_terminal(csv_text(result.columns, result.rows, line_end="\n")), end="")
    if result.is_truncated:
        print("Not all is shown: rows or long cells were cut.", file=sys.stderr)


@contextmanager
def _reader_url(settings: Settings) -> Iterator[str]:
    """Yield the reader's address: the configured one, `./run`'s, or that of a database started for this."""
    if settings.database_readonly_url:
        yield settings.database_readonly_url.get_secret_value()
        return
    secret = settings.secret_key or SecretStr(_stored_secret(settings))
    password = reader_password(secret.get_secret_value())
    if settings.database_url:
        yield reader_url(settings.database_url.get_secret_value(), password)
        return
    with HomeLock(settings.home) as lock:
        postgres = EmbeddedPostgres(settings.home)
        if lock.is_taken():
            yield reader_url(postgres.url, password)
            return
        lock.take("the terminal, for one SQL statement")
        with postgres:
            database_url = SecretStr(postgres.url)
            complete = {"database_url": database_url, "secret_key": secret}
            prepare(settings.model_copy(update=complete), is_embedded=True)
            yield reader_url(postgres.url, password)


def _stored_secret(settings: Settings) -> str:
    return stored_secret(private_folder(settings.home) / "secret_key")


if __name__ == "__main__":
    run_command(main)
