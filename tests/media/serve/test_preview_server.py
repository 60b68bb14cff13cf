"""The preview over HTTP, in this process: access, served files, and the effects of a save."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.preview_support import SPEC, Previewed, write_tone
from vedc.serve.preview import fragments
from vedc.serve.preview.server import PreviewServer


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Previewed]:
    """One preview for the tests that change nothing."""
    folder = tmp_path_factory.mktemp("preview")
    write_tone(folder / "tone.wav", 3)
    (folder / "film.vedc.yaml").write_text(SPEC)
    (folder / "secret.txt").write_text("not for the browser")
    made = Previewed(folder / "film.vedc.yaml")
    made.start()
    yield made
    made.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Previewed]:
    """A preview for a test that saves the spec."""
    write_tone(tmp_path / "tone.wav", 3)
    (tmp_path / "film.vedc.yaml").write_text(SPEC)
    made = Previewed(tmp_path / "film.vedc.yaml")
    made.start()
    yield made
    made.close()


# ---------------------------------------------------------------- who gets in


def test_the_address_opens_the_page_and_gives_it_its_cookie(shared: Previewed) -> None:
    address = shared.server.address
    assert address.startswith("http://127.0.0.1:")
    path = address[address.index("/?") :]
    status, headers, body = shared.ask(path, without=("Cookie",))
    assert status == 200 and b"<!doctype html>" in body
    assert "SameSite=Strict" in headers["Set-Cookie"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert shared.server.guard.token not in body.decode()


@pytest.mark.parametrize(
    ("path", "headers", "without"),
    [
        ("/?token=guessed", {}, ("Cookie",)),
        ("/state", {}, ("Cookie",)),
        ("/events", {}, ("Cookie",)),
        ("/page/main.js", {}, ("Cookie",)),
        ("/state?token=TOKEN", {}, ("Cookie",)),
        ("/state", {"Host": "films.example"}, ()),
        ("/state", {"Origin": "http://films.example"}, ()),
        ("/state", {"Sec_Fetch_Site": "cross-site"}, ()),
    ],
)
def test_others_are_refused(
    shared: Previewed, path: str, headers: dict[str, str], without: tuple[str, ...]
) -> None:
    path = path.replace("TOKEN", shared.server.guard.token)
    status, _, body = shared.ask(path, without=without, **headers)
    assert status == 403
    assert b"film" not in body.replace(b"films.example", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/page/../secret.txt",
        "/page/..%2f..%2fsecret.txt",
        "/page//etc/passwd",
        "/secret.txt",
        "/film.vedc.yaml",
        "/page/",
        "/still/1/../../secret.txt",
        "/segment/../../../secret.txt",
        "/sound/abcd/../secret.txt",
        "/page/index.html%00.js",
    ],
)
def test_nothing_else_is_served(shared: Previewed, path: str) -> None:
    assert shared.ask(path)[0] == 404


def test_it_listens_on_the_loopback_interface_alone(shared: Previewed) -> None:
    assert shared.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_unknown(shared: Previewed, method: str) -> None:
    status, headers, body = shared.ask("/state", method)
    assert status == 501
    assert "text/plain" in headers["Content-Type"] and b"<" not in body


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"frame": 12}', {"Content_Type": "application/json"}, 204),
        (b'{"frame": 12}', {"Content_Type": "text/plain"}, 415),
        (b'{"frame": -1}', {"Content_Type": "application/json"}, 400),
        (b'{"frame": true}', {"Content_Type": "application/json"}, 400),
        (b'{"frame": 1e400}', {"Content_Type": "application/json"}, 400),
        (b"[]", {"Content_Type": "application/json"}, 400),
        (b"{", {"Content_Type": "application/json"}, 400),
        (b" " * 5000, {"Content_Type": "application/json"}, 413),
        (b'{"frame": 1}', {"Content_Type": "application/json", "Content_Length": "x"}, 413),
    ],
)
def test_where_the_playhead_is(
    shared: Previewed, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert shared.ask("/look", "POST", body, **headers)[0] == status
    if status == 204:
        assert shared.session.work.playhead == 12


def test_a_port_that_is_taken_is_an_error_of_usage(shared: Previewed) -> None:
    from vedc.errors import UsageError

    with pytest.raises(UsageError, match=r"--port \d+: address already in use"):
        PreviewServer(shared.session, shared.server.server_port)


# ---------------------------------------------------------------- what is served


def test_the_film_is_described(shared: Previewed) -> None:
    film = shared.state()["film"]
    assert (film["frames"], film["rate"], film["width"]) == (30, [10, 1], 64)
    (track,) = film["tracks"]
    assert [(i["kind"], i["label"], i["start"]) for i in track["items"]] == [
        ("colour", "#c00000", 0), ("colour", "#00a000", 10), ("colour", "#0000c0", 20),
    ]  # fmt: skip
    assert [item["place"]["line"] for item in track["items"]] == [4, 5, 6]
    assert [a["label"] for a in film["audio"]] == ["tone.wav"]
    assert [(s["start"], s["end"]) for s in film["segments"]] == [(0, 10), (10, 20), (20, 30)]


def test_pictures_match_their_frames(shared: Previewed) -> None:
    red, blue = shared.picture(0), shared.picture(29)
    assert red.shape == blue.shape == (48, 64, 3)
    assert abs(red.reshape(-1, 3).mean(0) - (0xC0, 0, 0)).max() < 8
    assert abs(blue.reshape(-1, 3).mean(0) - (0, 0, 0xC0)).max() < 8


def test_a_picture_of_no_frame_or_of_another_film_is_not_waited_for(shared: Previewed) -> None:
    revision = shared.state()["film"]["revision"]
    assert shared.ask(f"/still/{revision}/30")[0] == 409
    assert shared.ask(f"/still/{revision + 1}/0")[0] == 409


def test_segments_are_fragmented_films_in_themselves(shared: Previewed) -> None:
    state = shared.rendered()
    for segment in state["film"]["segments"]:
        status, headers, data = shared.ask(f"/segment/{segment['key']}")
        assert status == 200
        assert headers["Content-Type"].startswith('video/mp4; codecs="avc1.')
        assert "immutable" in headers["Cache-Control"]
        assert data[4:8] == b"ftyp" and b"moof" in data and b"mvex" in data
        with av.open(io.BytesIO(data)) as film:
            times = [frame.time for frame in film.decode(video=0)]
        delay = float(headers["X-Delay"])
        assert times == pytest.approx([delay + n / 10 for n in range(10)])


def test_the_parts_of_the_sound_join_without_a_seam(
    shared: Previewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fragments, "SOUND_PART", Fraction(1, 2))
    key = shared.rendered()["film"]["sound"]
    heard, begins = [], []
    for number in range(6):
        status, headers, data = shared.ask(f"/sound/{key}/{number}")
        assert status == 200 and headers["Content-Type"] == 'audio/mp4; codecs="flac"'
        begins.append(round((float(headers["X-Start"]) + float(headers["X-Delay"])) * 48000))
        with av.open(io.BytesIO(data)) as sound:
            heard.append(np.concatenate([f.to_ndarray() for f in sound.decode(audio=0)], axis=1))
    whole = np.concatenate(heard, axis=1).reshape(-1, 2)[:, 0].astype(float)
    lengths = np.cumsum([0, *(part.size // 2 for part in heard)])
    assert begins == list(lengths[:-1]) and len(whole) == 3 * 48000
    tone = 9000 * np.sin(2 * np.pi * 440 * np.arange(len(whole)) / 48000)
    inner = slice(4800, -4800)  # within the fades of its ends
    share = whole[inner] @ tone[inner] / (tone[inner] @ tone[inner])
    assert abs(whole[inner] - share * tone[inner]).max() < 4
    assert shared.ask(f"/sound/{key}/9")[0] == 204


def test_what_is_not_rendered_is_not_found(shared: Previewed) -> None:
    assert shared.ask("/segment/0123abcd")[0] == 404
    assert shared.ask("/sound/0123abcd/0")[0] == 404


def test_events_begin_with_the_state(shared: Previewed) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shared.server.server_port, timeout=20)
    cookie = shared.server.guard.cookie().partition(";")[0]
    connection.request("GET", "/events", headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    assert answer.readline() == b"event: state\n"
    reported = json.loads(answer.readline().removeprefix(b"data: "))
    assert reported["film"]["frames"] == 30
    assert shared.session.news.listeners == 1
    answer.close()
    connection.close()
    for _ in range(200):  # a page that is closed is noticed though nothing happens
        if shared.session.news.listeners == 0:
            break
        time.sleep(0.05)
    assert shared.session.news.listeners == 0


# ---------------------------------------------------------------- saves


def test_a_long_session_leaves_nothing_behind(own: Previewed) -> None:
    """Saves with mistakes, a spec that disappears and comes back, a file that is replaced."""
    own.rendered()
    threads = threading.active_count()
    for number in range(3):
        color = f"#{number + 1:02x}0000"
        assert own.save(SPEC.replace("1s", "soon"))["problems"]
        saves = own.session.saves
        own.spec.unlink()
        assert own.session.wait_for(saves + 1, 20)
        (problem,) = own.state()["problems"]
        assert problem["severity"] == "error" and own.state()["film"] is not None
        saves = own.session.saves
        write_tone(own.spec.with_name("tone.wav"), 3 + number)
        assert not own.save(SPEC.replace("#c00000", color))["problems"]
        assert own.session.saves >= saves + 1
        own.rendered()
    assert threading.active_count() <= threads + 2  # answers may still be on their way


def test_a_save_renders_what_it_touches_and_nothing_else(own: Previewed) -> None:
    before = {s["start"]: s["key"] for s in own.rendered()["film"]["segments"]}
    state = own.save(SPEC.replace("#00a000", "#a0a000"))
    after = {s["start"]: s["key"] for s in state["film"]["segments"]}
    assert [start for start in after if after[start] != before[start]] == [10]
    assert abs(own.picture(15).reshape(-1, 3).mean(0) - (0xA0, 0xA0, 0)).max() < 8
    own.rendered()
    assert own.session.rendered == [1]
    own.save(SPEC)  # and back again: everything is in the store
    own.rendered()
    assert own.session.rendered == []


def test_an_invalid_spec_leaves_the_film_and_shows_its_errors_in_place(own: Previewed) -> None:
    film = own.rendered()["film"]
    state = own.save(SPEC.replace('color: "#00a000"', 'colour: "#00a000"'))
    assert state["film"] == film
    (problem,) = [p for p in state["problems"] if p["line"] == 5][:1]
    assert problem["severity"] == "error" and problem["items"] == ["item-0-1"]
    assert problem["text"]["at"] == "colour"
    assert own.picture(0).shape == (48, 64, 3)
    state = own.save(SPEC)
    assert state["problems"] == [] and state["film"]["revision"] > film["revision"]


def test_a_preview_may_begin_with_a_spec_that_is_invalid(own: Previewed, tmp_path: Path) -> None:
    other = tmp_path / "other.vedc.yaml"
    other.write_text("version: 1\ntimeline: [{clip: missing.mp4}]\n")
    made = Previewed(other)
    made.start()
    try:
        state = made.state()
        assert state["film"] is None
        assert [p["code"] for p in state["problems"]] == ["file-missing"]
        assert made.ask("/still/1/0")[0] == 409
        state = made.save(SPEC)  # two previews of one folder share its store
        assert state["problems"] == [] and state["film"]["frames"] == 30
    finally:
        made.close()


def test_a_changed_source_is_a_save_too(own: Previewed) -> None:
    key = own.rendered()["film"]["sound"]
    saves = own.session.saves
    write_tone(own.spec.parent / "tone.wav", 2)
    assert own.session.wait_for(saves + 1, 20)
    assert own.rendered()["film"]["sound"] != key
