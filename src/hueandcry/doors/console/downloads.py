"""Lists as CSV files, row by row as they are read; nothing in them runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

#: Rows of one download.
ROWS = 50_000


def csv_line(cells: Sequence[str]) -> str:
    """One CSV line; what a spreadsheet would run as a formula is kept as text."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{c}" if c[:1] in ("=", "+", "-", "@", "\t") else c for c in cells])
    return out.getvalue()


def attachment(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> StreamingHttpResponse:
    """A file of this name for the browser to keep."""
    lines = (csv_line(cells) for part in ((columns,), rows) for cells in part)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
