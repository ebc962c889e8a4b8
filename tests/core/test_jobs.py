from __future__ import annotations

import sqlite3

import pytest

from core import jobs
from core.jobs import Jobs, wake
from tips import jobs as tip_jobs


class Queue:
    """Stands in for huey: what is woken is remembered."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.woken: list[str] = []
        self.each_minute: list[str] = []
        self.failure = failure

    def task(self, *, name):
        def decorate(task):
            def call():
                if self.failure is not None:
                    raise self.failure
                self.woken.append(name)

            return call

        return decorate

    def periodic_task(self, _when, *, name):
        self.each_minute.append(name)
        return lambda task: task


@pytest.fixture
def queue(monkeypatch, session_app):
    made = Queue()
    monkeypatch.setattr(jobs, "make_queue", lambda _settings: made)
    return made


@pytest.fixture
def woken(queue, session_app, monkeypatch):
    fresh = Jobs(session_app.extensions["settings"])
    for name in tip_jobs.TASKS:
        fresh.register(name, lambda: None)
    monkeypatch.setitem(session_app.extensions, "jobs", fresh)
    return fresh


def test_a_task_is_woken_at_most_twice_a_second(woken, queue, session_app, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now[0])
    with session_app.app_context():
        for _ in range(5):
            wake("send_messages")
        wake("seal_audit")
        now[0] += jobs.WAKE_EVERY_SECONDS
        wake("send_messages")
    assert queue.woken == ["send_messages", "seal_audit", "send_messages"]


def test_every_task_runs_each_minute(woken, queue):
    woken.queue()
    assert queue.each_minute == [f"{name}_each_minute" for name in tip_jobs.TASKS]


def test_a_queue_that_fails_does_not_fail_the_page(woken, queue, session_app):
    queue.failure = sqlite3.OperationalError("locked")
    with session_app.app_context():
        wake("seal_audit")
    assert queue.woken == []


def test_a_task_runs_with_the_application_around_it(session_app):
    from flask import current_app

    seen = []
    tip_jobs.run(session_app, lambda: seen.append(current_app.name))
    assert seen == [session_app.name]


def test_the_clock_of_the_worker_runs_every_task_on_an_empty_database(app):
    for task in tip_jobs.TASKS.values():
        task()
