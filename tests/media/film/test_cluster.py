"""Films that the machines of a cluster render: the same bytes, or an error that names a machine."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from tests.error.support import run, start
from tests.media.make import write_numbered
from vedc.cli import options
from vedc.errors import RenderError
from vedc.execute.cluster import pool as cluster_pool
from vedc.execute.cluster import ray_engine, station
from vedc.execute.cluster.link import Engine, Lost, Remote
from vedc.execute.cluster.pool import ClusterPool
from vedc.execute.cluster.ray_engine import RayEngine
from vedc.execute.cluster.station import Station
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Silent
from vedc.execute.shared.address import address_of
from vedc.execute.shared.layered import SharedStore
from vedc.execute.shared.machine import Machine
from vedc.execute.store import Store
from vedc.execute.work import Job, Turn
from vedc.execute.workers.crew import Crew
from vedc.execute.workers.handle import WorkerHandle
from vedc.execute.workers.pool import WorkerPool
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

SECRET = "only-for-this-machine"


def _same(given: Any) -> Any:
    return given


class FakeRemote:
    """A station in this process, and how it is lost."""

    def __init__(self, number: int, engine: FakeEngine) -> None:
        self.station, self.engine = Station(number), engine
        self.killed = threading.Event()

    def ask(self, method: str, *given: Any) -> Any:
        if method == "begin":
            return self.engine.machine(self.station.begin())
        found = getattr(self.station, method)(*given)
        if self.killed.is_set():
            raise Lost("was lost")
        return found

    def notify(self, method: str, *given: Any) -> None:
        if method == "relay":
            place, (kind, number, *rest) = given
            if kind == "job":
                threads, plugins, data, witness = rest
                data = pickle.dumps(self.engine.job(pickle.loads(data)))
                rest = [threads, plugins, data, witness]
            given = place, (kind, number, *rest)
            self.engine.sent.append(pickle.dumps(given))
        getattr(self.station, method)(*given)

    def kill(self) -> None:
        self.killed.set()
        worker = self.station._worker
        if worker is not None:
            worker._process.kill()


class FakeEngine:
    def __init__(self, room: int = 1) -> None:
        self.room = room
        self.remotes: list[FakeRemote] = []
        self.sent: list[bytes] = []
        self.machine: Callable[[Machine], Machine] = _same
        self.job: Callable[[Job], Job] = _same
        self.closed = False

    def connect(self, count: int | None, memory: int) -> int:
        assert memory > 0
        return self.room

    def start(self, number: int, memory: int) -> Remote:
        self.remotes.append(FakeRemote(number, self))
        return self.remotes[-1]

    def close(self) -> None:
        self.closed = True


class Notes(Silent):
    def __init__(self) -> None:
        self.done, self.notes = 0, list[str]()

    def advance(self, frames: int) -> None:
        self.done += frames

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station, "_PATIENCE", 0.1)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """This process begins once a worker has begun a turn; then it calls these."""
    then: list[Callable[[], None]] = []
    usual, seen = Crew._own_turns, list[Crew]()

    def waiting(crew: Crew) -> Iterator[Turn]:
        if crew not in seen:
            seen.append(crew)
            until = time.monotonic() + 300
            while not crew._took and crew._error is None:
                assert time.monotonic() < until, "no worker has come"
                time.sleep(0.005)
            for action in then:
                action()
        yield from usual(crew)

    monkeypatch.setattr(Crew, "_own_turns", waiting)
    return then


def write(folder: Path, count: int = 8) -> None:
    write_numbered(folder / "a.mp4", 120, 25, width=64, height=48, gop=50, b_frames=2)
    items = [
        {
            "clip": "a.mp4", "in": f"{number * 5 % 100}f", "duration": "15f",
            "grade": [{"op": "exposure", "stops": number / 100}],
        }
        for number in range(count)
    ]  # fmt: skip
    spec = {
        "version": 1, "profile": {"width": 64, "height": 48, "fps": 25}, "timeline": items,
        "outputs": [{"path": "film.mp4", "preset": "ultrafast"}],
    }  # fmt: skip
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))


def made(
    folder: Path,
    workers: WorkerPool | None,
    progress: Silent | None = None,
    strict: bool = False,
    store: Path | None = None,
) -> RenderSummary:
    """The film, rendered from the contents of a store alone."""
    shutil.rmtree(folder / "cache", ignore_errors=True)
    shared = None if store is None else address_of(str(store), network=False)
    spec = Build(folder / "edit.vedc.yaml", cache=folder / "cache", shared_store=shared)
    (summary,) = deliver(spec, replace=True, workers=workers, progress=progress, strict=strict)
    return summary


def alone(folder: Path) -> bytes:
    """The film of one process."""
    made(folder, None)
    return (folder / "film.mp4").read_bytes()


@pytest.mark.usefixtures("late")
def test_the_film_matches_one_rendered_on_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    film = alone(tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    progress, engine = Notes(), FakeEngine(2)
    with ClusterPool(engine) as pool:
        summary = made(tmp_path, pool, progress)
        assert len(engine.remotes) == 2 and all(pool.pids)
    assert (tmp_path / "film.mp4").read_bytes() == film
    assert summary.rendered_frames == progress.done == 8 * 15
    assert summary.warnings == [] and progress.notes == []
    assert engine.closed
    assert engine.sent and not any(SECRET.encode() in sent for sent in engine.sent)


@pytest.mark.parametrize("whole", [False, True])
def test_a_worker_or_machine_that_is_lost_is_replaced(
    tmp_path: Path, late: list[Callable[[], None]], whole: bool
) -> None:
    write(tmp_path)
    film = alone(tmp_path)
    progress, engine = Notes(), FakeEngine()
    with ClusterPool(engine) as pool:

        def lose() -> None:
            os.kill(pool.pids[0], signal.SIGKILL)
            if whole:
                engine.remotes[0].killed.set()
            until = time.monotonic() + 300
            while len(engine.remotes) < 2 and pool._crew is not None:
                pool._crew._check()
                assert time.monotonic() < until, "it is not replaced"
                time.sleep(0.01)

        late.append(lose)
        summary = made(tmp_path, pool, progress)
    assert (tmp_path / "film.mp4").read_bytes() == film
    assert summary.rendered_frames == progress.done == 8 * 15
    how = "was lost" if whole else "died of SIGKILL"
    assert any(
        text.startswith("a worker process on ") and how in text for text in progress.notes
    ), progress.notes
    assert len(engine.remotes) == 2


def test_workers_that_only_die_are_not_replaced_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ClusterPool(FakeEngine())
    monkeypatch.setattr(pool, "_room", 2)
    worker = cast(WorkerHandle, SimpleNamespace(number=1))
    answers = [pool._is_replaced(worker) for _ in range(8)]
    assert answers == [True] * 6 + [False] * 2
    pool._on_message(worker, ("stored", 0, 0, 0))
    assert pool._is_replaced(worker)


def elsewhere(job: Job) -> Job:
    """The job on a machine that has another folder at the place of the cache."""
    folder = job.store.folder.with_name("not-shared")
    return replace(job, store=Store(folder))


def without_clip(job: Job) -> Job:
    (output,) = job.outputs
    output.plan = replace(
        output.plan, files={name: f"{path}.gone" for name, path in output.plan.files.items()}
    )
    return job


def other_clip(job: Job) -> Job:
    (output,) = job.outputs
    spec = next(iter(output.plan.files.values())).replace("a.mp4", "edit.vedc.yaml")
    output.plan = replace(output.plan, files=dict.fromkeys(output.plan.files, spec))
    return job


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (elsewhere, "does not see the cache"),
        (without_clip, "cannot read '"),
        (other_clip, "has another '"),
    ],
)
def test_files_that_a_machine_cannot_see_are_reported_before_it_renders(
    tmp_path: Path, change: Callable[[Job], Job], message: str
) -> None:
    write(tmp_path)
    engine = FakeEngine()
    engine.job = change
    with ClusterPool(engine) as pool, pytest.raises(RenderError) as reported:
        made(tmp_path, pool)
    problems = reported.value.problems
    assert [problem.code for problem in problems] == ["not-on-machine"]
    assert message in problems[0].message and problems[0].message.startswith("machine ")
    assert problems[0].hint
    if change is not elsewhere:
        assert problems[0].location is not None
        assert problems[0].location.file.endswith("edit.vedc.yaml")
    assert not (tmp_path / "film.mp4").exists()


def on_another_machine(job: Job) -> Job:
    """The job as a machine gets it that has none of the folders of this one."""
    assert isinstance(job.store, SharedStore)
    for output in job.outputs:
        files = {name: f"/nowhere{path}" for name, path in output.plan.files.items()}
        media = {key: replace(i, path=f"/nowhere{i.path}") for key, i in output.plan.media.items()}
        output.plan = replace(output.plan, files=files, media=media)
    return replace(job, store=job.store.on_machine(Path("/nowhere/cache")))


@pytest.mark.usefixtures("late")
def test_with_a_store_machines_need_no_shared_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    film = alone(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    engine, progress = FakeEngine(), Notes()
    engine.job = on_another_machine
    with ClusterPool(engine) as pool:
        for _ in range(2):  # the second time, the source is there
            summary = made(tmp_path, pool, progress, store=tmp_path / "store")
            assert summary.rendered_frames == 8 * 15 and summary.warnings == []
            assert (tmp_path / "film.mp4").read_bytes() == film
            shutil.rmtree(tmp_path / "store" / "entries")
            shutil.rmtree(tmp_path / "there" / "vedc" / "farm" / "entries")
    assert progress.done == 2 * 8 * 15
    sources = [path for path in (tmp_path / "store" / "sources").rglob("*") if path.is_file()]
    copies = [*(tmp_path / "there" / "vedc" / "farm" / "sources").rglob("*.mp4")]
    assert len(sources) == len(copies) == 1
    assert copies[0].read_bytes() == (tmp_path / "a.mp4").read_bytes()
    assert not [*(tmp_path / "store" / "witnesses").iterdir()]


@pytest.mark.usefixtures("late")
def test_a_machine_with_another_store_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))

    def elsewhere(job: Job) -> Job:
        other = address_of(str(tmp_path / "other"), network=False)
        return replace(job, store=SharedStore(Path("/nowhere/cache"), other))

    engine = FakeEngine()
    engine.job = elsewhere
    with ClusterPool(engine) as pool, pytest.raises(RenderError) as reported:
        made(tmp_path, pool, store=tmp_path / "store")
    (problem,) = reported.value.problems
    assert problem.code == "not-on-machine" and "does not find this render" in problem.message


@pytest.mark.usefixtures("late")
def test_what_does_not_get_into_the_store_is_not_lost_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose segments do not reach the others ends the render."""
    write(tmp_path)
    film = alone(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    engine = FakeEngine()
    engine.job = on_another_machine

    def full(folder: Path) -> None:
        shutil.rmtree(folder)
        folder.write_text("in the way of what is to be stored")

    with ClusterPool(engine) as pool:
        made(tmp_path, pool, store=tmp_path / "store")
        full(tmp_path / "store" / "entries")
        with pytest.raises(RenderError) as reported:
            made(tmp_path, pool, store=tmp_path / "store")
    assert {problem.code for problem in reported.value.problems} == {"store-failed"}
    (tmp_path / "store" / "entries").unlink()
    assert made(tmp_path, None, store=tmp_path / "store").warnings == []
    assert (tmp_path / "film.mp4").read_bytes() == film


@pytest.mark.usefixtures("late")
def test_machines_of_another_kind_are_reported(tmp_path: Path) -> None:
    write(tmp_path, 4)
    engine = FakeEngine()
    engine.machine = lambda there: there._replace(name="node7", cpu="x86_64 other, features 0")
    with ClusterPool(engine) as pool:
        for _ in range(2):  # in each film of a batch
            (warning,) = made(tmp_path, pool).warnings
            assert (warning.code, warning.severity) == ("mixed-machines", "warning")
            assert "machine node7" in warning.message and "CPU x86_64 other" in warning.message
    with ClusterPool(engine, strict=True) as pool, pytest.raises(RenderError) as reported:
        made(tmp_path, pool, strict=True)
    assert [problem.code for problem in reported.value.problems] == ["mixed-machines"]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("field", ["vedc", "python"])
def test_another_version_is_refused(tmp_path: Path, field: str) -> None:
    write(tmp_path, 4)
    engine = FakeEngine()
    engine.machine = lambda there: there._replace(name="node7", **{field: "0.0.1"})
    with ClusterPool(engine) as pool, pytest.raises(RenderError) as reported:
        made(tmp_path, pool)
    (problem,) = reported.value.problems
    assert problem.code == "unfit-machine" and "node7" in problem.message
    assert "0.0.1 (here " in problem.message and problem.hint


def test_a_cluster_without_room_leaves_the_film_to_this_machine(tmp_path: Path) -> None:
    write(tmp_path, 3)
    progress = Notes()
    with ClusterPool(FakeEngine(0)) as pool:
        made(tmp_path, pool, progress)
    assert progress.done == 45
    assert progress.notes == ["the cluster has no room for a worker: this machine renders alone"]


def test_segments_that_do_not_arrive_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_pool, "_ARRIVAL", 0.0)
    job = Job((), Store(tmp_path), None, _same, _same)  # type: ignore[arg-type]
    crew = cast(Crew, SimpleNamespace(elsewhere={"abcdef"}))
    with pytest.raises(RenderError, match="1 segment"):
        ClusterPool(FakeEngine())._arrive(job, (), crew)


def test_messages_are_passed_on_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Any] = []

    class Worker:
        def send(self, *message: Any) -> None:
            passed.append(message)

    there = Station(1)
    monkeypatch.setattr(there, "_worker", Worker())
    order = list(range(20))
    random.Random(1).shuffle(order)
    for place in order:
        there.relay(place, ("turn", place))
    assert passed == [("turn", place) for place in range(20)]


@pytest.mark.parametrize("address", ["", "nowhere", "ray://", "http://a:1", "a:b", "ray://u:p@a:1"])
def test_addresses_are_checked(tmp_path: Path, address: str) -> None:
    write(tmp_path, 2)
    answer = run("render", "edit.vedc.yaml", "--cluster", address, folder=tmp_path)
    assert answer.exit == 2 and "is not the address of a cluster" in answer.err


@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'vedc[cluster]'")
@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_cluster_that_does_not_run_is_reported(tmp_path: Path, scheme: str) -> None:
    write(tmp_path, 2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"{scheme}127.0.0.1:{taken.getsockname()[1]}"
        answer = run("render", "edit.vedc.yaml", "--cluster", address, folder=tmp_path)
    assert answer.exit == 1 and "error[no-cluster]" in answer.err and address in answer.err
    assert "Traceback" not in answer.err


def test_a_cluster_that_never_comes_up_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film is done first, and nobody waits for what Ray may be waiting for."""
    stuck, ended = threading.Event(), threading.Event()

    class Ray:
        def shutdown(self) -> None:
            ended.set()

    def connected(engine: RayEngine, count: int | None) -> Ray:
        assert stuck.wait(60)
        return Ray()

    monkeypatch.setattr(RayEngine, "_connected", connected)
    write(tmp_path)
    with ClusterPool(RayEngine("local"), 2) as pool:
        assert made(tmp_path, pool).rendered_frames == 8 * 15
        assert not stuck.is_set()
    assert not ended.is_set()
    stuck.set()
    assert ended.wait(60), "it is not ended when it comes up after all"
    monkeypatch.setattr(ray_engine, "_JOINING", 0.01)
    stuck.clear()
    engine = RayEngine("auto")
    with pytest.raises(RenderError, match="did not answer within"):
        engine.connect(2, 1)
    engine.close()
    stuck.set()


def test_a_missing_ray_is_reported_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 2)
    monkeypatch.setattr(ray_engine, "find_spec", lambda name: None)
    answer = run("render", "edit.vedc.yaml", "--cluster", "local", folder=tmp_path)
    assert answer.exit == 4 and "pip install 'vedc[cluster]'" in answer.err


@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'vedc[cluster]'")
def test_a_gpu_is_not_for_a_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(tmp_path, 2)
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    command = ("render", "edit.vedc.yaml", "--cluster", "local", "--device", "cuda")
    answer = run(*command, folder=tmp_path)
    assert answer.exit == 2 and "--cluster renders on CPUs" in answer.err
    assert options.device_of("auto", "auto", "local").kind == "cpu"


with_ray = pytest.mark.skipif(
    find_spec("ray") is None or not Path("/proc/self/task").is_dir(),
    reason="needs Ray (pip install 'vedc[cluster]') and Linux's list of processes",
)


def status_of(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in status_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return False


class OtherMachines(RayEngine):
    """Real stations, on nodes that have none of the folders of this process."""

    def start(self, number: int, memory: int) -> Remote:
        remote = super().start(number, memory)
        usual = remote.notify

        def notify(method: str, *given: Any) -> None:
            if method == "relay" and given[1][0] == "job":
                place, (kind, job_number, threads, plugins, data, witness) = given
                data = pickle.dumps(on_another_machine(pickle.loads(data)))
                given = place, (kind, job_number, threads, plugins, data, witness)
            usual(method, *given)

        remote.notify = notify  # type: ignore[method-assign]
        return remote


@pytest.fixture
def two_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """A Ray cluster and the second of its nodes; each has its own cache."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    options = {"num_cpus": 2, "object_store_memory": 80 << 20, "include_dashboard": False}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "node1"))
    cluster = Cluster(initialize_head=True, head_node_args=options)
    try:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "node2"))
        second = cluster.add_node(num_cpus=2, object_store_memory=80 << 20)
        yield cluster, second
    finally:
        cluster.shutdown()


@with_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_with_ray_a_film_is_complete_whatever_is_killed(
    tmp_path: Path,
    late: list[Callable[[], None]],
    two_nodes: tuple[Any, Any],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """On two nodes that share no folder, but a store. VEDC_KILLS=20 kills 20 workers and stations,
    at random times. Then a node is lost."""
    kills = int(os.environ.get("VEDC_KILLS", "2"))
    write(tmp_path, 12 * kills)
    film = alone(tmp_path)
    cluster, second = two_nodes
    killed: list[str] = []
    progress, draw = Notes(), random.Random(7)
    capfd.readouterr()
    with ClusterPool(OtherMachines(cluster.address), 3) as pool:

        def kill() -> None:
            until = time.monotonic() + 30 * kills + 60
            while len(killed) < kills:
                assert time.monotonic() < until, "too few workers come"
                if killed:  # the first at once, before a fast machine is done
                    time.sleep(draw.uniform(0, 1))
                crew = pool._crew
                if crew is not None:
                    crew._check()
                if not pool.pids:  # all were killed too soon
                    return
                at_work = [p.pid for p in list(crew._took) if not p.idle] if crew else []
                if not at_work:
                    if crew is not None and not crew._left_here():
                        return
                    continue
                pid = draw.choice(at_work)
                try:
                    parent = int(status_of(pid).split("PPid:")[1].split()[0])
                    whom = draw.choice([pid, parent])
                    os.kill(whom, signal.SIGKILL)
                except (FileNotFoundError, ProcessLookupError):
                    continue  # it ended by itself
                killed.append("worker" if whom == pid else "station")
                while is_alive(pid):
                    assert time.monotonic() < until, "it does not end"
                    time.sleep(0.01)

        late.append(kill)
        late.append(second.kill_raylet)  # and finally one of the machines
        summary = made(tmp_path, pool, progress, store=tmp_path / "store")
    assert killed
    assert (tmp_path / "film.mp4").read_bytes() == film
    assert summary.rendered_frames == progress.done == 12 * kills * 15
    assert summary.warnings == []
    assert list((tmp_path / "cache" / "drafts").iterdir()) == []
    caches = [node for node in ("node1", "node2") if (tmp_path / node / "vedc" / "farm").is_dir()]
    assert caches, "nothing was rendered elsewhere"
    stored = {path.name for path in (tmp_path / "store" / "entries").rglob("*") if path.is_file()}
    assert len(stored) == 12 * kills
    assert capfd.readouterr().out == ""  # Ray has much to say
    with capfd.disabled():
        print(
            f"killed {killed.count('worker')} workers and {killed.count('station')} stations; "
            f"rendered on {' and '.join(caches)}"
        )


@with_ray
@pytest.mark.slow
def test_with_ray_an_interruption_ends_everything(tmp_path: Path) -> None:
    item = {"generator": "noise", "duration": "900s", "effects": [{"op": "median", "radius": 4}]}
    spec = {
        "version": 1, "profile": {"width": 160, "height": 120, "fps": 25}, "timeline": [item],
        "outputs": [{"path": "film.mp4", "preset": "ultrafast"}],
    }  # fmt: skip
    (tmp_path / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    command = ("render", "edit.vedc.yaml", "-q", "--cluster", "local", "--workers", "2")
    process = start(*command, folder=tmp_path, start_new_session=True)
    drafts = tmp_path / ".vedc" / "cache" / "drafts"
    until = time.monotonic() + 300
    try:
        while not drafts.is_dir() or len(workers_in(drafts)) < 2:
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.2)
        pids = workers_in(drafts) - {process.pid}
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=300)
    finally:
        if process.poll() is None:  # it would render for a quarter of an hour
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode == 130
    assert err.startswith("interrupted: finished segments are stored") and "Traceback" not in err
    until = time.monotonic() + 300
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "the workers outlive the render"
        time.sleep(0.02)
    assert list(drafts.iterdir()) == []
    assert not (tmp_path / "film.mp4").exists()


def workers_in(folder: Path) -> set[int]:
    """The processes that have a file in a folder open."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink().is_relative_to(folder):
                found.add(int(link.parts[2]))
        except OSError:
            continue
    return found


_: type[Engine] = FakeEngine
