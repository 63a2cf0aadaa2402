"""A time-stamping authority of our own, with `openssl ts`, behind a small server on loopback.

It can be told to be slow, to fall silent, to lie, and to send its chain in disorder.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

OPENSSL = shutil.which("openssl")

_CONFIG = """
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
{certs}
signer_digest = sha256
default_policy = 1.3.6.1.4.1.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = {ess}
[ req ]
distinguished_name = name
[ name ]
[ root ]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[ stamping ]
extendedKeyUsage = critical, timeStamping
"""


def _run(folder: Path, *words: str | Path) -> None:
    command = [str(OPENSSL), *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"


class Authority:
    """Its keys and certificates in a folder; `answer` makes a reply to a request in DER."""

    def __init__(
        self, folder: Path, *, key: str = "rsa", chain: bool = False, ess: str = "sha256"
    ) -> None:  # fmt: skip
        if OPENSSL is None:
            pytest.skip("the program openssl is not installed")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        certs = f"certs = {folder}/root.pem" if chain else ""
        self.config = folder / "tsa.cnf"
        self.config.write_text(_CONFIG.format(folder=folder, certs=certs, ess=ess))
        (folder / "serial").write_text("01\n")
        new = {"rsa": ("-newkey", "rsa:2048"), "ec": ("-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256")}[key]  # fmt: skip
        _run(folder, "req", "-x509", *new, "-nodes", "-keyout", "root.key", "-out", "root.pem",
             "-days", "30", "-subj", "/CN=Test root", "-config", self.config,
             "-extensions", "root")  # fmt: skip
        _run(folder, "req", *new, "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
             "-subj", "/CN=Test authority", "-config", self.config)  # fmt: skip
        _run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
             "-set_serial", "7", "-days", "30", "-out", "tsa.pem",
             "-extfile", self.config, "-extensions", "stamping")  # fmt: skip

    def answer(self, request: bytes) -> bytes:
        (self.folder / "query").write_bytes(request)
        _run(self.folder, "ts", "-reply", "-config", self.config, "-queryfile", "query",
             "-out", "reply")  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def agrees(self, reply: bytes, digest: bytes) -> bool:
        """Whether `openssl ts -verify` believes this reply about this digest."""
        (self.folder / "given").write_bytes(reply)
        words = ("ts", "-verify", "-digest", digest.hex(), "-in", "given", "-CAfile", "root.pem")
        done = subprocess.run(
            [str(OPENSSL), *words, "-untrusted", "tsa.pem"],
            cwd=self.folder, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr


class Served:
    """An authority as a server; `mood` says how it behaves from now on."""

    def __init__(self, authority: Authority) -> None:
        self.authority, self.mood, self.asked = authority, "well", 0
        self.before = b""
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                served.asked += 1
                answer = served.reply(body)
                self.send_response(500 if served.mood == "broken" else 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/tsa"

    def reply(self, request: bytes) -> bytes:
        match self.mood:
            case "other":  # an answer to somebody else's request
                return self.before
            case "slow":
                time.sleep(2.5)
            case "nonsense":
                return b"<html>please log in</html>"
            case "long":
                return bytes(1 << 20)
            case "cut":
                return self.authority.answer(request)[:-40]
        return self.authority.answer(request)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
