"""What an engineer copies from `deploy/`: read by the programs that it is for."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from databases import skips_fail
from hueandcry.doors.cli.main import COMMANDS
from hueandcry.doors.cli.processes import free_ports
from hueandcry.doors.desk import wire
from hueandcry.doors.desk.wire import Environ, StartResponse

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        message = f"{name} is not installed"
        if skips_fail(os.environ):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_every_unit(unit: Path, tmp_path: Path) -> None:
    # The command is not where the unit expects it on this machine; everything else must hold.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(text)
    service = unit.with_suffix(".service")
    if service != unit:
        (tmp_path / service.name).write_text("[Service]\nExecStart=/bin/true\n")
    verify = [program("systemd-analyze"), "verify", "--man=no", str(copy)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_unit_calls_a_command_that_exists(unit: Path) -> None:
    for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE):
        path, command, *_ = line.split()
        assert path == "/opt/hueandcry/bin/hueandcry" and command in COMMANDS


@pytest.fixture
def behind() -> Iterator[tuple[int, list[Environ]]]:
    """(port, requests as they arrived) of a server that nginx is put in front of."""
    seen: list[Environ] = []

    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        seen.append({**environ, "body": wire.read_body(environ, 1 << 30)})
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(tmp_path: Path, behind: tuple[int, list[Environ]]) -> Iterator[tuple[int, str]]:
    """(port, folder) of a real nginx with our example, on loopback and with a certificate."""
    nginx, (tls, plain) = program("nginx"), free_ports(2)
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=node"
    made = [program("openssl"), *words.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("127.0.0.1:8420", f"127.0.0.1:{behind[0]}"),
        ("/etc/ssl/node.example/fullchain.pem", str(certificate)),
        ("/etc/ssl/node.example/privkey.pem", str(key)),
        ("/var/log/nginx/hueandcry.log", str(tmp_path / "access.log")),
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
    ):
        assert old in text
        text = text.replace(old, new)
    text = re.sub(r"^ *listen \[::\].*$", "", text, flags=re.MULTILINE)
    (tmp_path / "site.conf").write_text(text)
    whole = tmp_path / "nginx.conf"
    temporary = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ {temporary} include {tmp_path}/site.conf; }}\n"
    )
    if os.geteuid() == 0:
        whole.write_text("user root;\n" + whole.read_text())
    server = subprocess.Popen([nginx, "-c", str(whole), "-e", str(tmp_path / "error.log")])
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            asked(tls, "GET", "/healthz")
            break
        except OSError:
            assert server.poll() is None, (tmp_path / "error.log").read_text()
            time.sleep(0.05)
    yield tls, str(tmp_path)
    server.terminate()
    server.wait(20)


def asked(port: int, method: str, target: str, **more: object) -> http.client.HTTPResponse:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    call = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    call.request(method, target, **more)  # type: ignore[arg-type]
    answer = call.getresponse()
    answer.read()
    return answer


def test_nginx_passes_signed_calls_on_byte_for_byte_and_believes_no_claimed_address(
    proxy: tuple[int, str], behind: tuple[int, list[Environ]]
) -> None:
    port, folder = proxy
    body, target = bytes(range(256)) * 8_000, "/peer/v1/feed?cursor=a%2Fb+c&x=%25"
    answer = asked(port, "POST", target, body=body, headers={"X-Forwarded-For": "192.0.2.9"})
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    request = behind[1][-1]
    assert (request["PATH_INFO"], request["QUERY_STRING"]) == (
        "/peer/v1/feed",
        "cursor=a%2Fb+c&x=%25",
    )
    assert request["body"] == body
    assert request["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    until = time.monotonic() + 10
    log = Path(folder, "access.log")
    while "/peer/v1/feed" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert "/peer/v1/feed" in log.read_text() and "cursor" not in log.read_text()
