"""The sound beside the pictures: how its thread ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import vedc.audio
from vedc.errors import RenderError
from vedc.execute.sound_thread import SoundThread
from vedc.execute.store import Store
from vedc.plan.settings import AudioPlan, AudioSettings

PLAN = AudioPlan(AudioSettings("flac", "flac", 48000, 2), 48000, ())
KEY = "sound-key"


def test_an_error_is_raised_where_the_sound_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(plan: AudioPlan, path: Path, tick: Callable[[int], None]) -> None:
        path.write_bytes(b"half of it")
        raise RenderError.one("damaged-media", "the sound is damaged")

    monkeypatch.setattr(vedc.audio, "render", fail)
    sound = SoundThread(Store(tmp_path), KEY, PLAN, lambda: None)
    with pytest.raises(RenderError, match="the sound is damaged"):
        sound.join()
    assert Store(tmp_path).get(KEY) is None
    assert not list((tmp_path / "drafts").iterdir())


def test_a_stopped_sound_leaves_nothing_and_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    def go_on(plan: AudioPlan, path: Path, tick: Callable[[int], None]) -> None:
        path.write_bytes(b"some of it")
        while True:
            began.set()
            tick(1)

    monkeypatch.setattr(vedc.audio, "render", go_on)
    sound = SoundThread(Store(tmp_path), KEY, PLAN, lambda: None)
    assert began.wait(30)
    sound.stop()
    sound.join()
    assert Store(tmp_path).get(KEY) is None
    assert not list((tmp_path / "drafts").iterdir())
