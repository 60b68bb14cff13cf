"""Files of other machines: fetched once into the cache, and pinned by digest in ``vedc.lock``.

A pinned file that lies in the cache needs no network. One whose bytes differ from the pin is
refused, so the same spec and lock always make the same film.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from vedc.edit.media_info import ProbeError
from vedc.errors import RenderError
from vedc.media.digest import file_digest
from vedc.support.lazy_dataclass import dataclass
from vedc.support.regular_files import read_regular

_RECORD: Final = "fetched.json"


class Meter(Protocol):
    """Progress of a download, in megabytes."""

    def start(self, name: str, total: float) -> None: ...

    def advance(self, amount: float) -> None: ...

    def finish(self) -> None: ...


def _no_meter() -> None:
    return None


#: Characters not allowed in names of cached files.
_UNUSUAL: Final = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Network:
    """Permissions to fetch files."""

    allowed: bool = False
    most: int = 10 * 10**9
    """Bytes of one file."""
    meter: Callable[[], Meter | None] = _no_meter
    """Makes a progress display for a download."""


class RemoteFiles:
    """The remote files of one spec.

    ``folder`` holds fetched files, ``pins`` gives the digests of ``vedc.lock`` by URL.
    """

    def __init__(
        self,
        folder: Path,
        digests: Path,
        network: Network,
        pins: Callable[[], Mapping[str, str]],
    ) -> None:
        self._folder, self._digests = folder, digests
        self._network, self._pins = network, pins
        self.locked = False
        """Whether a file without a pin is refused."""
        self._known: dict[str, Path | ProbeError] = {}
        self.used: dict[str, str] = {}
        """Digests of the requested files, by URL."""

    def __call__(self, url: str) -> Path:
        """A local copy of a file. Raises ProbeError; each file is requested once."""
        if url not in self._known:
            try:
                self._known[url] = self._found(url)
            except ProbeError as error:
                self._known[url] = error
        known = self._known[url]
        if isinstance(known, ProbeError):
            raise known
        return known

    def _found(self, url: str) -> Path:
        pin = self._pins().get(url)
        if pin is None and self.locked:
            raise ProbeError(
                "not-pinned",
                f"{shown(url)} is not pinned in vedc.lock",
                "run: vedc lock SPEC --allow-network",
            )
        place = self._folder / _key(url)
        copy = place / _name(url)
        digest, state = self._held(url, place, copy)
        if digest is None or (pin is not None and digest != pin):
            if not self._network.allowed:
                raise ProbeError(
                    "url",
                    f"{shown(url)} is a URL, and vedc uses the network only where it is allowed",
                    "--allow-network fetches it once; or download it and name the copy",
                )
            digest = self._fetch(url, place, copy, pin)
        elif pin is None and self._network.allowed and self._is_outdated(url, state):
            digest = self._fetch(url, place, copy, pin)
        self.used[url] = digest
        return copy

    @staticmethod
    def _is_outdated(url: str, state: object) -> bool:
        from vedc.workspace import download

        return download.state(url) != state

    def _held(self, url: str, place: Path, copy: Path) -> tuple[str | None, object]:
        """The digest of an intact copy in the cache, if there is one, and the server's state of
        it."""
        try:
            record = json.loads(read_regular(place / _RECORD))
            digest = file_digest(copy, self._digests)
        except (OSError, ValueError):
            return None, None
        if not isinstance(record, dict):
            return None, None
        sound = record.get("url") == url and record.get("blake2b") == digest
        return digest if sound else None, record.get("state")

    def _fetch(self, url: str, place: Path, copy: Path, pin: str | None) -> str:
        from filelock import FileLock

        from vedc.support.atomic_write import write_whole
        from vedc.workspace.download import download

        try:
            place.mkdir(parents=True, exist_ok=True)
            with FileLock(place / "lock"):  # another vedc may be fetching it
                draft = place / "draft"
                draft.unlink(missing_ok=True)
                try:
                    found = download(url, draft, self._network.most, self._network.meter())
                    if pin is not None and found.digest != pin:
                        raise ProbeError(
                            "remote-changed",
                            f"{shown(url)} is not the file that vedc.lock pins: its content "
                            "changed",
                            "use a copy of the old one; or, to take the new one, remove its line "
                            "under `files` in vedc.lock and run again",
                        )
                    draft.replace(copy)
                finally:
                    draft.unlink(missing_ok=True)
                record = {"url": url, "blake2b": found.digest, "state": found.state}
                write_whole(place / _RECORD, json.dumps(record).encode())
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"{place} cannot be written: {reason}"
            hint = "free some space, or name another folder with --cache"
            raise RenderError.one("cannot-use-cache", message, hint=hint) from None
        return found.digest


def shown(url: str) -> str:
    """A URL without a password, for messages."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}:***@{host}").geturl()


def _key(url: str) -> str:
    from hashlib import blake2b

    return blake2b(url.encode(), digest_size=16).hexdigest()


def _name(url: str) -> str:
    """The last part of a URL's path: its extension distinguishes TGA and raw photos from others."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return _UNUSUAL.sub("_", last)[-80:].lstrip(".") or "file"
