"""Events for the pages that are open."""

from __future__ import annotations

import json
import queue

import pytest

from vedc.serve.preview.events import News


def test_every_page_hears_what_happens_while_it_listens() -> None:
    news = News()
    news.tell("early", {})
    with news.listen() as first, news.listen() as second:
        news.tell("ready", {"key": "ä\nb"})
        for heard in (first, second):
            name, data = heard.get_nowait().splitlines()[:2]
            assert name == "event: ready"
            assert json.loads(data.removeprefix("data: ")) == {"key": "ä\nb"}
            with pytest.raises(queue.Empty):
                heard.get_nowait()
    assert news.listeners == 0


def test_a_page_that_hears_nothing_must_reload_and_takes_no_memory() -> None:
    news = News()
    with news.listen() as asleep:
        for number in range(2000):
            news.tell("working", {"number": number})
        heard = [asleep.get_nowait() for _ in range(asleep.qsize())]
    assert len(heard) <= 256
    assert heard[0].startswith("event: lost")
