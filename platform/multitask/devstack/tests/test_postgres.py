from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg2
import pytest

from multitask.devstack.postgres import EmbeddedPostgres
from multitask.devstack.tests.helpers import running_in

pytestmark = pytest.mark.stack


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.stop()
    assert running_in(tmp_path) == []


def run(url: str, sql: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_data_and_address_survive_every_kind_of_stop(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    run(url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")

    assert postgres.restart() == url
    run(url, "INSERT INTO kept VALUES (2)")
    assert postgres.restart("immediate") == url
    run(url, "INSERT INTO kept VALUES (3)")
    postgres.kill()
    assert not postgres.is_running()
    assert postgres.start() == url

    assert run(url, "SELECT count(*) FROM kept") == [(3,)]


def test_pgvector_is_there_and_nothing_may_be_lost(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    run(url, "CREATE EXTENSION vector")
    assert run(url, "SELECT '[3,4]'::vector <-> '[0,0]'::vector") == [(5.0,)]
    assert run(url, "SELECT current_setting('fsync'), current_setting('synchronous_commit')") == [
        ("on", "on")
    ]
    assert int(run(url, "SHOW max_connections")[0][0]) >= 200


def test_only_its_owner_can_reach_it(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    assert run(url, "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.pgdata.stat().st_mode) == 0o700


def test_a_second_start_joins_the_running_server(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    pid = postgres.pid
    other = EmbeddedPostgres(postgres.root)
    assert other.start() == url
    assert other.pid == pid
    other.stop()
    assert not postgres.is_running()


def test_the_id_of_another_living_program_in_the_pid_file_is_no_hindrance(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    postgres.kill()
    pid_file = postgres.pgdata / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]))

    assert not postgres.is_running()
    assert postgres.start() == url
    assert run(url, "SELECT 1") == [(1,)]


def test_a_postmaster_killed_alone_does_not_block_the_next_start(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    session = psycopg2.connect(url)
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)

    assert postgres.start() == url
    assert run(url, "SELECT 1") == [(1,)]
    session.close()


def test_half_made_data_of_an_interrupted_first_start_are_not_used(postgres: EmbeddedPostgres) -> None:
    half = postgres.root / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert run(postgres.start(), "SELECT 1") == [(1,)]


@pytest.mark.parametrize("folder", ["with space & 'quote\" عربي 100%2F", "x" * 120])
def test_any_path_of_the_checkout_gives_an_address_that_django_and_psycopg_read(
    tmp_path: Path, folder: str
) -> None:
    postgres = EmbeddedPostgres(tmp_path / folder / "postgres")
    url = postgres.start()
    try:
        assert run(url, "SELECT current_database()") == [("multitask",)]
        parsed = dj_database_url.parse(url)
        assert parsed["HOST"] == str(postgres.socket_dir)
        assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(postgres.socket_dir / ".s.PGSQL.5432"))
    finally:
        postgres.stop()
    assert postgres.root in postgres.socket_dir.parents or not postgres.socket_dir.exists()


def test_data_of_tests_that_were_not_stopped_cleanly_are_made_anew(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    run(postgres.start(), "CREATE TABLE lost (n int)")
    postgres.kill()
    try:
        assert run(postgres.start(), "SELECT to_regclass('lost')") == [(None,)]
    finally:
        postgres.stop()
