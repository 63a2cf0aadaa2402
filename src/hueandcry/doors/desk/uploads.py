"""Files that come with a form: taken in as they arrive, in bounded memory, and never on trust.

    @receiving(Limits(), refused_page)
    def report(request): … received(request, "files") …

The bytes of each file go into the store of blobs while they come, sealed; nothing of them lies on
the disk in plain. A file that is not taken says why (`refused`), and the rest of the form is as it
was. The view keeps what it wants by `blobs.keep(upload.fresh)` in its own transaction; what it did
not keep is removed when it has answered. What comes sealed already may lie in a file without a name
(`aside`) for as long.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from hueandcry.core.errors import HueError, Malformed, TooLarge, TooMany
from hueandcry.core.files import HEAD, TAIL, Ends, clean_name, recognise
from hueandcry.doors.desk import wire
from hueandcry.engine.blobs import face as blobs

View = Callable[..., HttpResponseBase]
Refused = Callable[[HttpRequest, HueError], HttpResponseBase]

_MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one form may bring; `whole` is of the request, with all its fields."""

    files: int = 10
    each: int = 25 << 20
    whole: int = 60 << 20
    kept: bool = True  #: False: in memory only, for what is looked at and forgotten
    aside: bool = False  #: in files without a name, for what comes sealed and is read by path
    other: str = ""  #: what bytes of no known sort are called; empty: they are refused


class _Aside:
    """A file in the data folder without a name there: whatever kills this process, it is gone."""

    def __init__(self, limit: int) -> None:
        self._file = tempfile.TemporaryFile(dir=settings.DATA)  # noqa: SIM115 - until `abandon`
        self._room = limit

    def write(self, piece: bytes) -> None:
        """Appends; raises TooLarge beyond the limit."""
        self._room -= len(piece)
        if self._room < 0:
            raise TooLarge("file_too_large", "The file is larger than what is taken here")
        self._file.write(piece)

    def finish(self) -> Path:
        """By which path this process can open all of it."""
        self._file.flush()
        return Path(f"/proc/self/fd/{self._file.fileno()}")

    def abandon(self) -> None:
        """It is gone, whole or not."""
        self._file.close()


def _writer(limits: Limits) -> blobs.Writer | _Aside | None:
    """Where the bytes of one file go; None: into memory."""
    if limits.aside:
        return _Aside(limits.each)
    return blobs.writer(limits.each) if limits.kept else None


class Upload(UploadedFile):  # type: ignore[type-arg]
    """One file of a form."""

    def __init__(self, given: str, limits: Limits) -> None:
        super().__init__(name="file", size=0)  # what somebody else calls it may be no name at all
        self.given = given  #: as the browser calls it
        self.sort = ""  #: media type, by its bytes
        self.sha256 = b""
        self.fresh: blobs.Fresh | None = None  #: where its bytes wait to be kept
        self.data = b""  #: they themselves, where nothing is kept
        self.path: Path | None = None  #: where they are read, for as long as the form is looked at
        self.refused: HueError | None = None  #: why it is not taken
        self._limits = limits
        self._writer = _writer(limits)
        self._hash = hashlib.sha256()
        self._held: list[bytes] = []
        self._head = self._tail = b""

    @property
    def clean(self) -> str:
        """A name for people: no path, no marks that turn text, the ending that its bytes have."""
        return clean_name(self.given, self.sort)

    def refuse(self, why: HueError) -> None:
        """Forgets its bytes; `refused` says why."""
        self.refused = why
        self.drop()

    def drop(self) -> None:
        """Forgets bytes that are on their way, and files; what is whole in the store stays."""
        self._held.clear()
        if isinstance(self._writer, _Aside) or (self._writer is not None and self.fresh is None):
            self._writer.abandon()

    def take(self, piece: bytes) -> None:
        """The next bytes; once it is refused they go nowhere."""
        if self.refused is not None:
            return
        self.size = (self.size or 0) + len(piece)
        try:
            self._store(piece)
        except HueError as refused:
            self.refuse(refused)
            return
        self._head = (self._head + piece)[:HEAD]
        self._tail = (self._tail + piece)[-TAIL:]

    def _store(self, piece: bytes) -> None:
        if self._writer is not None:
            self._writer.write(piece)
            return
        if (self.size or 0) > self._limits.each:
            raise TooLarge("file_too_large", f"The file has more than {self._limits.each:,} bytes")
        self._hash.update(piece)
        self._held.append(piece)

    def end(self) -> None:
        """All bytes are here: what it is, and whether it is taken."""
        if self.refused is not None:
            return
        try:
            self.sort = self._sort()
            self._finish()
        except HueError as refused:
            self.refuse(refused)

    def _sort(self) -> str:
        try:
            return recognise(Ends(self._head, self._tail, self.size or 0))
        except Malformed:
            if self._limits.other:
                return self._limits.other
            raise

    def _finish(self) -> None:
        if isinstance(self._writer, _Aside):
            self.path = self._writer.finish()
        elif self._writer is not None:
            self.fresh = self._writer.finish()
            self.sha256 = self.fresh.sha256
        else:
            self.data, self.sha256 = b"".join(self._held), self._hash.digest()
            self._held.clear()


class Receiver(FileUploadHandler):
    """Takes the files of one request as Django's parser meets them."""

    def __init__(self, request: HttpRequest, limits: Limits) -> None:
        super().__init__(request)
        self._limits = limits
        self.uploads: list[Upload] = []

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Refuses by the length that is said, before a byte is read; no more is ever read."""
        if content_length > self._limits.whole:
            raise TooLarge(
                "request_too_large",
                f"All files together have more than {self._limits.whole >> 20} MB",
                do="Send fewer or smaller ones",
            )

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.uploads.append(Upload(self.file_name or "", self._limits))
        if len(self.uploads) > self._limits.files:
            self.uploads[-1].refuse(
                TooMany("too_many_files", f"At most {self._limits.files} files are taken")
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.uploads[-1].take(raw_data)

    def file_complete(self, file_size: int) -> Upload:
        self.uploads[-1].end()
        return self.uploads[-1]

    def upload_interrupted(self) -> None:
        self.forget()

    def forget(self) -> None:
        """What nobody kept goes, also what was only half here."""
        for upload in self.uploads:
            upload.drop()
        blobs.discard_unkept([each.fresh for each in self.uploads if each.fresh is not None])


def receiving(limits: Limits, refused: Refused, *, guarded: bool = True) -> Callable[[View], View]:
    """A view that takes files within `limits`; beyond them `refused` makes the page (413).

    The form is guarded against forgery as every other (`guarded`), only after its files are read:
    Django's own guard would read them by itself, and put them on the disk.
    """

    def wrap(view: View) -> View:
        inner: View = csrf_protect(view) if guarded else view

        @wraps(view)
        def outer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if request.method != "POST" or request.content_type != _MULTIPART:
                return inner(request, *args, **options)
            receiver = Receiver(request, limits)
            request.upload_handlers = [receiver]
            try:
                if problem := _parsed(request):
                    return refused(request, problem)
                return inner(request, *args, **options)
            finally:
                receiver.forget()

        return csrf_exempt(outer)

    return wrap


def _parsed(request: HttpRequest) -> HueError | None:
    try:
        request.POST  # noqa: B018 - reading it is what parses the request
    except HueError as problem:
        # What is left of the request is not read: nobody looks into this form again.
        request._mark_post_parse_error()  # type: ignore[attr-defined]
        return problem
    return None


def posted(environ: wire.Environ, given: str, limits: Limits) -> Upload:
    """The body of a plain request as one file; raises what it is refused for, and keeps nothing.

    Whoever asked removes what was not kept: `blobs.discard_unkept`.
    """
    upload = Upload(given, limits)
    try:
        for piece in wire.pieces(environ, limits.each):
            upload.take(piece)
        upload.end()
    except BaseException:
        upload.drop()
        raise
    if upload.refused is not None:
        raise upload.refused
    return upload


def received(request: HttpRequest, field: str) -> list[Upload]:
    """The files of one field, in their order, those that were refused among them."""
    return [each for each in request.FILES.getlist(field) if isinstance(each, Upload)]
