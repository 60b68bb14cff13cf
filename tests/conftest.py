"""Settings of every test run."""

import os
import tempfile

#: Verify each graph after lowering and after each pass, in subprocesses too.
os.environ["VEDC_VERIFY_IR"] = "1"

# Tests start a thousand processes, and each would compile vedc anew where a container forbids it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Workers share the cores: two threads of linear algebra each would wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Compiled code and analyses of a test run are its own; workers of one run share them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _cache = tempfile.TemporaryDirectory(prefix="vedc-tests-")
    os.environ["XDG_CACHE_HOME"] = _cache.name
