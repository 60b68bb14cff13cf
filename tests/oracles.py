"""The table of op, oracle and largest difference that a test run writes.

A test that compares an op with an independent implementation records its measurement with
:func:`record`. Where the environment names a file in ``VEDC_ORACLES`` the lines go there, one
JSON object each; otherwise nothing happens.
"""

from __future__ import annotations

import json
import os
from typing import SupportsFloat


def record(op: str, oracle: str, difference: SupportsFloat, unit: str = "") -> None:
    """Append one row: ``difference`` is the largest that was seen, in ``unit``. Asserts nothing."""
    path = os.environ.get("VEDC_ORACLES")
    if not path:
        return
    row = {"op": op, "oracle": oracle, "difference": float(difference), "unit": unit}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
