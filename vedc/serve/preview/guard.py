"""Access control: only the person who started the preview, from a browser on this machine.

The server listens on the loopback interface, which keeps out other machines but not other users of
this one, nor pages of other sites in the same browser. Against the former, the address contains a
secret. Against the latter: another site can make its own name resolve to 127.0.0.1 (DNS rebinding),
so a request must be addressed to a name of the loopback interface; and the browser states where a
request comes from.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from urllib.parse import urlsplit

#: Names of the loopback interface. The port is not compared: a tunnel may have another one.
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

#: What a browser may load and do for the page: only what this server sends.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Refused(Exception):
    """A refused request; the text says why."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The secret of one preview, and its rules."""

    port: int
    """The server's port; cookies ignore ports, so it is part of their name."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def _cookie(self) -> str:
        return f"vedc_preview_{self.port}"

    def cookie(self) -> str:
        """The header that lets the page's own requests in."""
        return f"{self._cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"

    def check(self, headers: Mapping[str, str] | Message, given: str | None = None) -> None:
        """Raise Refused for a request that is not the page's own.

        ``headers``: those of the request, with case-insensitive names. ``given``: the token in the
        address, where the request has one.
        """
        host = headers.get("Host", "")
        if _name_of(host) not in _LOOPBACK:
            raise Refused(f"this is the preview of vedc on this machine, not {host or 'a site'}")
        origin = headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise Refused("the request comes from another site")
        if given is not None:
            if not _same(given, self.token):
                raise Refused("the address has the token of another preview")
            return
        if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Refused("the request comes from another site")
        if not _same(self._held(headers.get("Cookie", "")), self.token):
            raise Refused("open the whole address that vedc preview printed, with its token")

    def _held(self, text: str) -> str:
        """The token in the cookies, which are those of every server on this machine: those of
        others may be malformed."""
        for pair in text.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self._cookie:
                return value
        return ""


def _same(given: str, token: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
