"""`./run sql "<statement>"`: one read-only statement against the documented views."""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import SecretStr

from services.database.reader import QueryResult, reader_url, run_readonly
from services.database.reader_role import reader_password
from services.errors import AtelierError
from services.settings import Settings, load_settings
from workers.embedded.errors import StartError
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.state_folder import HomeLock, kept_secret, private_folder
from workers.migrate import prepare


def main(argv: Sequence[str]) -> int:
    """Run the statement and print its rows as CSV; 0 only when it was answered."""
    if len(argv) != 1 or not argv[0].strip():
        print('Write the statement as one text: ./run sql "select * from mascots"', file=sys.stderr)
        return 2
    try:
        with _reader_url(load_settings()) as url:
            _print(run_readonly(url, argv[0]))
    except (AtelierError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print(result: QueryResult) -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(result.columns)
    rows.writerows(result.rows)
    if result.is_truncated:
        print("Not all is shown: rows or long cells were cut.", file=sys.stderr)


@contextmanager
def _reader_url(settings: Settings) -> Iterator[str]:
    """The reader's address while its database runs: the set one, `./run`'s, or one for now."""
    if settings.database_readonly_url:
        yield settings.database_readonly_url.get_secret_value()
        return
    secret = settings.secret_key or SecretStr(_kept_secret(settings))
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
            prepare(
                settings.model_copy(update={"database_url": database_url, "secret_key": secret})
            )
            yield reader_url(postgres.url, password)


def _kept_secret(settings: Settings) -> str:
    return kept_secret(private_folder(settings.home) / "secret_key")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
