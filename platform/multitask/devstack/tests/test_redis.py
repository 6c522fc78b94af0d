from __future__ import annotations

import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from multitask.devstack import redis as module
from multitask.devstack.redis import EmbeddedRedis
from multitask.devstack.tests.helpers import running_in

pytestmark = pytest.mark.stack


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis")
    yield server
    server.stop()
    assert running_in(tmp_path) == []


def test_data_and_address_survive_a_restart(server: EmbeddedRedis) -> None:
    url = server.start()
    with redis.from_url(url) as client:
        client.set("kept", "1")
    assert server.restart() == url
    with redis.from_url(url) as client:
        assert client.get("kept") == b"1"


def test_what_is_older_than_a_second_survives_a_kill(server: EmbeddedRedis) -> None:
    url = server.start()
    with redis.from_url(url) as client:
        client.set("kept", "1")
        time.sleep(1.5)
    server.kill()
    assert not server.is_running()
    assert server.start() == url
    with redis.from_url(url) as client:
        assert client.get("kept") == b"1"


def test_flush_loses_everything_and_the_server_goes_on(server: EmbeddedRedis) -> None:
    with redis.from_url(server.start()) as client:
        client.set("lost", "1")
        server.flush()
        assert client.get("lost") is None


def test_it_listens_on_loopback_only_asks_for_its_password_and_never_evicts(server: EmbeddedRedis) -> None:
    with redis.from_url(server.start()) as client:
        assert client.config_get("bind")["bind"] == "127.0.0.1"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert client.config_get("appendfsync")["appendfsync"] == "everysec"
        assert client.config_get("appendonly")["appendonly"] == "yes"
    with (
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.ping()
    for name in ("password", "redis.conf"):
        assert stat.S_IMODE((server.root / name).stat().st_mode) == 0o600


def test_an_unreadable_append_only_file_is_put_aside_and_the_server_starts_empty(
    server: EmbeddedRedis,
) -> None:
    with redis.from_url(server.start()) as client:
        client.set("a", "1")
        client.set("b", "2")
    server.stop()
    file = server.data / "appendonly.aof"
    file.write_bytes(b"garbage" + file.read_bytes())
    with redis.from_url(server.start()) as client:
        assert client.dbsize() == 0
    assert [path.name.split("-")[0] for path in server.data.glob("*broken*")] == ["appendonly.aof.broken"]


def test_a_port_that_another_program_took_meanwhile_is_given_up(
    server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PORT_PATIENCE", 0.1)
    server.start()
    server.stop()
    taken = server.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen(1)
        with redis.from_url(server.start()) as client:
            assert client.ping()
        assert server.port != taken
