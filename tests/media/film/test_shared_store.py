"""Films whose segments several machines share: in folders, and in storage that speaks S3."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.error.support import check_manners, run
from tests.media.make import write_numbered
from vedc.execute.shared.address import address_of
from vedc.support.remote import failures as failing
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "PAUSES", (0.0,))


def write(folder: Path, changed: bool = False) -> Path:
    """A film of four segments, on a machine that shares only a store with others."""
    folder.mkdir(exist_ok=True)
    clip = folder.parent / "clip.mp4"
    if not clip.exists():
        write_numbered(clip, 120, 25, width=64, height=48, gop=50, b_frames=2)
    shutil.copyfile(clip, folder / "a.mp4")
    items = [
        {
            "clip": "a.mp4", "in": f"{number * 5}f", "duration": "15f",
            "grade": [{"op": "exposure", "stops": number / 10 + (changed and number == 2)}],
        }
        for number in range(4)
    ]  # fmt: skip
    spec = {
        "version": 1, "profile": {"width": 64, "height": 48, "fps": 25}, "timeline": items,
        "outputs": [{"path": "film.mp4", "preset": "ultrafast"}],
    }  # fmt: skip
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    return folder


def frames(folder: Path, store: str, *more: str) -> tuple[int, str]:
    """Frames that were rendered on a machine, and what was said of it."""
    command = ("render", "edit.vedc.yaml", "--json", "--store", store, *more)
    answer = run(*command, folder=folder)
    assert answer.exit == 0, answer.err
    return json.loads(answer.out)[0]["rendered_frames"], answer.err


def film(folder: Path) -> bytes:
    return (folder / "film.mp4").read_bytes()


def shared_between(one: Path, two: Path, store: str, *more: str) -> None:
    """A film of one machine is on another one without a frame being drawn, and the same."""
    assert frames(write(one), store, *more)[0] == 60
    assert frames(write(two), store, *more)[0] == 0
    assert film(one) == film(two)
    shutil.rmtree(two)
    assert frames(write(two, changed=True), store, *more)[0] == 15
    assert film(one) != film(two)


def test_a_film_is_rendered_once_for_all_machines(tmp_path: Path) -> None:
    shared_between(tmp_path / "1", tmp_path / "2", str(tmp_path / "store"))
    answer = run("render", "edit.vedc.yaml", "--store", "../store", folder=write(tmp_path / "3"))
    assert "note: 4 segments fetched from the store" in answer.err
    assert "60 frames, 0 rendered, 60 reused" in answer.out
    assert film(tmp_path / "3") == film(tmp_path / "1")


def test_the_plan_knows_what_others_have(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    frames(write(tmp_path / "1"), store)
    command = ("plan", "edit.vedc.yaml", "--json", "--detailed-exitcode")
    answer = run(*command, "--store", store, folder=write(tmp_path / "2"))
    assert answer.exit == 0, answer.err
    assert all(segment["stored"] for segment in json.loads(answer.out)[0]["segments"])
    assert run(*command, folder=tmp_path / "2").exit == 2


def test_worker_processes_share_what_they_store(tmp_path: Path) -> None:
    shared_between(tmp_path / "1", tmp_path / "2", str(tmp_path / "store"), "--workers", "2")


def test_a_store_on_a_web_server_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    frames(write(tmp_path / "1"), str(folder))
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *given: object) -> None:
            super().__init__(*given, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *given: object) -> None:
            asked.append(self.command)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = f"http://127.0.0.1:{server.server_port}"
        answer = run("render", "edit.vedc.yaml", "--store", store, folder=write(tmp_path / "2"))
        assert answer.exit == 2 and "add --allow-network" in answer.err and not asked
        assert frames(tmp_path / "2", store, "--allow-network")[0] == 0
        assert film(tmp_path / "1") == film(tmp_path / "2")
        answer = run(
            "cache", "gc", "--store", store, "--allow-network", "--limit", "0", folder=tmp_path
        )  # fmt: skip
        assert answer.exit == 1 and "error[store-" in answer.err
        drawn, reported = frames(write(tmp_path / "3", changed=True), store, "--allow-network")
        assert drawn == 15 and reported == "" and set(asked) <= {"GET", "HEAD"}
        server.shutdown()


def test_films_of_compositions_are_shared_too(tmp_path: Path) -> None:
    def written(folder: Path, stops: int) -> Build:
        write(folder)
        inner = {"timeline": [{"clip": "a.mp4", "duration": "20f"}], "profile": {"fps": 30}}
        spec = {
            "version": 1, "profile": {"width": 64, "height": 48, "fps": 25},
            "compositions": {"inner": inner},
            "timeline": [{"composition": "inner", "grade": [{"op": "exposure", "stops": stops}]}],
            "outputs": [{"path": "film.mp4", "preset": "ultrafast"}],
        }  # fmt: skip
        (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
        store = address_of(str(tmp_path / "store"), network=False)
        return Build(folder / "edit.vedc.yaml", shared_store=store)

    done = [deliver(written(tmp_path / str(stops), stops))[0] for stops in (1, 2)]
    assert [summary.composed_frames for summary in done] == [20, 0]
    assert all(summary.rendered_frames for summary in done)
    shutil.rmtree(tmp_path / "1")
    (summary,) = deliver(written(tmp_path / "1", 2))
    assert summary.rendered_frames == summary.composed_frames == 0
    assert film(tmp_path / "1") == film(tmp_path / "2")


def test_the_store_is_listed_and_made_smaller(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    frames(write(tmp_path / "1"), store)
    answer = run("cache", "ls", "--store", store, "--json", folder=tmp_path)
    entries = json.loads(answer.out)
    assert len(entries) == 4 and {entry["kind"] for entry in entries} == {"segment"}
    answer = run("cache", "gc", "--store", store, "--limit", "0", folder=tmp_path)
    assert answer.out.startswith("removed 0 entries"), "a render may be waiting for them"
    for path in (tmp_path / "store").rglob("*"):
        os.utime(path, (1, 1))
    answer = run("cache", "gc", "--store", store, "--limit", "0", folder=tmp_path)
    assert answer.out.startswith("removed 4 entries")
    assert "0 entries" in run("cache", "ls", "--store", store, folder=tmp_path).out
    answer = run("cache", "gc", "--store", store, folder=tmp_path)
    assert answer.exit == 2 and "has no limit of its own" in answer.err


def test_a_place_that_cannot_be_a_store_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    answer = run("render", "edit.vedc.yaml", "--store", "../file", folder=write(tmp_path / "1"))
    assert answer.exit == 1 and "error[store-failed]" in answer.err
    check_manners(answer)


# ------------------------------------------------------------------------------------- with S3

with_s3 = pytest.mark.skipif(
    not all(map(find_spec, ("s3fs", "moto", "flask", "flask_cors"))),
    reason="needs s3fs and moto's server: pip install 'vedc[test]'",
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket of a third-party server on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    import s3fs

    s3fs.S3FileSystem(skip_instance_cache=True).mkdir("films")
    yield "films"
    server.stop()


@with_s3
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_in_a_bucket(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = f"s3://{bucket}/project/cache"
    shared_between(tmp_path / "1", tmp_path / "2", store, "--allow-network")
    import s3fs

    system = s3fs.S3FileSystem(skip_instance_cache=True)
    paths = system.find(f"{bucket}/project/cache/entries")
    assert len(paths) == 5
    # Damaged entries there are rendered again and replaced.
    for path in paths:
        system.pipe_file(path, system.cat_file(path)[:-100])
    assert frames(write(tmp_path / "3"), store, "--allow-network")[0] == 60
    assert frames(write(tmp_path / "4"), store, "--allow-network")[0] == 0
    assert film(tmp_path / "4") == film(tmp_path / "3") == film(tmp_path / "1")
    command = ("cache", "ls", "--store", store, "--allow-network", "--json")
    entries = json.loads(run(*command, folder=tmp_path).out)
    assert len(entries) == 5 and all(entry["used"] > 1e9 for entry in entries)
    # A source in the same storage is pinned, and shown by what the store has.
    system.put_file(str(tmp_path / "1" / "a.mp4"), f"{bucket}/footage/a.mp4")
    folder = write(tmp_path / "5")
    text = (
        (folder / "edit.vedc.yaml")
        .read_text()
        .replace("clip: a.mp4", f"clip: s3://{bucket}/footage/a.mp4")
    )
    (folder / "edit.vedc.yaml").write_text(text)
    assert frames(folder, store, "--allow-network")[0] == 0
    assert f"s3://{bucket}/footage/a.mp4" in (folder / "vedc.lock").read_text()
    answer = run(
        "render", "edit.vedc.yaml", "--store", "s3://no-such-bucket-here/x", "--allow-network",
        folder=write(tmp_path / "6"),
    )  # fmt: skip
    assert answer.exit == 4 and "there is no bucket" in answer.err
    check_manners(answer)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    answer = run(
        "render", "edit.vedc.yaml", "--store", store, "--allow-network", folder=tmp_path / "6"
    )
    assert answer.exit == 1 and "error[store-failed]" in answer.err
    check_manners(answer)
