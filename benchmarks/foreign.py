"""Other TAXII 2.1 servers, each in an environment of its own, from the package index by lock file.

They are set up as kindly as they allow: no authentication, their simplest storage, one process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.nodes import free_port

ROOT = Path(__file__).parents[1]
TYPE = "application/taxii+json;version=2.1"
_COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A collection that objects can be posted to and read from, and whose work it is."""

    name: str
    port: int
    path: str  #: of the collection, with the slash at its end
    pids: tuple[int, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def environment(name: str) -> Path:
    """The Python of a server's own environment, made when it is not there; raises on failure."""
    folder = ROOT / ".vendor" / "taxii" / name
    python = folder / "bin" / "python"
    if not (folder / ".whole").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        lock = ROOT / "requirements" / "bench" / f"{name}.txt"
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
        (folder / ".whole").touch()
    return python


_OPENTAXII = """\
domain: "127.0.0.1"
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{folder}/auth.db", create_tables: yes, secret: s, token_ttl_secs: 3600}}
taxii1:
taxii2:
  contact: nobody
  description: bench
  title: bench
  max_content_length: 104857600
  public_discovery: true
  allow_custom_properties: true
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{folder}/data.db", create_tables: yes}}
logging: {{opentaxii: error, root: error}}
"""  # noqa: E501

_SETUP = """\
from opentaxii.http import app
with app.app_context():
    api = app.taxii_server.servers.taxii2.persistence.api
    root = api.add_api_root(title="bench", default=True, is_public=True)
    held = api.add_collection(str(root.id), "bench", is_public=True, is_public_write=True)
    print(root.id, held.id)
"""

#: Without this every POST ends in a 500 after its commit: its answer holds a UUID.
_PATCHED = """\
import json
from functools import partial
json.dumps = partial(json.dumps, default=str)
from opentaxii.http import app
"""


@contextmanager
def opentaxii(folder: Path) -> Iterator[Endpoint]:
    """OpenTAXII 0.9.3 on gunicorn with one synchronous worker, rows in SQLite."""
    python, port = environment("opentaxii"), free_port()
    config = folder / "opentaxii.yml"
    config.write_text(_OPENTAXII.format(folder=folder))
    (folder / "patched.py").write_text(_PATCHED)
    variables = {
        "OPENTAXII_CONFIG": str(config),
        "PATH": "/usr/bin:/bin",
        "PYTHONWARNINGS": "ignore",
    }
    made = subprocess.run(
        [str(python), "-c", _SETUP], env=variables, capture_output=True, text=True, check=True
    )
    root, held = made.stdout.split()[-2:]
    words = ["-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "--chdir", str(folder)]
    with _served([str(python), *words, "patched:app"], port, "/taxii2/", variables) as pid:
        yield Endpoint(
            "OpenTAXII 0.9.3", port, f"/taxii2/{root}/collections/{held}/", (pid,),
            note="SQLite, no authentication; mended by one line, else each POST answers 500",
        )  # fmt: skip


@contextmanager
def medallion(folder: Path) -> Iterator[Endpoint]:
    """medallion 3.0.0 as it starts itself, everything in memory."""
    python, port = environment("medallion"), free_port()
    (folder / "data.json").write_text(json.dumps(_medallion_data()))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(folder / "data.json"),
    }
    config = {"backend": backend, "users": {"bench": "bench"}, "taxii": {"max_page_size": 1000}}
    (folder / "medallion.json").write_text(json.dumps(config))
    script = str(python.parent / "medallion")
    words = [script, "--port", str(port), "--log-level", "ERROR", str(folder / "medallion.json")]
    with _served(words, port, "/taxii2/", {"PATH": "/usr/bin:/bin"}) as pid:
        yield Endpoint(
            "medallion 3.0.0", port, f"/bench/collections/{_COLLECTION}/", (pid,),
            {"Authorization": "Basic YmVuY2g6YmVuY2g="},
            "in memory: nothing survives a restart; Flask's development server is all it has",
        )  # fmt: skip


def _medallion_data() -> dict[str, object]:
    collection = {
        "id": _COLLECTION,
        "title": "bench",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [],
        "manifest": [],
    }
    information = {"title": "bench", "versions": [TYPE], "max_content_length": 104_857_600}
    return {
        "/discovery": {"title": "bench", "api_roots": ["/bench/"], "default": "/bench/"},
        "bench": {"information": information, "status": [], "collections": [collection]},
    }


@contextmanager
def _served(words: list[str], port: int, path: str, variables: dict[str, str]) -> Iterator[int]:
    """The id of a server that answers, stopped at the end."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(words, env=variables, stdout=quiet, stderr=quiet)
    try:
        until = time.monotonic() + 30
        while not _answers(port, path):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{words[0]} does not start")
            time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait(15)


def _answers(port: int, path: str) -> bool:
    """Whether anything at all comes back, a refusal too."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": TYPE})
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
