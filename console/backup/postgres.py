"""A journal in PostgreSQL, through the database's own tools: pg_dump and pg_restore.

They must be on the path, and not older than the server. The password travels in the environment,
where other users of the machine do not see it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from console.backup.errors import BackupError

_ENVIRONMENT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""What libpq reads from the environment in place of a URL."""

_SCHEMA = "SELECT current_schema()"
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"


def dump(url: str, file: Path) -> None:
    """Write one moment of the database to `file`, while nodes append. Raises BackupError."""
    schema = _asked(url, _SCHEMA)
    _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
         "--no-unlogged-table-data", f"--schema={schema}", f"--file={file}")  # fmt: skip


def check_dump(url: str, file: Path) -> None:
    """Read the dump's table of contents. Raises BackupError."""
    _run(url, "pg_restore", "--list", str(file))


def load(url: str, file: Path) -> None:
    """Put the dump into the empty database at `url`, all of it or nothing. Raises BackupError."""
    if _asked(url, _TABLES):
        raise BackupError("in_the_way", file=_shown(url))
    # Under another schema's name only its tables are taken: the schema itself is there.
    _run(url, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
         "--single-transaction", f"--schema={_asked(url, _SCHEMA)}",
         f"--dbname={_settings(url).get('PGDATABASE', '')}", str(file))  # fmt: skip


def _asked(url: str, sql: str) -> object:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            found = connection.execute(sql.encode()).fetchone()
    except psycopg.Error as error:
        raise BackupError("cannot_copy", file=_shown(url), reason=error) from error
    return found[0] if found else None


def _run(url: str, program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError("no_tool", program=program)
    ran = subprocess.run(
        [path, *arguments],
        env={**os.environ, **_settings(url)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        reason = ran.stderr.strip().splitlines()
        raise BackupError("cannot_copy", file=_shown(url), reason=reason[-1] if reason else "?")


def _settings(url: str) -> Mapping[str, str]:
    given = conninfo_to_dict(url)
    return {_ENVIRONMENT[k]: str(v) for k, v in given.items() if k in _ENVIRONMENT}


def _shown(url: str) -> str:
    """The database without its password."""
    given = conninfo_to_dict(url)
    return f"postgresql://{given.get('host', '')}/{given.get('dbname', '')}"
