"""A preview of a small spec, for tests by HTTP and in a browser."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vedc.execute.devices.device import Device
from vedc.serve.preview.server import PreviewServer
from vedc.serve.preview.session import Session
from vedc.workspace.build import Build

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 10}
timeline:
  - {color: "#c00000", duration: 1s}
  - {color: "#00a000", duration: 1s}
  - {color: "#0000c0", duration: 1s}
audio:
  - {clip: tone.wav}
outputs: [{path: film.mp4}]
"""
SEGMENTS = 3


class Previewed:
    """A preview of a spec, and requests to it."""

    def __init__(self, spec: Path) -> None:
        self.spec = spec
        self.session = Session(Build(spec), Device(), threads=1)
        self.server = PreviewServer(self.session)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def start(self) -> None:
        self.thread.start()
        self.session.start()
        assert self.session.wait_for(1, 20)

    def close(self) -> None:
        self.server.shutdown()
        self.session.close()
        self.server.server_close()
        self.thread.join(5)

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        without: tuple[str, ...] = (),
        **headers: str,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a request as the page makes it."""
        sent = {"Cookie": self.server.guard.cookie().partition(";")[0]}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            sent = {name: value for name, value in sent.items() if name not in without}
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("/state")[2]))

    def rendered(self) -> dict[str, Any]:
        """The state once there is nothing left to render."""
        for _ in range(400):
            state = self.state()
            if len(state["ready"]) == SEGMENTS and state["sound_ready"]:
                return state
            time.sleep(0.025)
        raise AssertionError(state)

    def save(self, text: str) -> dict[str, Any]:
        """Save the spec; the state once the save has been read."""
        saves = self.session.saves
        self.spec.write_text(text)
        assert self.session.wait_for(saves + 1, 20)
        return self.state()

    def picture(self, frame: int) -> np.ndarray[Any, Any]:
        revision = self.state()["film"]["revision"]
        status, headers, data = self.ask(f"/still/{revision}/{frame}")
        assert (status, headers["Content-Type"]) == (200, "image/jpeg")
        return np.asarray(Image.open(io.BytesIO(data)))


def write_tone(path: Path, seconds: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        times = np.arange(48000 * seconds) / 48000
        file.writeframes((9000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes())
