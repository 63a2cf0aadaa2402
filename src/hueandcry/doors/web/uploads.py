"""Files that people hand in: held in memory to be looked at, or sealed as they come to be kept.

What a browser says a file is counts for nothing, here or later: its own bytes say it.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler
from django.http import HttpRequest

from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import HueError, TooLarge
from hueandcry.core.files import HEAD, TAIL, Ends, clean_name, recognise
from hueandcry.engine.blobs import face as blobs

#: What one file of a report may weigh.
MAX_FILE: Final = 32 * 1024 * 1024


class Held(MemoryFileUploadHandler):
    """Keeps a file in memory and nowhere else, for a body whose size was looked at before."""

    def handle_raw_input(self, *args: Any, **named: Any) -> None:
        """Whatever the size."""
        self.activated = True


def held(request: HttpRequest, name: str) -> bytes:
    """The bytes of one file of a form, empty without one. Before anything else is read of it."""
    request.upload_handlers = [Held(request)]
    file = request.FILES.get(name)
    return bytes(file.read()) if file else b""


class Sealing(FileUploadHandler):
    """Seals files as they arrive, so that none is ever whole in memory or open on a disk.

    What is refused is told in `refused` by its code; the rest of the form is read all the same.
    What a broken connection leaves is noise without its key, and tidied away.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.given: list[reports.GivenFile] = []
        self.refused: list[str] = []
        self._writer: blobs.Writer | None = None
        self._head = self._tail = b""

    def new_file(self, *args: Any, **named: Any) -> None:
        super().new_file(*args, **named)
        self._head = self._tail = b""
        self._writer = blobs.writer(MAX_FILE)
        if len(self.given) >= reports.MAX_FILES:
            self._refuse(TooLarge("report_files", "These are too many files"))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Takes the bytes for good; of a refused file they are only read past."""
        if self._writer is None:
            return
        try:
            self._writer.write(raw_data)
        except HueError as error:
            self._refuse(error)
        self._head += raw_data[: HEAD - len(self._head)]
        self._tail = (self._tail + raw_data)[-TAIL:]

    def file_complete(self, file_size: int) -> None:
        """No file stands in the form: the bytes are in the store, and `given` has their key."""
        if self._writer is None:
            return
        try:
            sort = recognise(Ends(self._head, self._tail, file_size))
            fresh = self._writer.finish()
        except HueError as error:
            self._refuse(error)
            return
        name = clean_name(self.file_name or "", sort)
        self.given.append(reports.GivenFile(name, sort, fresh))

    def discard(self) -> None:
        """Removes what was stored, when there is no report that it belongs to."""
        for file in self.given:
            blobs.discard(file.fresh)
        self.given = []

    def _refuse(self, error: HueError) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
        self.refused.append(error.code)
