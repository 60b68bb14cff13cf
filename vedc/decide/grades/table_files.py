"""Tables of decisions: .cube files in ``vedc.lock.d``."""

from __future__ import annotations

from vedc.decide.grades.tables import SIZE, Table
from vedc.decide.kept_files import KeptFiles


def cube_text(table: Table) -> str:
    """A table as the text of a .cube file, red fastest, to a millionth."""
    rows = table.transpose(2, 1, 0, 3).reshape(-1, 3).tolist()
    lines = (" ".join(f"{value:.6f}" for value in row) for row in rows)
    return "\n".join((f"LUT_3D_SIZE {SIZE}", *lines, ""))


def keep_table(files: KeptFiles, table: Table) -> str:
    """Write a table; returns its path as written in a spec beside the lock. Raises LockError
    ``lock-unwritable``."""
    return files.keep(cube_text(table).encode(), "cube", "write detail: steps")
