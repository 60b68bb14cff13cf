"""Remote sources, from a server of this machine: fetched once, pinned, and never unasked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import fsspec
import PIL.Image
import pytest

from tests.error.support import Answer, run
from vedc.decide.lock.lock_file import Lock
from vedc.edit.media_info import ProbeError
from vedc.support.remote import connect as connecting
from vedc.support.remote import failures as failing
from vedc.workspace import download as downloading
from vedc.workspace.remote import Network, RemoteFiles, shown

CONTENT = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Serves ``files``; ``faults`` are numbers of requests and what they get instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {"/a.bin": CONTENT}
        self.ranges = True
        self.asked: list[str] = []
        self.fault: Callable[[Handler, int], bool] = lambda handler, number: False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        span = self.headers.get("Range")
        self.server.asked.append(f"{self.command} {self.path} {span or ''}".strip())
        if self.server.fault(self, len(self.server.asked)):
            return
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
            return
        content = self.server.files.get(self.path.partition("?")[0])
        if content is None:
            self.send_error(404)
            return
        part = content
        if span and self.server.ranges:
            first, _, last = span.removeprefix("bytes=").partition("-")
            part = content[int(first) : int(last) + 1 if last else None]
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            )
        else:
            self.send_response(200)
        if self.server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hash(content)}"')
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if body:
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(downloading, "PIECE", 100_000)


def fetch(url: str, folder: Path, most: int = 10**9) -> bytes:
    target = folder / "got"
    found = downloading.download(url, target, most)
    assert found.size == target.stat().st_size
    return target.read_bytes()


def refused(url: str, folder: Path, most: int = 10**9) -> tuple[str, str, str]:
    with pytest.raises(ProbeError) as caught:
        fetch(url, folder, most)
    return caught.value.code, caught.value.message, caught.value.hint or ""


# ------------------------------------------------------------------------------ downloading


def test_in_parts_where_the_server_has_them(server: Server, tmp_path: Path) -> None:
    assert fetch(f"{server.url}/a.bin", tmp_path) == CONTENT
    parts = [asked for asked in server.asked if "bytes=" in asked]
    assert len(parts) >= 10
    assert len(set(parts)) == len(parts)


def test_as_a_stream_where_it_has_none(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    assert fetch(f"{server.url}/a.bin", tmp_path) == CONTENT


def test_through_redirects(server: Server, tmp_path: Path) -> None:
    assert fetch(f"{server.url}/moved/moved/a.bin", tmp_path) == CONTENT


def test_an_empty_file(server: Server, tmp_path: Path) -> None:
    server.files["/a.bin"] = b""
    assert fetch(f"{server.url}/a.bin", tmp_path) == b""


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_taken_up_again(
    server: Server, tmp_path: Path, ranges: bool
) -> None:
    server.ranges = ranges
    broken: list[int] = []

    def fault(handler: Handler, number: int) -> bool:
        if handler.command != "GET" or len(broken) >= 2 or number < 3:
            return False
        broken.append(number)
        handler.send_response(206 if ranges else 200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(bytes(1000))
        handler.close_connection = True
        return True

    server.fault = fault
    assert fetch(f"{server.url}/a.bin", tmp_path) == CONTENT
    assert broken


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    def fault(handler: Handler, number: int) -> bool:
        if number > 2:
            return False
        handler.send_error(503)
        return True

    server.fault = fault
    assert fetch(f"{server.url}/a.bin", tmp_path) == CONTENT


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, "remote-missing", "there is no file at"),
        (410, "remote-missing", "there is no file at"),
        (401, "remote-refused", "server refuses"),
        (403, "remote-refused", "server refuses"),
        (500, "remote-failed", "answers 500"),
    ],
)
def test_what_a_server_refuses(
    server: Server, tmp_path: Path, status: int, code: str, words: str
) -> None:
    def fault(handler: Handler, number: int) -> bool:
        handler.send_error(status)
        return True

    server.fault = fault
    found = refused(f"{server.url}/a.bin", tmp_path)
    assert found[0] == code and words in found[1] and "download it yourself" in found[2]


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/a.mp4", tmp_path)[0] == "remote-failed"


def test_a_silent_server(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "SILENCE", 0.2)
    over = threading.Event()

    def fault(handler: Handler, number: int) -> bool:
        over.wait(20)
        return True

    server.fault = fault
    found = refused(f"{server.url}/a.bin", tmp_path)
    over.set()
    assert found[0] == "remote-failed" and "does not respond" in found[1]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_is_too_large(server: Server, tmp_path: Path, ranges: bool) -> None:
    server.ranges = ranges
    found = refused(f"{server.url}/a.bin", tmp_path, most=1000)
    assert found[0] == "remote-too-large" and "--max-download 1G" in found[2]


def test_a_file_without_end(server: Server, tmp_path: Path) -> None:
    def fault(handler: Handler, number: int) -> bool:
        handler.send_response(200)
        handler.end_headers()
        try:
            while handler.command == "GET":
                handler.wfile.write(bytes(1 << 16))
        except OSError:
            pass
        return True

    server.fault = fault
    assert refused(f"{server.url}/a.bin", tmp_path, most=3_000_000)[0] == "remote-too-large"
    assert (tmp_path / "got").stat().st_size <= 3_000_000


def test_a_file_that_changes_meanwhile_is_fetched_again(server: Server, tmp_path: Path) -> None:
    other = CONTENT[::-1]

    def fault(handler: Handler, number: int) -> bool:
        if number == 6:
            server.files["/a.bin"] = other
        return False

    server.fault = fault
    assert fetch(f"{server.url}/a.bin", tmp_path) == other


def test_other_file_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec.filesystem("memory").pipe_file("/bucket/a.bin", CONTENT)
    assert fetch("memory://bucket/a.bin", tmp_path) == CONTENT
    assert refused("memory://bucket/b.bin", tmp_path)[0] == "remote-missing"


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(import_module("fsspec.registry")._registry, "s3", raising=False)
    found = refused("s3://bucket/a.mp4", tmp_path)
    assert found[0] == "missing-extra"
    assert found[2] == "pip install 'vedc[s3]'"


# ------------------------------------------------------------------------------ cache and pins


class Remote:
    def __init__(self, folder: Path) -> None:
        self.folder, self.pins = folder, dict[str, str]()

    def __call__(self, url: str, *, allowed: bool = True, locked: bool = False) -> Path:
        files = RemoteFiles(
            self.folder / "remote", self.folder / "digests", Network(allowed), lambda: self.pins
        )
        files.locked = locked
        path = files(url)
        self.pins |= files.used
        return path

    def refused(self, url: str, *, allowed: bool = True, locked: bool = False) -> str:
        with pytest.raises(ProbeError) as caught:
            self(url, allowed=allowed, locked=locked)
        return caught.value.code


def test_fetched_once(server: Server, tmp_path: Path) -> None:
    remote, url = Remote(tmp_path), f"{server.url}/a.bin?token=1"
    path = remote(url)
    assert (path.name, path.read_bytes()) == ("a.bin", CONTENT)
    asked = len(server.asked)
    assert remote(url) == remote(url, allowed=False) == remote(url, locked=True) == path
    assert len(server.asked) == asked


def test_without_a_pin_a_new_version_is_taken(server: Server, tmp_path: Path) -> None:
    remote, url = Remote(tmp_path), f"{server.url}/a.bin"
    path = remote(url)
    server.files["/a.bin"] = CONTENT + b"!"
    assert remote(url).read_bytes() == CONTENT
    remote.pins.clear()
    assert remote(url, allowed=False).read_bytes() == CONTENT
    remote.pins.clear()
    assert remote(url) == path and path.read_bytes() == CONTENT + b"!"


def test_never_unasked(server: Server, tmp_path: Path) -> None:
    assert Remote(tmp_path).refused(f"{server.url}/a.bin", allowed=False) == "url"
    assert server.asked == [] and not (tmp_path / "remote").exists()


def test_changed_bytes_are_refused(server: Server, tmp_path: Path) -> None:
    remote, url = Remote(tmp_path / "one"), f"{server.url}/a.bin"
    remote(url)
    server.files["/a.bin"] = CONTENT + b"!"
    other = Remote(tmp_path / "two")
    other.pins = remote.pins
    assert other.refused(url) == "remote-changed"
    assert not list((tmp_path / "two").rglob("a.bin"))
    other.pins = {}
    assert other(url).read_bytes() == CONTENT + b"!"


def test_locked_needs_a_pin(server: Server, tmp_path: Path) -> None:
    remote, url = Remote(tmp_path / "one"), f"{server.url}/a.bin"
    assert remote.refused(url, locked=True) == "not-pinned"
    remote(url)
    other = Remote(tmp_path / "two")
    other.pins = remote.pins
    assert other(url, locked=True).read_bytes() == CONTENT


def test_a_damaged_copy_is_fetched_again(server: Server, tmp_path: Path) -> None:
    remote, url = Remote(tmp_path), f"{server.url}/a.bin"
    remote(url).write_bytes(b"something else")
    assert remote.refused(url, allowed=False) == "url"
    assert remote(url).read_bytes() == CONTENT


def test_two_urls_with_the_same_name(server: Server, tmp_path: Path) -> None:
    server.files |= {"/x/a.bin": b"x", "/y/a.bin": b"y"}
    remote = Remote(tmp_path)
    assert remote(f"{server.url}/x/a.bin").read_bytes() == b"x"
    assert remote(f"{server.url}/y/a.bin").read_bytes() == b"y"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/../../etc/passwd", "passwd"),
        ("/%2e%2e%2f%2e%2e", "file"),
        ("/", "file"),
        ("/é b.png", None),
    ],
)
def test_names_stay_in_the_cache(
    server: Server, tmp_path: Path, path: str, name: str | None
) -> None:
    from vedc.workspace.remote import _name

    found = _name(f"http://host{path}")
    assert "/" not in found and not found.startswith(".") and found.isascii()
    assert name is None or found == name


def test_passwords_are_not_shown() -> None:
    assert shown("https://me:secret@host:80/a") == "https://me:***@host:80/a"


# ------------------------------------------------------------------------------ the lock


def test_pins_stand_beside_decisions(tmp_path: Path) -> None:
    path = tmp_path / "vedc.lock"
    lock = Lock(path).with_pins({"https://b/b.mp4": "22", "https://a/a b#c.mp4": "11"})
    assert lock.save() and Lock.load(path).pins == lock.pins
    decided = (
        "lock: 1  # ours\nspecs:\n  # mine\n  a.vedc.yaml:\n    - auto: main[1]\n      asked: a\n"
        "      decided: b\n      items: []\n"
    )
    both = Lock(path, decided).with_pins(lock.pins)
    assert both.text.replace("".join(both.text.splitlines(keepends=True)[1:4]), "") == decided
    assert Lock(path, both.text).entries("a.vedc.yaml")
    more = both.with_pins({**both.pins, "https://c": "33"})
    assert len(more.pins) == 3 and more.entries("a.vedc.yaml")
    assert more.with_pins({}).text == decided
    assert both.with_entries("a.vedc.yaml", []).pins == lock.pins
    assert both.with_entries("b.vedc.yaml", both.entries("a.vedc.yaml")).pins == lock.pins


# ------------------------------------------------------------------------------ the command line


@pytest.fixture
def spec(server: Server, tmp_path: Path) -> Path:
    path = tmp_path / "remote.png"
    PIL.Image.new("RGB", (64, 36), (200, 40, 30)).save(path)
    server.files["/logo.png"] = path.read_bytes()
    path.unlink()
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.vedc.yaml").write_text(
        "version: 1\nprofile: {width: 64, height: 36, fps: 10}\n"
        f"timeline:\n  - {{image: '{server.url}/logo.png', duration: 0.5s}}\n"
    )
    return folder / "a.vedc.yaml"


def command(spec: Path, *words: str) -> Answer:
    return run(words[0], "a.vedc.yaml", *words[1:], folder=spec.parent)


def test_a_film_of_a_remote_picture(server: Server, spec: Path) -> None:
    answer = command(spec, "validate")
    assert answer.exit == 3 and server.asked == []
    (problem,) = answer.problems()
    assert problem.code == "url" and problem.location == "a.vedc.yaml:4:13"
    assert "--allow-network" in problem.hint
    assert command(spec, "render", "--locked", "--allow-network").exit == 5
    assert server.asked == []
    assert command(spec, "render", "--allow-network").exit == 0
    assert (spec.parent / "a.mp4").stat().st_size
    lock = Lock.load(spec.parent / "vedc.lock")
    assert list(lock.pins) == [f"{server.url}/logo.png"]
    asked = len(server.asked)
    assert command(spec, "render", "-y", "--locked").exit == 0
    assert len(server.asked) == asked


def test_changed_remote_files_are_reported_where_they_are_named(server: Server, spec: Path) -> None:
    assert command(spec, "lock", "--allow-network").exit == 0
    server.files["/logo.png"] += b" "
    answer = run(
        "validate", "a.vedc.yaml", "--allow-network", "--cache", "other", folder=spec.parent
    )
    (problem,) = answer.problems()
    assert (answer.exit, problem.code) == (3, "remote-changed")
    assert problem.location == "a.vedc.yaml:4:13"


def test_a_missing_remote_file(server: Server, spec: Path) -> None:
    del server.files["/logo.png"]
    answer = command(spec, "validate", "--allow-network")
    assert answer.exit == 4 and answer.problems()[0].code == "remote-missing"


def test_what_is_never_fetched(server: Server, spec: Path) -> None:
    text = spec.read_text()
    for line in (
        f"plugins: ['{server.url}/p.py']",
        f"compositions: {{c: {{file: '{server.url}/out.yaml'}}}}",
        f"outputs: [{{path: '{server.url}/out.mp4'}}]",
    ):
        spec.write_text(f"{text}{line}\n")
        answer = command(spec, "validate", "--allow-network", "--allow-plugins")
        assert [problem.code for problem in answer.problems()] == ["url"]
    assert not any("p.py" in asked or "out" in asked for asked in server.asked)


def test_a_remote_playlist_opens_nothing(server: Server, spec: Path) -> None:
    server.files["/list.m3u8"] = b"#EXTM3U\n#EXTINF:1,\n" + f"{server.url}/a.bin\n".encode()
    spec.write_text(f"version: 1\ntimeline: [{{clip: '{server.url}/list.m3u8'}}]\n")
    answer = command(spec, "validate", "--allow-network")
    assert answer.problems()[0].code == "not-media" and "playlist" in answer.problems()[0].message
    assert not any("a.bin" in asked for asked in server.asked)


def test_other_schemes(spec: Path) -> None:
    spec.write_text("version: 1\ntimeline: [{clip: 'ftp://host/a.mp4'}]\n")
    answer = command(spec, "validate", "--allow-network")
    assert answer.problems()[0].code == "url" and "http, https, s3 and gs" in answer.err


def test_the_size_limit_of_the_command_line(server: Server, spec: Path) -> None:
    answer = command(spec, "validate", "--allow-network", "--max-download", "0.05k")
    assert answer.problems()[0].code == "remote-too-large"
    assert command(spec, "validate", "--max-download", "much").exit == 2
