"""A server over PostgreSQL, killed under load: nothing answered is lost, nothing is done twice."""

from __future__ import annotations

from tests.faults.kill_server import kill_again_and_again
from tests.helpers.server_process import server_process

KILLS = 5


async def test_killed_under_load_over_postgresql(database: str) -> None:
    with server_process(database) as server:
        outcome = await kill_again_and_again(server, KILLS)
    assert outcome.faults == ()
    assert outcome.tried_again >= KILLS
