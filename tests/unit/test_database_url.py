"""DATABASE_URL as platforms and other clients write it is translated, or refused by name."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from sqlalchemy import make_url

from services.core.database_url import parse_database_url
from services.core.errors import SettingsError
from services.core.settings_loader import load_settings

OURS = "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("given_url", "parsed"),
    [
        ("postgres://u:p@h/d", OURS),
        ("postgresql://u:p@h/d", OURS),
        ("postgresql+asyncpg://u:p@h/d", OURS),
        ("postgresql+psycopg2://u:p@h/d", OURS),
        ("POSTGRES://u:p@h/d", OURS),
        ("jdbc:postgresql://h/d?user=u&password=p", "postgresql+psycopg://h/d?user=u&password=p"),
        ("postgres://u:p@h/d?schema=public&connection_limit=5&pool_timeout=10", OURS),
        ("postgres://u:p@h/d?pgbouncer=true&statement_cache_size=0", OURS),
        ("postgres://u:p@h/d?pool=5&encoding=unicode&prepared_statements=false", OURS),
        ("postgres://u:p@h/d?ssl=true", f"{OURS}?sslmode=require"),
        ("postgres://u:p@h/d?ssl=false", f"{OURS}?sslmode=disable"),
        ("postgres://u:p@h/d?sslmode=no-verify", f"{OURS}?sslmode=require"),
        ("postgres://u:p@h/d?sslaccept=strict", f"{OURS}?sslmode=verify-full"),
        ("postgres://u:p@h/d?ssl=true&sslmode=require", f"{OURS}?sslmode=require"),
        ("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=system", None),
        ("postgres://u:p@h/d?channel_binding=require&options=endpoint%3Dx", None),
        ("postgres://u:p@h:5432/d", "postgresql+psycopg://u:p@h:5432/d"),
        ("postgres://u:p@[::1]:5432/d", "postgresql+psycopg://u:p@[::1]:5432/d"),
        ("postgres://u:p:q@h/d", "postgresql+psycopg://u:p:q@h/d"),
        ("postgres://u:p%40%23%2F@h/d", "postgresql+psycopg://u:p%40%23%2F@h/d"),
        ("postgres:///d?host=/var/run/postgresql", None),
        ("  postgres://u:p@h/d\n", OURS),
        ("postgres://u:p@h/d?targetServerType=primary", f"{OURS}?target_session_attrs=primary"),
    ],
)
def test_a_known_form_is_translated(given_url: str, parsed: str | None) -> None:
    result = parse_database_url(given_url)
    if parsed is not None:
        assert result == parsed
    url = make_url(result)
    url.get_dialect()().create_connect_args(url)


def test_several_hosts_are_tried_in_turn() -> None:
    url = make_url(parse_database_url("postgres://u:p@a:1,b:2/d?target_session_attrs=read-write"))
    _, arguments = url.get_dialect()().create_connect_args(url)
    assert (arguments["host"], arguments["port"]) == ("a,b", "1,2")
    assert arguments["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("postgres://u:tOp#sEc@h/d", "write # in the user or password as %23"),
        ("postgres://u:tOp@sEc@h/d", "as %40"),
        ("postgres://u:tOp/sEc@h/d", "as %2F"),
        ("postgres://u:tOp?sEc@h/d", "as %3F"),
        ("postgres://u:tOp[sEc@h/d", "as %5B"),
        ("postgres://u:tOp]sEc@h/d", "as %5D"),
        ("postgres://u:tOp%sEc@h/d", "as %25"),
        ("postgres://u:tOp sEc@h/d", "%20"),
        ("postgres://u:tOp@h:sEc/d", "no readable host and port"),
        ("postgres://u:tOp@h:123456/d", "no readable host and port"),
        ("postgres://u:tOp@h/d?sEc", "no name=value"),
        ("postgres://u:tOp@h/d?sslmode=sEc", "sslmode=require"),
        ("postgres://u:tOp@h/d?ssl=sEc", "option ssl"),
        ("postgres://u:tOp@h/d?pool_max_conns=9", "the option pool_max_conns"),
        ("'postgres://u:tOp@h/d'", "write the address alone"),
        ("psql postgres://u:tOp@h/d", "write the address alone"),
        ("host=h dbname=d password=tOpsEc", "list of name=value"),
        ("mysql://u:tOp@h/d", "not the address of a PostgreSQL"),
        ("tOpsEc", "not the address of a PostgreSQL"),
        ("postgres+unix//u:tOp@h", "not the address of a PostgreSQL"),
    ],
)
def test_a_wrong_address_is_explained_without_a_character_of_the_password(
    wrong: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", wrong)
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    sentence = caught.value.sentence
    assert sentence.startswith("DATABASE_URL ") and says in sentence
    assert "tOp" not in sentence and "sEc" not in sentence


@given(
    st.text(min_size=6, max_size=40, alphabet=st.characters(min_codepoint=33, max_codepoint=126))
)
def test_any_password_is_read_whole_or_refused_without_its_characters(password: str) -> None:
    try:
        parsed = parse_database_url(f"postgres://user:{password}@host:5432/name")
    except PydanticCustomError as error:
        assert password not in error.message()
        return
    url = make_url(parsed)
    assert (url.username, url.host, url.port, url.database) == ("user", "host", 5432, "name")
    assert url.password == unquote(password)
