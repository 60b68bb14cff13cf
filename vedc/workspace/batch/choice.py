"""The command line's row options: the selection, and the names of films."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vedc.errors import UsageError
from vedc.lang.expr.evaluate import check, evaluate_expression, type_name
from vedc.lang.expr.interpolate import parse_template
from vedc.lang.expr.references import Hole, calls_in, joined
from vedc.lang.expr.syntax import ExpressionError
from vedc.lang.rows.table import Row

#: The name of the row's number in expressions of the command line.
ROW: Final = "row"

_RANGE: Final = re.compile(r"(\d{1,9})(-(\d{1,9})?)?|-(\d{1,9})")


def chosen(rows: Sequence[Row], text: str) -> list[Row]:
    """The rows that ``--rows`` names, such as ``3-10,15,20-``; numbers are as in messages.

    Raises UsageError if the text is malformed, or names no row.
    """
    spans = [_span(part.strip(), text) for part in text.split(",")]
    found = [row for row in rows if any(low <= row.number <= high for low, high in spans)]
    single = {low for low, high in spans if low == high}
    if not found or not single <= {row.number for row in found}:
        first, last = rows[0].number, rows[-1].number
        message = f"--rows {text}: there is no such row"
        hint = f"rows have the numbers {first} to {last}, those of their lines in the file"
        raise UsageError.one("bad-option", message, hint=hint)
    return found


def _span(part: str, text: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(part)
    if found is None:
        message = f"--rows {text} names no rows"
        raise UsageError.one("bad-option", message, hint="write --rows 3-10, or --rows 2,5,20-")
    if found[4]:
        return 0, int(found[4])
    low = int(found[1])
    high = low if not found[2] else int(found[3]) if found[3] else 10**9
    if high < low:
        message = f"--rows {text}: {part} runs backwards"
        raise UsageError.one("bad-option", message, hint=f"write {high}-{low}")
    return low, high


class RowExpression:
    """A command line text with expressions, or an expression alone, over a row's values."""

    def __init__(self, option: str, text: str, *, alone: bool = False) -> None:
        """Raises UsageError if it is malformed."""
        self._option, self._text = option, text
        written = f"${{{{ {text} }}}}" if alone and "${{" not in text else text
        try:
            self._parts = parse_template(written)
        except ExpressionError as error:
            raise self._refused(error.message, error.hint) from None
        holes = [part for part in self._parts if isinstance(part, Hole)]
        if any(True for hole in holes for _ in calls_in(hole.tree)):
            raise self._refused("it can use only the values of a row", None)

    @property
    def constant(self) -> bool:
        """Whether it is the same for all rows."""
        return all(isinstance(part, str) for part in self._parts)

    @property
    def folder(self) -> str:
        """The folder before the first expression, as an absolute path."""
        first = self._parts[0] if self._parts else ""
        return os.path.abspath(os.path.dirname(first) if isinstance(first, str) else "")

    def value(self, values: Mapping[str, Any], number: int) -> Any:
        """Its value for a row. Raises UsageError for an unknown variable, and ExpressionError for
        unsuitable values."""
        known = {ROW: number, **values}
        results: list[Any] = []
        for part in self._parts:
            if isinstance(part, str):
                results.append(part)
                continue
            for error in check(part.tree, known):
                raise self._refused(error.message, error.hint)
            value = evaluate_expression(part.tree, known)
            results.append(value if len(self._parts) == 1 else joined(value, part))
        return results[0] if len(results) == 1 else "".join(results)

    def truth(self, values: Mapping[str, Any], number: int) -> bool:
        """Raises as :meth:`value`, and UsageError if it is neither true nor false."""
        found = self.value(values, number)
        if isinstance(found, bool):
            return found
        raise self._refused(f"it gives {type_name(found)}, not true or false", "write age > 17")

    def _refused(self, message: str, hint: str | None) -> UsageError:
        message = f"{self._option} {self._text!r}: {message}"
        return UsageError.one("bad-option", message, hint=hint)
