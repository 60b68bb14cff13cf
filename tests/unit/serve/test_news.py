"""Events for the pages that are open."""

from __future__ import annotations

import json
import queue

import pytest

from vedc.serve.preview.events import News


def test_every_page_hears_what_happens_while_it_listens() -> None:
    news = News()
    news.publish("early", {})
    with news.listen() as first, news.listen() as second:
        news.publish("ready", {"key": "ä\nb"})
        for page in (first, second):
            name, data = page.get_nowait().splitlines()[:2]
            assert name == "event: ready"
            assert json.loads(data.removeprefix("data: ")) == {"key": "ä\nb"}
            with pytest.raises(queue.Empty):
                page.get_nowait()
    assert news.listeners == 0


def test_a_page_that_hears_nothing_must_reload_and_takes_no_memory() -> None:
    news = News()
    with news.listen() as asleep:
        for number in range(2000):
            news.publish("working", {"number": number})
        received = [asleep.get_nowait() for _ in range(asleep.qsize())]
    assert len(received) <= 256
    assert received[0].startswith("event: lost")
