"""The preview: from a save to the first picture, and what a save renders again."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.measure import ROOT, row, vedc

QUICKSTART = ROOT / "examples" / "quickstart"

#: A save: its name, a pattern, the replacement, and the visible frame.
SAVES = (
    ("exposure of a grade", r"stops: [\d.]+", "stops: {}", ("0.2", "0.25", "0.3", "0.35"), 80),
    ("words of a title", r"text: A s\w+ morning", "text: A {} morning",
     ("sunny", "silent", "soft", "slow"), 30),
    ("length of a still", r"duration: 3\.\d+s", "duration: {}s",
     ("3.64", "3.68", "3.72", "3.6"), 200),
)  # fmt: skip


class _Preview:
    """A preview in a separate process, queried as the page queries it."""

    def __init__(self, spec: Path) -> None:
        command = vedc("preview", "--no-open", "--json", "--quiet", spec)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        reported = json.loads("".join(iter(self.process.stdout.readline, "}\n")) + "}")
        address = urlsplit(reported["address"])
        self.port = reported["port"]
        self.cookie = f"vedc_preview_{self.port}={address.query.removeprefix('token=')}"

    def ask(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("/state")[1]))

    def film_after(self, saves: int) -> dict[str, Any]:
        """The film, once that many saves have been read."""
        while (state := self.state())["saves"] < saves:
            time.sleep(0.005)
        return dict(state["film"])

    def settle(self) -> dict[str, Any]:
        """The state, once everything is rendered."""
        while True:
            state = self.state()
            keys = {segment["key"] for segment in state["film"]["segments"]}
            if keys <= set(state["ready"]) and state["sound_ready"]:
                return state
            time.sleep(0.05)


def main(folder: Path) -> None:
    print("Preview of the quickstart: from a save to the picture that is looked at")
    shutil.copytree(QUICKSTART, folder, dirs_exist_ok=True)
    spec = folder / "edit.vedc.yaml"
    preview = _Preview(spec)
    try:
        while preview.state()["film"] is None:
            time.sleep(0.02)
        preview.settle()
        for name, pattern, made, values, frame in SAVES:
            times, lines = [], set()
            for value in values:
                before = preview.settle()
                ready = {segment["key"] for segment in before["film"]["segments"]}
                text = re.sub(pattern, made.format(value), spec.read_text(), count=1)
                began = time.monotonic()
                spec.write_text(text)
                film = preview.film_after(before["saves"] + 1)
                status, _ = preview.ask(f"/still/{film['revision']}/{frame}")
                times.append(time.monotonic() - began)
                assert status == 200, status
                keys = [segment["key"] for segment in film["segments"]]
                touched = sum(key not in ready for key in keys)
                lines.add(f"{touched} of {len(keys)}")
            asked = "at most 1.5 s"
            row(f"{name}: median of {len(times)}", f"{statistics.median(times):.2f} s", asked)
            row("  the longest", f"{max(times):.2f} s")
            row("  segments rendered again", ", ".join(sorted(lines)))
    finally:
        preview.process.send_signal(2)
        preview.process.wait(20)
