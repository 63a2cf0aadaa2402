"""The command line: answers, exit codes and words, command by command, without a server."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from databases import child_environment
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Card, Token
from hueandcry.core.formats import FORMATS, Options
from hueandcry.doors.cli import main
from hueandcry.doors.cli.files import Source
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring


@dataclass(frozen=True)
class Ran:
    """How one command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(database: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a node that is founded."""
    founding = members.Founding("Centre", "TH", ("asc",), "https://centre.example")
    with unit_of_work():
        members.found(founding, keyring(), clock.now())

    def one(*words: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main.run([str(word) for word in words])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, said.out, said.err)

    return one


def alone(words: Sequence[object], **options: Any) -> Ran:
    """Runs one command as a process of its own, on SQLite in the folder that it names."""
    environment = child_environment()
    for name in ("HUEANDCRY_DATA", "HUEANDCRY_DATABASE_URL"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "hueandcry", *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


# --- the whole command ---------------------------------------------------------------------------


def test_help_names_every_command_and_loads_no_django() -> None:
    script = "import sys, hueandcry.doors.cli.main as m\ntry: m.run(['--help'])\nfinally:\n"
    script += "    assert not {'django', 'sqlite3', 'httpx'} & set(sys.modules), 'too much'\n"
    done = subprocess.run(
        [sys.executable, "-c", script], env=child_environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"  {name} " in done.stdout for name in main.COMMANDS)


@pytest.mark.parametrize("name", ["init", "keys", "log", "serve"])
def test_a_command_that_assesses_nothing_loads_no_model(name: str, tmp_path: Path) -> None:
    script = "import sys; from hueandcry.doors.cli import main; main.import_module("
    script += f"'hueandcry.doors.cli.' + main.COMMANDS[{name!r}][0])\n"
    script += "print([each for each in ('numpy', 'psycopg', 'rensa') if each in sys.modules])"
    environment = child_environment() | {"HUEANDCRY_DATA": str(tmp_path)}
    environment.pop("HUEANDCRY_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_usage_errors_exit_2_and_say_what_to_do(run: Run) -> None:
    for words in (
        [],
        ["frobnicate"],
        ["check"],
        ["check", "--wrong"],
        ["check", "a.example", "--kind", "smell"],
        ["report", "a.example", "--tlp", "PURPLE"],
        ["report", "a.example", "--verdict", "ugly"],
        ["token", "new", "--audience", "all"],
        ["token", "revoke", "first"],
        ["keys", "renew", "--purpose", "fun"],
        ["keys", "revoke", "act", "00", "--compromised-since", "yesterday"],
        ["log", "burn"],
    ):
        ran = run(*words)
        assert ran.code == 2, words
        assert ran.err or ran.out


def test_version_is_said(run: Run) -> None:
    assert run("--version").out.strip()


# --- founding, as processes ----------------------------------------------------------------------

INIT = ["init", "--name", "Bank", "--country", "vn", "--role", "bank", "--url"]
URL = "https://bank.example"


def test_a_node_is_founded_and_works_with_its_folder_named_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    ran = alone([*INIT, URL, "--json", "--data", folder])
    assert ran.code == 0, ran.err
    assert set(ran.json) == {"fingerprint", "url", "root_key", "administrator", "password"}
    assert ran.json["root_key"] == str(folder / "root")
    assert (folder / "root" / "root.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0
    again = alone([*INIT, URL, f"--data={folder}"])
    assert again.code == 1 and "already holds a node" in again.err and "another" in again.err
    checked = alone(["--data", folder, "check", "evil.example", "--json"])
    assert (checked.code, checked.json["verdict"]) == (0, "unknown")
    doctor = alone(["doctor", "--json", "--data", folder])
    assert doctor.code == 0
    warned = {each["check"]: each["result"] for each in doctor.json}
    assert (warned["database"], warned["root key"]) == ("well", "warning")
    given = b"one.example\n\xff\xfe\ntwo.example\n"
    words = [sys.executable, "-m", "hueandcry", "ingest", "-", "--json", "--data", str(folder)]
    environment = child_environment()
    environment.pop("HUEANDCRY_DATABASE_URL", None)
    done = subprocess.run(words, input=given, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([*INIT, "http://bank.example"], 2),
        ([*INIT, "http://127.0.0.1.evil.example"], 2),
        ([*INIT, "https://user@bank.example"], 2),
        ([*INIT[:5], "--role", "wizard", "--url", URL], 1),
        ([*INIT[:3], "--country", "Vietnam", "--role", "bank", "--url", URL], 2),
    ],
)
def test_a_node_that_cannot_be_founded_leaves_no_keys(
    tmp_path: Path, words: list[str], code: int
) -> None:
    ran = alone([*words, "--data", tmp_path / "node"])
    assert ran.code == code and ran.err.startswith("hueandcry: ")
    assert not (tmp_path / "node").exists()


def test_where_there_is_no_node_it_says_so_and_what_to_do(tmp_path: Path) -> None:
    ran = alone(["check", "evil.example", "--data", tmp_path])
    assert ran.code == 1
    assert str(tmp_path) in ran.err and "hueandcry init" in ran.err
    assert "Traceback" not in ran.err
    doctor = alone(["doctor", "--json", "--data", tmp_path])
    assert (doctor.code, doctor.json[0]["result"]) == (1, "wrong")


# --- check, report, retract, trace ---------------------------------------------------------------


def test_check_answers_one_line_a_value_in_order_whatever_the_verdict(run: Run) -> None:
    run("report", "evil.example")
    ran = run("check", "evil.example", "\x00?", "+66812345678", "--json")
    assert ran.code == 0
    first, second, third = ran.lines
    assert set(first) >= {"value", "kind", "canonical", "id", "verdict", "reasons", "until"}
    assert (first["value"], first["kind"], first["verdict"]) == ("evil.example", "domain", "scam")
    assert all(set(reason) == {"code", "params"} for reason in first["reasons"])
    assert second["verdict"] == "unknown" and second["reasons"]
    assert (third["kind"], third["verdict"]) == ("phone", "unknown")
    assert "evil.example" in run("check", "evil.example").out


def test_report_says_what_became_of_each_value(run: Run) -> None:
    ran = run("report", "hxxps://Evil[.]example/pay", "0812345678", "--kind", "auto", "--json")
    assert ran.code == 0
    url, phone = ran.json
    assert (url["kind"], url["outcome"]) == ("url", "raised")
    assert (phone["kind"], phone["canonical"]) == ("phone", "+66812345678")
    again = run("report", "0812345678", "--json").json[0]
    assert (again["outcome"], again["claim"]) == ("merged", phone["claim"])


def test_report_of_an_unreadable_value_raises_nothing(run: Run) -> None:
    ran = run("report", "good.example", "not a value at all")
    assert ran.code == 1 and ran.err.startswith("hueandcry: ")
    assert run("check", "good.example", "--json").json["verdict"] == "unknown"


def test_retract_withdraws_and_says_which_claims(run: Run) -> None:
    claim = run("report", "evil.example", "--json").json[0]["claim"]
    ran = run("retract", "evil.example", "--reason", "mistake", "--json")
    assert (ran.code, ran.json["claims"], ran.json["reason"]) == (0, [claim], "mistake")
    assert run("check", "evil.example", "--json").json["verdict"] == "unknown"
    again = run("retract", "evil.example", "--reason", "mistake")
    assert again.code == 1 and again.err


def test_trace_tells_every_hop_with_its_time_and_source(run: Run) -> None:
    assert run("trace", "evil.example", "--json").json == []
    run("report", "evil.example")
    ran = run("trace", "evil.example", "--json")
    (hop,) = ran.json
    assert set(hop) == {"name", "node", "at", "source"}
    assert (hop["name"], hop["node"], hop["source"]) == ("raised", "Centre", "own")
    assert "raised" in run("trace", "evil.example").out


# --- ingest --------------------------------------------------------------------------------------


def ingested(run: Run, path: Path, *words: object) -> dict[str, Any]:
    ran = run("ingest", path, "--json", *words)
    assert ran.code == 0, ran.err
    answer: dict[str, Any] = ran.json
    counted = answer["accepted"] + answer["merged"] + answer["rejected"]
    assert counted == answer["rows"]
    assert sum(answer["reasons"].values()) == answer["rejected"]
    return answer


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_list_is_taken_and_again_changes_nothing(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "list.txt", "# hosts", "one.example", "", "0.0.0.0 two.example")
    first = ingested(run, path, "--source", "feed")
    assert (first["rows"], first["accepted"], first["rejects_file"]) == (2, 2, None)
    again = ingested(run, path, "--source", "feed")
    assert (again["rows"], again["merged"]) == (2, 2)
    assert run("check", "two.example", "--json").json["verdict"] != "unknown"


@pytest.mark.parametrize("form", ["csv", "ndjson", "txt", "gz", "stdin", "bare"])
def test_half_of_the_lines_broken_is_taken_for_the_good_half(
    run: Run, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [f"host{n}.example" for n in range(20)]
    if form == "ndjson":
        bad = ["{", "[1]", '{"value":7}', '{"other":"x.example"}', '{"value":"a b c"}'] * 4
        lines = [json.dumps({"value": value, "x": 1}) for value in good]
    elif form in ("csv", "gz", "bare"):
        bad = ['1,"open', "2", '3,"a"b"c', "4,not a host", ","] * 4
        lines = [f"9,{value}" for value in good]
    else:
        bad = [
            "not a host",
            "a..b",
            "\x01\x02",
            "@@",
            "ten words that are no value of any kind",
        ] * 4
        lines = good
    mixed = [line for pair in zip(lines, bad, strict=True) for line in pair]
    if form in ("csv", "gz", "bare"):
        mixed.insert(0, "id,host")
    data = ("\n".join(mixed) + "\n").encode()
    suffix = {"gz": "csv.gz", "stdin": "txt"}.get(form, form)
    path: Any = tmp_path / ("list" if form == "bare" else f"list.{suffix}")
    path.write_bytes(gzip.compress(data) if form == "gz" else data)
    if form == "stdin":
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)))
        monkeypatch.setattr(sys, "stdin", stdin)
        path = "-"
    column = ["--column", "host"] if form in ("csv", "gz", "bare") else []
    answer = ingested(run, path, "--kind", "domain", *column)
    assert (answer["rows"], answer["accepted"], answer["rejected"]) == (40, 20, 20)
    rejects = [json.loads(x) for x in Path(answer["rejects_file"]).read_text().splitlines()]
    first = 3 if column else 2
    assert [each["line"] for each in rejects] == list(range(first, first + 40, 2))
    assert all(each["code"] for each in rejects)


def plain(path: Path, column: str | None = None) -> list[tuple[int, str]]:
    """Number and text of every row, the bad ones marked."""
    rows = Source(str(path), Options(column)).rows()
    return [(row.n, "\x00" * bool(row.fault) + row.text) for row in rows]


def test_a_csv_record_with_line_breaks_in_quotes_is_one_row(tmp_path: Path) -> None:
    path = written(
        tmp_path / "list.csv",
        "note,host",
        '"two',
        'lines",one.example',
        '"said ""hello""",two.example',
        "plain,three.example",
    )
    found = plain(path, "host")
    assert found == [(2, "one.example"), (4, "two.example"), (5, "three.example")]


def test_a_quote_that_nobody_closes_swallows_no_good_row(tmp_path: Path) -> None:
    path = written(
        tmp_path / "list.csv", "host,x", '"bad,1', "one.example,2", '"worse,3', "two.example,4"
    )
    values = [text for _, text in plain(path, "host")]
    assert [text for text in values if not text.startswith("\x00")] == [
        "one.example",
        "two.example",
    ]
    assert len(values) == 4


def test_an_endless_line_is_one_bad_row(tmp_path: Path) -> None:
    path = written(tmp_path / "list.txt", "one.example", "x" * (3 << 20), "two.example")
    found = plain(path)
    assert [n for n, _ in found] == [1, 2, 3]
    assert len(found[1][1]) < 1_000


def test_a_byte_order_mark_is_no_part_of_the_first_value(tmp_path: Path) -> None:
    for name, text in (
        ("a.csv", "\ufeffhost,x\none.example,1\n"),
        ("a.txt", "\ufeffone.example\n"),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        column = "host" if name == "a.csv" else None
        assert [value for _, value in plain(path, column)] == ["one.example"]


def test_a_file_that_was_cut_short_is_taken_as_far_as_it_goes(run: Run, tmp_path: Path) -> None:
    lines = "".join(f"host{n}.example\n" for n in range(20_000)).encode()
    path = tmp_path / "list.txt.gz"
    whole = gzip.compress(lines)
    path.write_bytes(whole[: len(whole) // 2])
    ran = run("ingest", path, "--json")
    assert ran.code == 1 and "ends in the middle" in ran.err
    assert ran.json["accepted"] > 1_000


def test_ingest_exits_1_only_when_everything_was_rejected(run: Run, tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.txt", "not a host", "nor this one")
    ran = run("ingest", bad, "--json")
    assert (ran.code, ran.json["rejected"]) == (1, 2)
    empty = written(tmp_path / "empty.txt", "")
    assert ingested(run, empty)["rows"] == 0


def test_a_missing_column_or_file_is_said_with_what_there_is(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "first,second", "a.example,b.example")
    for words in ([], ["--column", "third"]):
        ran = run("ingest", path, *words)
        assert ran.code == 1 and "first, second" in ran.err
    ran = run("ingest", tmp_path / "absent.csv")
    assert ran.code == 1 and "absent.csv" in ran.err


# --- tokens, keys, peers, ledger -----------------------------------------------------------------


def test_tokens_are_made_listed_and_revoked(run: Run) -> None:
    made = run("token", "new", "--audience", "green", "--note", "telco", "--json").json
    assert made["audience"] == "green" and len(made["token"]) > 20
    plain = run("token", "new", "--audience", "own")
    assert len(plain.out.strip()) > 20
    listed = run("token", "list", "--json").json
    assert [each["audience"] for each in listed] == ["green", "own"]
    assert made["token"] not in run("token", "list").out
    assert run("token", "revoke", listed[0]["number"]).code == 0
    assert run("token", "list", "--json").json[0]["revoked_at"] is not None
    again = run("token", "revoke", listed[0]["number"])
    assert again.code == 1 and "token list" in again.err
    assert Token.objects.count() == 2


def test_keys_are_listed_renewed_and_revoked(run: Run) -> None:
    before = run("keys", "list", "--json").json
    assert {each["purpose"] for each in before} == {"act", "transport", "log", "witness", "age"}
    renewed = run("keys", "renew", "--purpose", "act", "--json").json
    act = [each["key_id"] for each in renewed if each["purpose"] == "act"]
    old = next(each["key_id"] for each in before if each["purpose"] == "act")
    assert len(act) == 2 and act[1] == old
    ended = run("keys", "revoke", "act", old, "--json").json
    assert [each["key_id"] for each in ended if each["revoked_at"]] == [old]
    assert members.signing_key("act") == act[0]
    assert run("keys", "revoke", "act", "0" * 16).code == 1
    assert run("keys", "list").code == 0


def test_the_root_is_rotated(run: Run) -> None:
    before = own().root().next.public
    assert run("keys", "rotate-root").code == 0
    assert own().root().root.public == before
    assert run("keys", "rotate-root", "--finish").code == 0
    assert members.us().serial == 2


def test_a_node_without_peers_lists_none_and_syncs(run: Run) -> None:
    assert run("peer", "list", "--json").json == []
    assert "peer add" in run("peer", "list").out
    assert run("peer", "sync", "--json").json == []
    ran = run("peer", "suspend", "nobody")
    assert ran.code == 1 and "fingerprint" in ran.err


def test_the_ledger_is_read_again_and_a_changed_row_is_found(run: Run) -> None:
    run("report", "evil.example")
    well = run("log", "verify", "--json")
    assert well.code == 0
    assert (well.json["holds"], well.json["defects"]) == (True, [])
    assert {"entries", "checkpoints", "openings", "counts"} <= set(well.json)
    assert "verifies" in run("log", "verify").out
    card = Card.objects.get()
    card.log_record = b"{}"
    card.save()
    ran = run("log", "verify", "--json")
    assert (ran.code, ran.json["holds"]) == (1, False)
    words = run("log", "verify")
    assert words.code == 1 and "NOT" in words.out


def test_doctor_says_what_is_so_and_exits_by_it(run: Run) -> None:
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert all(set(each) == {"check", "result", "what", "do"} for each in ran.json)
    assert str(settings.DATA / "root") in run("doctor").out.replace("\n", "")


# --- lists in every format ------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "hosts", "csv", "ndjson", "stix", "rpz"])
def test_what_one_node_writes_another_can_take(run: Run, tmp_path: Path, form: str) -> None:
    run("report", "evil.example", "bad.example", "--tlp", "CLEAR")
    path = tmp_path / f"list{FORMATS[form].suffix}.gz"
    ran = run("lists", "write", "--format", form, "--output", path, "--kind", "domain", "--json")
    assert ran.code == 0, ran.err
    assert len(ran.json["sha256"]) == 64
    answer = ingested(run, path, "--source", "itself", "--format", form)
    assert (answer["format"], answer["rows"] - answer["rejected"]) == (form, 2)


def test_a_misp_feed_folder_is_written_and_read(run: Run, tmp_path: Path) -> None:
    run("report", "evil.example", "https://bad.example/pay", "--tlp", "CLEAR")
    folder = tmp_path / "feed"
    ran = run("lists", "write", "--format", "misp", "--output", folder, "--json")
    assert ran.json["entries"] == 2
    for path in (folder, folder / "manifest.json"):
        answer = ingested(run, path, "--source", "itself")
        assert (answer["format"], answer["rows"], answer["rejected"]) == ("misp", 2, 0)
    event = next(path for path in folder.glob("*.json") if path.name != "manifest.json")
    event.write_bytes(event.read_bytes() + b" ")
    ran = run("ingest", folder, "--json")
    assert (ran.code, ran.json["reasons"]) == (1, {"integrity": 1})


def test_a_list_on_stdout_is_the_list_alone(run: Run) -> None:
    run("report", "evil.example", "--tlp", "CLEAR")
    out = run("lists", "write", "--format", "ndjson", "--output", "-").out
    assert [json.loads(line)["value"] for line in out.splitlines()] == ["evil.example"]


def test_a_bundle_is_taken_with_an_account_of_every_object(run: Run, tmp_path: Path) -> None:
    run("report", "evil.example", "--tlp", "CLEAR")
    path = tmp_path / "list.json"
    run("lists", "write", "--format", "stix", "--output", path)
    bundle = json.loads(path.read_text())
    old = next(each for each in bundle["objects"] if each["type"] == "indicator")
    changes: list[dict[str, Any]] = [
        {"revoked": True},
        {"pattern": "[a:b = 'c' AND d:e = 'f']"},
        {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2021-01-01T00:00:00Z"},
        {"pattern_type": "yara"},
        {"created": 7},
    ]
    for n, more in enumerate(changes):
        id = f"indicator--00000000-0000-4000-8000-00000000000{n}"
        bundle["objects"].append({**old, "id": id, **more})
    bundle["objects"].append({"type": "domain-name", "id": "x", "value": "seen.example"})
    path.write_text(json.dumps(bundle, indent=2))
    answer = ingested(run, path, "--source", "bundle")
    assert (answer["rows"], answer["accepted"]) == (7, 1)
    assert answer["reasons"] == {
        "revoked": 1,
        "pattern": 1,
        "expired": 1,
        "pattern_type": 1,
        "indicator_shape": 1,
        "observable": 1,
    }
    assert set(answer["skipped"]) == {"marking-definition", "identity", "extension-definition"}


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "xls", "--output", "x"),
        ("--format", "csv", "--output", "x", "--audience", "all"),
        ("--format", "csv", "--output", "x", "--verdict", "benign"),
        ("--format", "csv", "--output", "x", "--kind", "car"),
        ("--format", "hosts", "--output", "x", "--kind", "phone"),
        ("--format", "csv", "--output", "/nowhere/at/all/x.csv"),
        ("--format", "misp", "--output", "-"),
    ],
)
def test_a_list_that_cannot_be_written_is_wrong_usage(run: Run, words: Sequence[str]) -> None:
    assert run("lists", "write", *words).code == 2


def test_every_format_is_named_by_the_command(run: Run) -> None:
    assert [each["format"] for each in run("lists", "formats", "--json").json] == list(FORMATS)


# --- saved sources --------------------------------------------------------------------------------


def test_a_source_is_saved_previewed_run_shown_paused_and_removed(run: Run) -> None:
    inbox = settings.DATA / "inbox"
    inbox.mkdir(exist_ok=True)
    path = written(inbox / "cli.csv", "id;host", "1;evil.example", "2;google.com", "3;not a host")
    words = ("--what", "file", "--address", path, "--column", "host", "--kind", "domain")
    added = run("source", "add", "list-a", *words, "--every", "15", "--paused", "--json")
    assert (added.code, added.json["state"], added.json["next_due"]) == (0, "paused", None)
    preview = run("source", "preview", "list-a", "--json").json
    assert (preview["new"], preview["rejected"], preview["allowed"]) == (2, 1, 1)
    assert "allow-listed, stays allowed: google.com" in run("source", "preview", "list-a").out
    done = run("source", "run", "list-a", "--json").json
    assert (done["outcome"], done["accepted"], done["reasons"]) == ("done", 2, {"not-a-domain": 1})
    shown = run("source", "show", "list-a", "--json").json
    assert [each["accepted"] for each in shown["runs"]] == [2]
    assert "1 rejected: not-a-domain" in run("source", "show", "list-a").out
    assert run("source", "resume", "list-a", "--json").json["state"] == "active"
    assert [each["name"] for each in run("source", "list", "--json").json] == ["list-a"]
    assert "list-a" in run("source", "list").out
    assert run("source", "pause", "list-a").code == 0
    assert run("source", "pause", "list-a").code == 1
    assert run("source", "remove", "list-a").code == 0
    assert run("source", "list", "--json").json == []
    path.unlink()


def test_a_secret_of_a_source_comes_by_a_file_and_is_never_shown(run: Run, tmp_path: Path) -> None:
    secret = written(tmp_path / "secret", "very-s3cret")
    words = ("--what", "taxii", "--address", "https://cert.example/taxii2/", "--paused")
    assert run("source", "add", "a", *words, "--user", "me").code == 2
    assert run("source", "add", "a", *words, "--secret-file", tmp_path / "none").code == 2
    assert run("source", "add", "a", *words, "--user", "me", "--secret-file", secret).code == 0
    shown = run("source", "show", "a", "--json")
    assert shown.json["auth"] == "basic" and "s3cret" not in shown.out
    assert run("source", "remove", "a").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--what", "ftp", "--address", "https://a.example/"), 2),
        (("--what", "file", "--address", "/etc/passwd"), 1),
        (("--what", "https", "--address", "https://a.example/", "--kind", "car"), 1),
    ],
)
def test_a_source_that_cannot_be_is_refused(run: Run, words: Sequence[str], code: int) -> None:
    ran = run("source", "add", "a", *words)
    assert ran.code == code and ran.err
