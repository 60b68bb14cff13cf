"""The process that runs a user's model: it imports nothing from vedc, and limits itself first.

It is started as a separate program, in isolated mode, with an empty environment. Standard input
carries a line of JSON, ``{model, runtime, threads, memory, shape, outputs}``, then inputs of that
shape as float32, each preceded by its length in bytes. For each input, and once when ready, the
process writes to standard output a status byte (``k`` or ``e``), a length in 8 bytes and that many
bytes: float32, or an error message. For a model with several named ``outputs``, the answer is all
of them flattened and concatenated.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

READY, FAILED = b"k", b"e"


def limit(memory: int) -> None:
    """Drop everything that running a model does not need. Limits that a system lacks are
    skipped."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    wanted = {
        "RLIMIT_AS": memory,  # bytes of address space
        "RLIMIT_FSIZE": 0,  # no file can be written
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        if hasattr(resource, name):
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (value, value))
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None)
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: it ends with its parent
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS


def main() -> None:
    source, out = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # output of libraries is not an answer

    def answer(status: bytes, data: bytes | memoryview) -> None:
        out.write(status + len(data).to_bytes(8, "little"))
        out.write(data)
        out.flush()

    setup = json.loads(source.readline())
    try:
        import numpy as np

        if setup["runtime"] == "ort":
            import onnxruntime  # noqa: F401  (loaded before memory is limited)
        else:
            import cv2  # noqa: F401
        limit(setup["memory"])
        with open(setup["model"], "rb") as file:
            model = file.read()
        start = by_onnxruntime if setup["runtime"] == "ort" else by_opencv
        run = start(model, setup["threads"], setup["outputs"])
        shape = tuple(setup["shape"])
    except MemoryError:
        answer(FAILED, b"it takes more memory than it may")
        return
    except BaseException as error:  # anything a runtime raises is reported, not printed
        answer(FAILED, f"it does not load: {first_line(error)}".encode())
        return
    answer(READY, b"")
    size = 4 * int(np.prod(shape))
    while len(head := source.read(8)) == 8:
        if int.from_bytes(head, "little") != size:
            return
        try:
            given = np.frombuffer(source.read(size), np.float32).reshape(shape)
            made = np.ascontiguousarray(run(given), np.float32)
        except MemoryError:
            answer(FAILED, b"it takes more memory than it may")
            return
        except BaseException as error:
            answer(FAILED, first_line(error).encode())
            return
        head = json.dumps(made.shape).encode()
        answer(READY, len(head).to_bytes(8, "little") + head + made.tobytes())


def first_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if "bad_alloc" in text or "Failed to allocate" in text or "Insufficient memory" in text:
        return "it takes more memory than it may"
    return text[:300]


def by_onnxruntime(model: bytes, threads: int, outputs: list[str]):  # type: ignore[no-untyped-def]
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    held = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = held.get_inputs()[0].name

    def run(x):  # type: ignore[no-untyped-def]
        made = held.run(outputs or None, {name: x})
        return np.concatenate([part.ravel() for part in made]) if outputs else made[0]

    return run


def by_opencv(model: bytes, threads: int, outputs: list[str]):  # type: ignore[no-untyped-def]
    import cv2
    import numpy as np

    cv2.setNumThreads(threads)
    # Never the classic engine, which untrusted files can crash.
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8), cv2.dnn.ENGINE_NEW)

    def run(x):  # type: ignore[no-untyped-def]
        net.setInput(x)
        if outputs:
            return np.concatenate([part.ravel() for part in net.forward(outputs)])
        return net.forward()

    return run


if __name__ == "__main__":
    main()
