"""A project with every kind of file in its cache, to be damaged and interrupted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.error.materials import place
from tests.error.support import Answer, run

SPEC = """\
version: 1
profile: {width: 64, height: 36}
timeline:
  tracks:
    - clips:
        - {auto: {from: a.mp4, cut: {method: shots, count: 2}}}
        - {clip: b.mp4, duration: 0.2s, grade: [{op: exposure, stops: 0.2}]}
        - {clip: b.mp4, in: 0.2s, duration: 0.2s, grade: [{op: saturation, amount: 0.5}]}
    - clips: [{text: hi, size: 12, duration: 0.4s}, {image: p.png, duration: 0.2s}]
outputs: [{path: film.mp4, preset: ultrafast}]
"""


class Project:
    """A spec, its media, a film made undisturbed, and copies of its full cache and code."""

    def __init__(self, root: Path) -> None:
        self.folder, self.home, self._kept = root / "project", root / "home", root / "kept"
        self.folder.mkdir(parents=True)
        place(self.folder, "a.mp4", "long")
        place(self.folder, "b.mp4", "clip")
        place(self.folder, "p.png", "picture")
        (self.folder / "edit.vedc.yaml").write_text(SPEC, "utf-8")
        answer = self.render()
        assert answer.exit == 0, answer.err
        self.film = (self.folder / "film.mp4").read_bytes()
        self.lock = (self.folder / "vedc.lock").read_bytes()
        shutil.copytree(self.folder / ".vedc", self._kept / "cache", symlinks=True)
        shutil.copytree(self.home, self._kept / "home", symlinks=True)

    def render(self) -> Answer:
        """Decided again, so that analyses are requested."""
        (self.folder / "vedc.lock").unlink(missing_ok=True)
        with _environment("XDG_CACHE_HOME", str(self.home)):
            return run("render", "edit.vedc.yaml", "-q", "-y", "--json", folder=self.folder)

    def restore(self) -> None:
        """The media keep their times, as the cache knows them."""
        for place_, kept in ((self.folder / ".vedc", "cache"), (self.home, "home")):
            shutil.rmtree(place_)
            shutil.copytree(self._kept / kept, place_, symlinks=True)

    def files(self) -> dict[str, list[Path]]:
        """Files that can be damaged, by kind."""
        cache = self.folder / ".vedc" / "cache"
        found: dict[str, list[Path]] = {}
        for path in sorted(cache.rglob("*")):
            if not path.is_file() or path.name in ("CACHEDIR.TAG", ".gitignore"):
                continue
            inside = path.relative_to(cache)
            kind = inside.parts[0] if len(inside.parts) > 1 else path.name
            if kind == "entries":
                kind = "notes" if path.suffix == ".json" else "segments"
            elif kind == "analyses":
                kind = path.suffix
            found.setdefault(kind, []).append(path)
        found["code"] = sorted((self.home / "vedc" / "code").iterdir())
        return found


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    kept = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if kept is None:
            del os.environ[name]
        else:
            os.environ[name] = kept
