"""Stations as Ray actors. Nothing else in vedc uses Ray."""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from vedc.errors import MissingError, RenderError, UsageError
from vedc.execute.cluster.link import Lost, Remote

LOCAL: Final = "local"
_ADDRESS: Final = re.compile(r"(?:ray://)?(?P<host>[^\s/@:]+):(?P<port>\d{1,5})|auto")
#: Bytes of shared memory for large objects: the job, once per worker. Ray's minimum.
_OBJECTS: Final = 80 << 20
#: Seconds for a cluster to answer.
_PATIENCE: Final = 10.0
#: Seconds for this process to join it. Ray has its own timeouts, some of which never expire.
_JOINING: Final = 180.0
#: Seconds to wait for Ray to end before leaving it to itself.
_ENDING: Final = 10.0
#: Concurrent calls of a station's methods.
_CALLS: Final = 4
#: Held while a process is connected: Ray supports one cluster at a time.
_CONNECTED: Final = threading.Lock()


def check_cluster(name: str) -> None:
    """Raise UsageError if ``--cluster`` names no cluster, and MissingError without Ray."""
    if name != LOCAL and not _ADDRESS.fullmatch(name):
        message = f"--cluster {name} is not the address of a cluster"
        hint = "write local, auto, HOST:6379 on a machine of the cluster, or ray://HOST:10001"
        raise UsageError.one("bad-option", message, hint=hint)
    if find_spec("ray") is None:
        message = "--cluster needs ray"
        hint = "install it with: pip install 'vedc[cluster]'"
        raise MissingError.one("missing-extra", message, hint=hint)


class RayEngine:
    """Connects on first use. A cluster on this machine is started while the film is being rendered,
    since Ray takes several seconds."""

    def __init__(self, address: str) -> None:
        """``address``: one that :func:`check_cluster` accepts."""
        self._address = address
        self._ray: Future[Any] | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def connect(self, count: int | None, memory: int) -> int:
        if self._ray is None:
            self._ray, self._over = Future(), threading.Event()
            given = self._ray, self._over, count
            # A daemon: Python waits for other threads at exit, and Ray may hang.
            self._thread = threading.Thread(
                target=self._serve, args=given, name="vedc-ray", daemon=True
            )
            self._thread.start()
        if self._address == LOCAL:
            return _local(count) - 1
        try:
            ray = self._ray.result(_JOINING)
        except FutureTimeout:
            raise self._unconnected(f"it did not answer within {_JOINING:.0f} s") from None
        room = sum(
            int(min(has.get("CPU", 0), has.get("memory", 0) // memory))
            for has in (node["Resources"] for node in ray.nodes() if node["Alive"])
        )
        # Unless it is a client, this process is on a machine of the cluster and renders there.
        return room - (not self._address.startswith("ray://"))

    def start(self, number: int, memory: int) -> Remote:
        options: dict[str, Any] = {"num_cpus": 1, "max_restarts": 0, "max_concurrency": _CALLS}
        if self._address != LOCAL:
            options |= {"memory": memory, "scheduling_strategy": "SPREAD"}
        assert self._ray is not None
        return _RayRemote(self._ray, number, options)

    def close(self) -> None:
        """Disconnect, and end a cluster that was started here. If Ray is still starting when the
        film is done, do not wait for it: its processes end with their thread."""
        given, self._ray = self._ray, None
        self._over.set()
        if self._thread is not None and given is not None and given.done():
            self._thread.join(_ENDING)

    def _serve(self, given: Future[Any], over: threading.Event, count: int | None) -> None:
        """Connect, and disconnect at the end. Linux ends the processes of a cluster that Ray starts
        here together with the thread that started them, so this thread must stay alive. Off the
        main thread, Ray leaves signal handlers alone."""
        with _CONNECTED:
            if over.is_set():
                return
            try:
                ray = self._connected(count)
            except BaseException as error:  # raised where the connection is needed
                given.set_exception(error)
                return
            given.set_result(ray)
            over.wait()
            ray.shutdown()

    def _connected(self, count: int | None) -> Any:
        # Ray reads these on import. By default it sends usage statistics to its makers.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        if self._address == LOCAL:
            options |= {
                "num_cpus": max(1, _local(count) - 1),
                "include_dashboard": False,
                "object_store_memory": _OBJECTS,
            }
        if match := _ADDRESS.fullmatch(self._address):
            self._reach(match)
        warnings.filterwarnings("ignore", module=r"ray\.")  # anything important is also an error
        ray: Any = import_module("ray")
        # Ray prints notes about lost workers on standard output, whatever its options
        # say; a film or JSON may be going there. vedc reports them itself.
        import_module("ray._private.worker").__dict__["print_to_stdstream"] = _silent
        try:
            ray.init(address=self._address, **options)
        except (OSError, RuntimeError, ValueError, ImportError, ray.exceptions.RayError) as error:
            raise self._unconnected((str(error).strip().splitlines() or [""])[0]) from None
        return ray

    def _reach(self, match: re.Match[str]) -> None:
        """Check that the address is listening: Ray would wait a minute, then end the process."""
        if match["host"] is None:
            return
        try:
            socket.create_connection((match["host"], int(match["port"])), _PATIENCE).close()
        except (OSError, OverflowError) as error:
            raise self._unconnected(getattr(error, "strerror", None) or str(error)) from None

    def _unconnected(self, reason: str) -> RenderError:
        message = f"--cluster {self._address}: no connection to the cluster: {reason.rstrip('.')}"
        hint = (
            "see that it runs, with ray status on its head, that its ports are open and, if it"
            " uses tokens, that RAY_AUTH_MODE=token is set here and the token is at hand"
        )
        return RenderError.one("no-cluster", message, hint=hint)


class _RayRemote:
    def __init__(self, ray: Future[Any], number: int, options: Mapping[str, Any]) -> None:
        self._given, self._number, self._options = ray, number, options
        self._actor: Any = None
        self._killed = threading.Event()
        self._lock = threading.Lock()

    def ask(self, method: str, *given: Any) -> Any:
        ray = self._connected()
        errors = ray.exceptions
        try:
            return ray.get(getattr(self._station(ray), method).remote(*given))
        except Lost:
            raise
        except errors.RayTaskError as error:
            raise _unfit(error.cause) from None
        except errors.RayActorError as error:
            if "ModuleNotFoundError" in str(error) or "ImportError" in str(error):
                raise _unfit(error) from None
            raise Lost("was lost: its process or its machine ended") from None
        except Exception as error:  # the connection is closed
            raise Lost(f"was lost: {type(error).__name__}") from None

    def _connected(self) -> Any:
        """Ray, once there is a connection. Raises Lost if it is no longer awaited."""
        while not self._killed.is_set():
            with suppress(FutureTimeout):
                return self._given.result(0.1)
        raise Lost("was ended")

    def _station(self, ray: Any) -> Any:
        with self._lock:
            if self._killed.is_set():
                raise Lost("was ended")
            if self._actor is None:
                from vedc.execute.cluster.station import Station

                self._actor = ray.remote(Station).options(**self._options).remote(self._number)
            return self._actor

    def notify(self, method: str, *given: Any) -> None:
        try:
            getattr(self._actor, method).remote(*given)
        except Exception as error:  # as above
            raise Lost(str(error)) from None

    def kill(self) -> None:
        self._killed.set()
        with self._lock:
            if self._actor is not None:
                with suppress(Exception):  # the station or the cluster is gone
                    self._given.result().kill(self._actor)


def _unfit(error: BaseException) -> RenderError:
    reason = (str(error).strip().splitlines() or [""])[-1]
    message = f"a machine of the cluster cannot run vedc: {reason}"
    hint = "install the same vedc, with the extra cluster, on all machines"
    return RenderError.one("unfit-machine", message, hint=hint)


def _local(count: int | None) -> int:
    """The number of processes on this machine, including this one."""
    from vedc.support.control_groups import cores

    return count if count is not None else cores()


def _silent(*given: object, **options: object) -> None:
    """Print nothing."""
