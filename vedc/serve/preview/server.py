"""The web server of a preview: a page, its pictures and sound, and events.

It answers on the loopback interface alone, to requests that :class:`Guard` lets in, and serves only
the files of the page, from a fixed list, and the output of a session.
"""

from __future__ import annotations

import json
import queue
import re
import select
import socket
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from vedc import __version__
from vedc.errors import UsageError, UserError
from vedc.report.problems import render_json
from vedc.serve.preview.events import message
from vedc.serve.preview.fragments import Part, picture_part, sound_part
from vedc.serve.preview.guard import POLICY, Guard, Refused
from vedc.serve.preview.session import Session

HOST: Final = "127.0.0.1"

_SCRIPT: Final = "text/javascript; charset=utf-8"
#: The files of the page and their types. Nothing else is read from this folder.
PAGE: Final = {
    "index.html": "text/html; charset=utf-8",
    "preview.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(
        ("main.js", "player.js", "timeline.js", "details.js", "keys.js", "times.js", "dom.js"),
        _SCRIPT,
    ),
}

_STILL: Final = re.compile(r"/still/(\d{1,9})/(\d{1,9})")
_SEGMENT: Final = re.compile(r"/segment/([0-9A-Za-z_-]{4,128})")
_SOUND: Final = re.compile(r"/sound/([0-9A-Za-z_-]{4,128})/(\d{1,6})")

#: The most bytes of a request's body.
_MOST: Final = 4096
#: Seconds between keep-alives on a quiet stream of events, which reveal a page that vanished
#: without closing its connection.
_PULSE: Final = 15.0
_TICK: Final = 0.5


class PreviewServer(ThreadingHTTPServer):
    """The server of one session, from its making until ``close``. ``serve_forever`` answers."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, session: Session, port: int = 0) -> None:
        """``port``: 0 for any that is free. Raises UsageError if it is taken or not allowed."""
        self.session = session
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"--port {port}: {reason}"
            hint = "choose another, or leave --port out for any that is free"
            raise UsageError.one("bad-port", message, hint=hint) from None
        self.guard = Guard(self.server_port)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{HOST}:{self.server_port}/?token={self.guard.token}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that closes its connection early is not an error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = f"vedc/{__version__}"
    sys_version = ""
    timeout = 60
    """Seconds that an idle connection stays open."""
    server: PreviewServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        given = parse_qs(url.query).get("token", [None])[0] if url.path == "/" else None
        if self._refused(given):
            return
        if url.path == "/":
            cookie = {"Set-Cookie": self.server.guard.cookie()}
            self._send(HTTPStatus.OK, _page("index.html"), PAGE["index.html"], cookie)
        elif (name := url.path.removeprefix("/page/")) in PAGE and name != url.path:
            self._send(HTTPStatus.OK, _page(name), PAGE[name])
        elif url.path == "/state":
            self._json(self.server.session.state())
        elif url.path == "/events":
            self._events()
        elif found := _STILL.fullmatch(url.path):
            self._still(int(found[1]), int(found[2]))
        elif found := _SEGMENT.fullmatch(url.path):
            self._segment(found[1])
        elif found := _SOUND.fullmatch(url.path):
            self._sound(found[1], int(found[2]))
        else:
            self._say(HTTPStatus.NOT_FOUND, "there is nothing here")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdigit() else -1
        if not 0 <= size <= _MOST:
            self.close_connection = True  # the rest is not read
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too long")
            return
        body = self.rfile.read(size)
        if self._refused(None):
            return
        if self.headers.get_content_type() != "application/json":  # a type that no form can send
            self._say(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON")
            return
        if self.path != "/look":
            self._say(HTTPStatus.NOT_FOUND, "there is nothing here")
            return
        try:
            frame = json.loads(body)["frame"]
        except (ValueError, KeyError, TypeError, RecursionError):
            frame = None
        if not isinstance(frame, int) or isinstance(frame, bool) or frame < 0:
            self._say(HTTPStatus.BAD_REQUEST, 'send {"frame": 12}')
            return
        self.server.session.look_at(frame)
        self._send(HTTPStatus.NO_CONTENT, b"", "")

    # ---------------------------------------------------------------- what is sent

    def _still(self, revision: int, frame: int) -> None:
        try:
            data = self.server.session.picture(revision, frame)
        except UserError as error:
            text = render_json(error.problems).encode()
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, text, "application/json")
            return
        if data is None:
            self._say(HTTPStatus.CONFLICT, "this picture is no longer looked at")
            return
        self._send(HTTPStatus.OK, data, "image/jpeg")

    def _segment(self, key: str) -> None:
        path = self.server.session.segment(key)
        if path is None:
            self._say(HTTPStatus.NOT_FOUND, "this segment is not rendered")
            return
        self._part(picture_part(path))

    def _sound(self, key: str, number: int) -> None:
        path = self.server.session.sound(key)
        if path is None:
            self._say(HTTPStatus.NOT_FOUND, "this sound is not rendered")
            return
        part = sound_part(path, number)
        if part is None:
            self._send(HTTPStatus.NO_CONTENT, b"", "")
            return
        self._part(part)

    def _part(self, part: Part) -> None:
        headers = {"X-Start": f"{float(part.start):.9f}", "X-Delay": f"{float(part.delay):.9f}"}
        self._send(HTTPStatus.OK, part.data, part.kind, {**headers, **_FOR_EVER})

    def _events(self) -> None:
        """The state, then all events, until the page or the preview is closed."""
        session = self.server.session
        self.close_connection = True
        with session.news.listen() as news:
            self._head(HTTPStatus.OK, "text/event-stream", {"Connection": "close"})
            self._write(message("state", session.state()))
            quiet = 0.0
            while not session.closing:
                try:
                    self._write(news.get(timeout=_TICK))
                    quiet = 0.0
                except queue.Empty:
                    if self._is_gone():
                        return
                    quiet += _TICK
                    if quiet >= _PULSE:
                        self._write(": still here\n\n")
                        quiet = 0.0

    def _is_gone(self) -> bool:
        """Whether the page has closed its side: it sends nothing more on a stream of events."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    # ---------------------------------------------------------------- how it is sent

    def _refused(self, given: str | None) -> bool:
        try:
            self.server.guard.check(self.headers, given)
        except Refused as refused:
            self._say(HTTPStatus.FORBIDDEN, str(refused))
            return True
        return False

    def _json(self, value: Any) -> None:
        self._send(HTTPStatus.OK, json.dumps(value).encode(), "application/json")

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, f"{text}\n".encode(), "text/plain; charset=utf-8")

    def _send(
        self, status: HTTPStatus, body: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._head(status, kind, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        always = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        if kind:
            always["Content-Type"] = kind
        for name, value in {**always, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Errors of the request parser, in plain text."""
        self.close_connection = True
        self._say(HTTPStatus(code), message or HTTPStatus(code).phrase.lower())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is for the spec."""


#: Content with a key never changes.
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


def _page(name: str) -> bytes:
    return files("vedc.serve.preview").joinpath("page", name).read_bytes()
