"""Ports for services that are about to start."""

from __future__ import annotations

from multitask.devstack import processes


def test_no_port_is_given_out_twice() -> None:
    low = 23_000
    given = {processes.free_port(low, low + 40) for _ in range(20)}
    assert len(given) == 20
