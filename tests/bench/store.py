"""A shared store: what sending and fetching a segment costs, and what it saves.

S3 is moto's server in a separate process on this machine, whose work does not count; only vedc's
and s3fs's does. There is no network in between, so wall-clock times mean nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, vedc
from tests.bench.workers import CLIP, STRETCH, write_spec
from vedc.execute.shared.address import Address, address_of
from vedc.execute.shared.layered import SharedStore

#: Segments, and their bytes: about four seconds of 720p.
COUNT, SIZE = 40, 2 << 20
STRETCHES, TIMES = 8, 3


def main(folder: Path) -> None:
    print(f"A shared store: {COUNT} segments of {SIZE >> 20} MiB, medians of {TIMES}")
    _segments("a folder", address_of(str(folder / "shared"), network=False), folder)
    if all(map(find_spec, ("s3fs", "moto", "flask"))):
        with _s3():
            _segments("S3", address_of("s3://bench/segments", network=True), folder)
    else:
        print("  S3 is left out: it takes s3fs and moto (pip install 'vedc[test]')")
    if CLIP.exists():
        _film(folder)
    else:
        print(f"  the film is left out: {CLIP} is not there (set VEDC_MEDIA)")


def _segments(where: str, address: Address, folder: Path) -> None:
    payload = os.urandom(SIZE)
    rendered, sent, fetched, asked = list[float](), list[float](), list[float](), list[float]()
    for turn in range(TIMES):
        keys = [f"turn{turn}-{number:04}" for number in range(COUNT)]
        one, two = (SharedStore(folder / f"machine{n}", address) for n in (1, 2))
        one.objects.open()
        two.objects.open()
        began = time.process_time()
        for key in keys:  # what the cache costs in any case
            with super(SharedStore, one).put(key) as path:
                path.write_bytes(payload)
        rendered.append(time.process_time() - began)
        began = time.process_time()
        for key in keys:
            one._send(key, one._sent)
        assert one.settle() == []
        sent.append(time.process_time() - began)
        began = time.process_time()
        assert two.missing([f"absent{turn}-{key}" for key in keys])
        asked.append(time.process_time() - began)
        began = time.process_time()
        two.fetch(keys)
        fetched.append(time.process_time() - began)
        assert two.fetched == one.sent == COUNT
        shutil.rmtree(folder / "machine1")
        shutil.rmtree(folder / "machine2")
    each = [1000 * statistics.median(times) / COUNT for times in (rendered, sent, fetched, asked)]
    row(f"{where}: CPU time for a segment to be sent", f"{each[1]:.1f} ms")
    row("  to be fetched", f"{each[2]:.1f} ms")
    row("  to be asked for in vain", f"{each[3]:.1f} ms")
    row("  to be kept in the cache of one machine, without a store", f"{each[0]:.1f} ms")


def _film(folder: Path) -> None:
    (folder / CLIP.name).symlink_to(CLIP)
    spec = folder / "film.vedc.yaml"
    write_spec(spec, STRETCHES)
    films: set[bytes] = set()

    def rendered(*options: str | Path, emptied: bool = True) -> float:
        if emptied:
            shutil.rmtree(folder / "store", ignore_errors=True)
        shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
        command = vedc(
            "render", "-q", "-y", "--workers", "1", "--allow-path", MEDIA, *options, spec
        )
        spent = measured(command).cpu
        films.add((folder / "out.mp4").read_bytes())
        return spent

    rendered()
    times: list[tuple[float, float, float]] = []
    for _ in range(TIMES):
        alone = rendered()
        filled = rendered("--store", folder / "store")
        times.append((alone, filled, rendered("--store", folder / "store", emptied=False)))
    assert len(films) == 1, "the films differ"
    alone, filled, fetched = (statistics.median(each) for each in zip(*times, strict=True))
    what = f"{STRETCH * STRETCHES} s of 720p, x264 veryfast"
    row(f"{what}, with an empty store over without one: CPU time", f"{filled / alone:.3f}x")
    row("  all of it fetched over rendered", f"{fetched / alone:.3f}x")


@contextmanager
def _s3() -> Iterator[None]:
    """A server with a bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    kept = {name: os.environ.get(name) for name in settings}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            os.environ |= settings
            import s3fs

            for left in range(100, -1, -1):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if not left:
                        raise
                    time.sleep(0.2)
            s3fs.S3FileSystem(skip_instance_cache=True).mkdir("bench")
            yield
        finally:
            server.terminate()
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
