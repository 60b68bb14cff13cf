"""The file system of a URL.

Opening one may use the network: only where the user allows that.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

#: The package that fsspec needs for each scheme, and how to install it.
PACKAGES: Final = {
    "http": ("aiohttp", "pip install 'vedc[remote]'"),
    "https": ("aiohttp", "pip install 'vedc[remote]'"),
    "s3": ("s3fs", "pip install 'vedc[s3]'"),
    "gs": ("gcsfs", "pip install 'vedc[remote]' gcsfs"),
}
CONNECT, SILENCE = 20.0, 60.0
"""Seconds to wait for a connection, and for the next bytes of an answer."""


class NotInstalled(Exception):
    """A package is missing."""

    def __init__(self, package: str, cure: str) -> None:
        super().__init__(package)
        self.package, self.cure = package, cure


def connect(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the name in it. Keys, regions and other servers of S3 come
    from the environment, as the package documents. Raises NotInstalled."""
    scheme = urlsplit(url).scheme.lower()
    try:
        from fsspec.core import url_to_fs

        options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
        if scheme in ("http", "https"):
            import aiohttp

            limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=SILENCE)
            options["headers"] = {"Accept-Encoding": "identity"}
            options["client_kwargs"] = {"timeout": limits, "trust_env": True}
        if scheme == "s3":
            # Retries are the caller's business, for all kinds of files alike.
            options["config_kwargs"] = {
                "connect_timeout": CONNECT,
                "read_timeout": SILENCE,
                "retries": {"total_max_attempts": 1},
            }
        system, path = url_to_fs(url, **options)
    except ImportError:
        raise NotInstalled(
            *PACKAGES.get(scheme, ("fsspec", "pip install 'vedc[remote]'"))
        ) from None
    return system, path
