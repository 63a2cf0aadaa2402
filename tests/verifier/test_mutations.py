"""Whatever is changed in a package is refused, at the check that it belongs to and in its words.

A stranger changes bytes; a dishonest member packs, signs and logs whatever it wants to. Signatures
are checked by OpenSSL here, with what was checked once remembered: `test_ed25519.py` shows that the
two agree.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import packages_made as made
from hueandcry.core import bags, custody, notes, packages
from hueandcry.core.custody import Action
from hueandcry.core.errors import HueError
from hueandcry.core.packages import Statement
from hueandcry.core.policies import Policy
from hueandcry.core.types import DAY, MINUTE, Micros
from hueandcry.engine.keys import ed25519 as openssl
from hueandcry.verifier import bag, contents, ed25519
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Report, Result
from packages_made import CHAT, COURT, FIRST, OTHER, THAI, VIET, Line, Package, Story

HOUR: Micros = 60 * MINUTE
INSIDE = frozenset({4, 5, 6, 7, 9, 10})  #: what is required where there is no note


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ed25519, "verify", _remembered)


@cache
def _remembered(public: bytes, signature: bytes, message: bytes) -> bool:
    return openssl.verify(public, signature, message)


@pytest.fixture
def place(tmp_path: Path) -> Callable[[bytes], Path]:
    def put(tar: bytes) -> Path:
        path = tmp_path / "package.tar"
        path.write_bytes(tar)
        return path

    return put


Place = Callable[[bytes], Path]


def without_note(quorum: str = "2", **changes: Any) -> Policy:
    return made.policy(quorum, required=INSIDE, **changes)


def failed(report: Report) -> dict[int, str]:
    """Number of each check that failed → its code."""
    return {each.n: each.code for each in report.checks if each.result is Result.FAIL}


def refused(place: Place, package: Package, n: int, code: str, policy: Policy | None = None) -> str:
    """Asserts that this check refuses with this code, and gives its words."""
    report = examine(place(package.tar), policy=policy or without_note())
    assert not report.accepted
    assert failed(report).get(n) == code, [check.value() for check in report.checks]
    return report.checks[n - 1].reason


def accepted(place: Place, package: Package, policy: Policy | None = None) -> Report:
    report = examine(place(package.tar), policy=policy or without_note())
    assert report.accepted, [check.value() for check in report.checks]
    return report


# --- what is true is accepted ---------------------------------------------------------------------


def test_a_package_with_a_hand_over_in_its_custody_is_accepted(place: Place) -> None:
    report = accepted(place, made.handed_on())
    assert [check.result for check in report.checks if check.n in INSIDE] == [Result.PASS] * 6
    assert {check.result for check in report.checks if check.n in (1, 2, 3, 8)} == {
        Result.NOT_CHECKED
    }


def test_without_a_policy_nothing_is_accepted_and_trust_is_not_checked(place: Place) -> None:
    report = examine(place(made.handed_on().tar))
    assert not report.accepted and not failed(report)
    results = {check.n: check.result for check in report.checks}
    assert {n for n, result in results.items() if result is Result.PASS} == {4, 6, 10}


def test_an_exhibit_without_a_byte_is_an_exhibit(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, b"", "EX-1")
    accepted(place, made.pack(story, THAI, THAI, {FIRST: b""}, package=made.SHIPPED))


# --- every byte -----------------------------------------------------------------------------------


def refusing(tar: bytes, path: Path, policy: Policy) -> bool:
    """Whether these bytes are refused; by the quick checks where these suffice."""
    with path.open("r+b") as file:
        file.write(tar)
    with path.open("rb") as file:
        held = contents.index_tar(file, lambda: path.open("rb"))
    try:
        bag.check(held)
    except HueError:
        return True
    return not examine(path, policy=policy).accepted


def test_every_byte_of_a_package_matters(tmp_path: Path) -> None:
    """One bit of each byte, another one from byte to byte.

    Left out is who is said to have cosigned: by C2SP a signature of somebody unknown is as good as
    none, so a changed name takes one witness away, and the quorum is asked of the last state.
    """
    whole = bytearray(made.smallest().tar)
    path, policy = tmp_path / "package.tar", without_note("1")
    path.write_bytes(whole)
    assert not refusing(bytes(whole), path, policy)
    unnoticed = []
    for at in range(len(whole)):
        whole[at] ^= 1 << at % 8
        if not refusing(bytes(whole), path, policy):
            unnoticed.append(at)
        whole[at] ^= 1 << at % 8
    said = re.finditer(rb"\xe2\x80\x94 viet\.example/witness [A-Za-z0-9+/]{6}", bytes(whole))
    names = {at for line in said for at in range(*line.span())}
    assert set(unnoticed) <= names


def test_a_package_cut_at_any_place_or_with_more_behind_it_is_refused(place: Place) -> None:
    tar = made.smallest().tar
    for length in [*range(0, len(tar), 173), len(tar) - 1, len(tar) - 512]:
        report = examine(place(tar[:length]), policy=without_note("1"))
        assert 4 in failed(report)
    for more in (b"\x00", bytes(512), bytes(10_240), tar):
        report = examine(place(tar + more), policy=without_note("1"))
        assert failed(report)[4] == "tar_form"


# --- custody lines, by a packer who lies ----------------------------------------------------------


def lying(change: Callable[[list[Line]], list[Line]], story: Story | None = None) -> Package:
    return made.handed_on(story, change_lines=change)


@pytest.mark.parametrize("number", range(12))
def test_a_custody_line_that_is_left_out_is_missed(place: Place, number: int) -> None:
    package = lying(lambda lines: lines[:number] + lines[number + 1 :])
    codes = {
        0: "custody_start",
        5: "custody_handed",
        6: "custody_start",
        11: "custody_handed",
    }
    refused(place, package, 9, codes.get(number, "custody_gap"))


@pytest.mark.parametrize("number", range(12))
def test_a_custody_line_that_is_told_twice_is_noticed(place: Place, number: int) -> None:
    package = lying(lambda lines: lines[: number + 1] + lines[number:])
    refused(place, package, 6, "entry_twice")


@pytest.mark.parametrize("number", [n for n in range(11) if n != 5])
def test_custody_lines_that_changed_places_are_noticed(place: Place, number: int) -> None:
    def swap(lines: list[Line]) -> list[Line]:
        return [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]

    start = number in (0, 6)
    refused(place, lying(swap), 9, "custody_start" if start else "custody_gap")


def test_custody_of_exhibits_in_another_order_is_noticed(place: Place) -> None:
    refused(place, lying(lambda lines: lines[6:] + lines[:6]), 9, "custody_order")


def retold(number: int, **facts: Any) -> Callable[[list[Line]], list[Line]]:
    """One event said otherwise: its record is another, its signature and proof stay."""

    def change(lines: list[Line]) -> list[Line]:
        event = replace(lines[number].event, **facts)
        line = replace(lines[number].line, record=custody.record(event))
        return [*lines[:number], Line(line, lines[number].proof), *lines[number + 1 :]]

    return change


@pytest.mark.parametrize("number", range(12))
def test_an_event_that_is_dated_back_is_not_in_the_log(place: Place, number: int) -> None:
    package = lying(retold(number, at=made.START - 30 * DAY))
    words = refused(place, package, 6, "proof")
    assert f"Custody line {number}" in words


def test_an_event_that_was_never_signed_is_noticed(place: Place) -> None:
    """Logged on packing day as it should be, but under a signature over something else."""
    story = made.told()

    def change(lines: list[Line]) -> list[Line]:
        event = replace(lines[-1].event, reason="Case 18")
        line = story.logged(VIET, event)
        forged = replace(line.line, signature=lines[-1].line.signature)
        return [*lines[:-1], Line(forged, line.proof)]

    refused(place, lying(change, story), 9, "custody_signature")


def invented(story: Story, at: int, seen: int | None = None) -> Callable[[list[Line]], list[Line]]:
    """The holder makes one of its own events up on packing day, and logs it with its own keys.

    Events after it are told anew, so that the links hold.
    """

    def change(lines: list[Line]) -> list[Line]:
        kept, told = lines[:4], lines[4:6]
        before = kept[-1]
        made_up = story.event(VIET, FIRST, Action.ACCESSED, n=4, at=at, reason="Never happened")
        made_up = replace(made_up, prev=custody.link(before.line.record), description=None)
        fresh = [story.logged(VIET, made_up, seen)]
        for each in told:
            again = replace(
                each.event, n=each.event.n + 1, prev=custody.link(fresh[-1].line.record)
            )
            fresh.append(story.logged(VIET, again, seen))
        return [*kept, *fresh, *lines[6:]]

    return change


def test_events_made_up_on_packing_day_were_seen_by_no_witness_in_time(place: Place) -> None:
    story = made.told()
    at = story.lines[FIRST][3].event.at
    story.now += 40 * DAY
    package = lying(invented(story, at + MINUTE), story)
    words = refused(place, package, 9, "back_dated")
    assert "no witness saw it before" in words


def test_an_event_that_was_logged_before_an_earlier_one_is_noticed(place: Place) -> None:
    """The log itself shows the order in which a holder really wrote its events."""
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    held = story.lines[FIRST]
    one = story.event(THAI, FIRST, Action.ACCESSED)
    two = replace(
        story.event(THAI, FIRST, Action.ACCESSED), n=3, prev=custody.link(custody.record(one))
    )
    later = story.logged(THAI, two)
    story.lines[FIRST] = [*held, story.logged(THAI, one), later]
    package = made.pack(story, THAI, THAI, {FIRST: CHAT}, package=made.SHIPPED)
    refused(place, package, 9, "custody_place")


def test_an_event_by_a_member_to_whom_nothing_was_handed_is_noticed(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    story.does(VIET, FIRST, Action.ACCESSED)
    package = made.pack(story, VIET, VIET, {FIRST: CHAT}, package=made.SHIPPED)
    refused(place, package, 9, "custody_holder")


def test_a_hand_over_that_was_to_somebody_else_is_noticed(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    made.handed_over(story, THAI, OTHER, FIRST, CHAT, made.SHIPPED)
    made.taken_over(story, VIET, THAI, FIRST, CHAT, made.SHIPPED)
    package = made.pack(story, VIET, VIET, {FIRST: CHAT}, package=made.ONWARD)
    refused(place, package, 9, "custody_transfer")


def test_a_package_that_its_custody_does_not_tell_of_is_noticed(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    package = made.pack(story, THAI, VIET, {FIRST: CHAT}, package=made.SHIPPED)
    refused(place, package, 9, "custody_handed")


def test_an_exhibit_with_the_custody_of_other_bytes_is_noticed(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    package = made.pack(story, THAI, THAI, {FIRST: b"other bytes"}, package=made.SHIPPED)
    refused(place, package, 9, "custody_exhibit_bytes")


def test_what_was_destroyed_is_not_packed(place: Place) -> None:
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    story.does(THAI, FIRST, Action.DESTROYED, authority=made.LAWFUL)
    package = made.pack(story, THAI, THAI, {FIRST: CHAT}, package=made.SHIPPED)
    refused(place, package, 9, "custody_destroyed")


# --- signatures of other members ------------------------------------------------------------------


@pytest.mark.parametrize("number", range(12))
def test_a_line_signed_by_another_member_is_noticed(place: Place, number: int) -> None:
    def change(lines: list[Line]) -> list[Line]:
        line = lines[number].line
        forged = replace(line, kid=OTHER.kid, signature=OTHER.sign(custody.message(line.record)))
        return [*lines[:number], Line(forged, lines[number].proof), *lines[number + 1 :]]

    words = refused(place, lying(change), 9, "custody_signer")
    assert f"Custody line {number}" in words


@pytest.mark.parametrize("number", range(12))
def test_a_line_under_the_name_of_its_member_by_the_key_of_another_is_noticed(
    place: Place, number: int
) -> None:
    def change(lines: list[Line]) -> list[Line]:
        line = lines[number].line
        forged = replace(line, signature=OTHER.sign(custody.message(line.record)))
        return [*lines[:number], Line(forged, lines[number].proof), *lines[number + 1 :]]

    refused(place, lying(change), 9, "custody_signature")


def test_a_statement_by_a_member_that_holds_nothing_is_noticed(place: Place) -> None:
    """Its entry names the document, so the log of the packer was made to speak of it too."""
    refused(place, made.handed_on(signer=OTHER), 9, "custody_holder")


def test_a_statement_by_nobody_whom_the_policy_names_is_noticed(place: Place) -> None:
    known = without_note()
    others = tuple(key for key in known.keys if key.member != VIET.fingerprint)
    policy = without_note(keys=others)
    refused(place, made.handed_on(), 5, "key_unknown", policy)
    refused(place, made.handed_on(), 7, "log_owner", policy)


def test_an_exhibit_of_another_size_than_stated_is_noticed(place: Place) -> None:
    def change(said: Statement) -> Statement:
        first, *rest = said.exhibits
        return replace(said, exhibits=(replace(first, size=first.size + 1), *rest))

    refused(place, made.handed_on(change_statement=change), 5, "statement_exhibit")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: replace(said, lines=said.lines + 1), "statement_lines"),
        (lambda said: replace(said, tagmanifest="ab" * 32), "statement_digest"),
        (lambda said: replace(said, request="ab" * 32), "statement_request"),
        (lambda said: replace(said, package=made.identifier(9)), "statement_package"),
        (lambda said: replace(said, exhibits=said.exhibits[:1]), "statement_exhibit"),
    ],
)
def test_a_statement_about_something_else_is_noticed(
    place: Place, change: Callable[[Statement], Statement], code: str
) -> None:
    refused(place, made.handed_on(change_statement=change), 5, code)


# --- proofs and logs ------------------------------------------------------------------------------


def other_log_story() -> Story:
    """The same events in the logs of a partnership that also has other entries."""
    story = Story()
    story.log(THAI).append(b"something else")
    story.log(VIET).append(b"something else")
    return made.told(story)


@pytest.mark.parametrize("number", range(12))
def test_a_proof_from_another_log_is_noticed(place: Place, number: int) -> None:
    """The Thai log's proof for the same record, had it been logged elsewhere."""
    story = made.told()

    def change(lines: list[Line]) -> list[Line]:
        log = story.log(OTHER)
        salt, index = log.append(lines[number].line.record)
        proof = log.proof(index, log.checkpoint(story.now))
        line = replace(lines[number].line, salt=salt)
        return [*lines[:number], Line(line, proof), *lines[number + 1 :]]

    refused(place, lying(change, story), 6, "proof_place")


@pytest.mark.parametrize("number", range(12))
def test_a_line_in_the_log_of_another_member_is_noticed(place: Place, number: int) -> None:
    story = made.told()

    def change(lines: list[Line]) -> list[Line]:
        line = lines[number].line
        log = story.log(OTHER)
        salt, index = log.append(line.record)
        proof = log.proof(index, log.checkpoint(lines[number].event.at + MINUTE))
        elsewhere = replace(line, salt=salt, origin=OTHER.log.name, index=index)
        return [*lines[:number], Line(elsewhere, proof), *lines[number + 1 :]]

    refused(place, lying(change, story), 9, "custody_log")


@pytest.mark.parametrize("number", range(11))
def test_a_proof_of_another_line_is_noticed(place: Place, number: int) -> None:
    def change(lines: list[Line]) -> list[Line]:
        swapped = Line(lines[number].line, lines[number + 1].proof)
        return [*lines[:number], swapped, *lines[number + 1 :]]

    report = examine(place(lying(change).tar), policy=without_note())
    assert failed(report)[6] in ("proof", "proof_place")


def provenance(change: Callable[[dict[str, bytes]], object]) -> Package:
    package = made.handed_on()
    change(package.files)
    return package


def test_a_proof_that_is_missing_or_left_over_is_noticed(place: Place) -> None:
    missing = provenance(lambda files: files.pop(packages.custody_proof(3)))
    refused(place, missing, 6, "proof_missing")
    spare = made.handed_on()
    spare.files[packages.custody_proof(12)] = spare.files[packages.custody_proof(11)]
    refused(place, spare, 6, "proof_extra")


def test_a_log_that_was_rewritten_is_noticed(place: Place) -> None:
    """A second history with one entry changed leads to no consistency with what was seen."""
    story = made.told()
    rewritten = other_log_story()

    package = made.handed_on(story)
    other = made.handed_on(rewritten)
    package.files[packages.CHECKPOINT] = other.files[packages.CHECKPOINT]
    report = examine(place(package.tar), policy=without_note())
    assert failed(report)[6] in ("checkpoint_last", "consistency", "consistency_missing", "fork")


def test_two_states_of_one_size_are_a_fork(place: Place) -> None:
    story, package = made.told(), made.handed_on()
    log = story.log(VIET)
    log.append(b"another entry than the package")
    package.files[packages.CHECKPOINT] = log.checkpoint(story.now)
    words = refused(place, package, 6, "fork")
    assert "shown differently" in words


def consistency_of(package: Package) -> list[packages.Consistency]:
    return packages.read_consistency(package.files[packages.CONSISTENCY])


def test_consistency_that_is_missing_spare_or_of_another_log_is_noticed(place: Place) -> None:
    package = made.handed_on()
    proofs = consistency_of(package)
    package.files[packages.CONSISTENCY] = packages.consistency(proofs[1:])
    refused(place, package, 6, "consistency_missing")
    spare = replace(proofs[0], old=proofs[-1].new)
    package.files[packages.CONSISTENCY] = packages.consistency([*proofs, spare])
    refused(place, package, 6, "consistency_extra")
    wrong = replace(proofs[1], hashes=(bytes(32), *proofs[1].hashes[1:]))
    package.files[packages.CONSISTENCY] = packages.consistency([proofs[0], wrong, *proofs[2:]])
    words = refused(place, package, 6, "consistency")
    assert "does not contain" in words


def test_a_log_that_the_policy_does_not_name_is_refused(place: Place) -> None:
    policy = without_note(logs=(THAI.log, COURT.log))
    refused(place, made.handed_on(), 7, "log_unknown", policy)


def test_too_few_witnesses_are_no_quorum_and_ones_own_counts_for_nothing(place: Place) -> None:
    story = Story(witnesses={"viet": [VIET, COURT], "thai": [VIET, COURT, OTHER]})
    package = made.handed_on(made.told(story))
    words = refused(place, package, 7, "quorum")
    assert "viet.example/log/0: 1" in words
    accepted(place, package, without_note("1"))


def test_a_cosignature_that_does_not_hold_refuses_the_checkpoint(place: Place) -> None:
    package = made.handed_on()
    note = notes.parse_note(package.files[packages.CHECKPOINT])
    log, first, *rest = note.signatures
    broken = replace(first, signature=first.signature[:-1] + b"\x00")
    package.files[packages.CHECKPOINT] = notes.Note(note.text, (log, broken, *rest)).encode()
    refused(place, package, 7, "signature")


# --- keys that ended or failed --------------------------------------------------------------------


def keys_of(member: made.Member, start: int, end: int) -> Policy:
    others = [key for key in made.policy().keys if key.member != member.fingerprint]
    return without_note(keys=(*others, *member.policy_keys(start, end)))


def test_a_key_that_ended_before_or_begins_after_does_not_stand(place: Place) -> None:
    package, story = made.handed_on(), made.told()
    last = story.now
    ended = keys_of(THAI, made.START - DAY, made.START + MINUTE)
    refused(place, package, 9, "key_not_valid", ended)
    early = keys_of(THAI, last + DAY, last + 700 * DAY)
    refused(place, package, 9, "key_not_valid", early)
    accepted(place, package, keys_of(THAI, made.START - DAY, last + DAY))
    refused(place, package, 5, "key_not_valid", keys_of(VIET, made.START, made.START + MINUTE))


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (30 * DAY, 31 * DAY, ""),
        (20 * HOUR, 30 * HOUR, ""),
        (0, 30 * HOUR, "disputed"),
        (-2 * HOUR, 0, "key_revoked"),
        (3 * HOUR, 30 * HOUR, "disputed"),
    ],
)
def test_a_key_that_failed_is_judged_by_when_others_saw_the_signature(
    place: Place, since: int, until: int, code: str
) -> None:
    policy = made.failing_key(THAI, made.START + since, made.START + until)
    policy = replace(policy, required=INSIDE)
    if not code:
        accepted(place, made.handed_on(), policy)
        return
    words = refused(place, made.handed_on(), 9, code, policy)
    assert "DISPUTED" in words or "DOES NOT STAND" in words


def test_a_thief_cannot_date_a_signature_back_before_the_key_failed(place: Place) -> None:
    """The record says a day on which the key was sound; witnesses saw it after the theft."""
    story = Story()
    made.taken_in(story, THAI, FIRST, CHAT, "EX-1")
    stolen = story.now + 10 * DAY
    stated = story.now + MINUTE
    story.now = stolen + DAY
    event = story.event(THAI, FIRST, Action.ACCESSED, at=stated)
    story.lines[FIRST].append(story.logged(THAI, event))
    package = made.pack(story, THAI, THAI, {FIRST: CHAT}, package=made.SHIPPED)
    policy = made.failing_key(THAI, stolen, stolen + 2 * HOUR)
    refused(place, package, 9, "key_revoked", replace(policy, required=INSIDE, delay=None))


def test_the_key_of_a_log_that_failed_refuses_its_states(place: Place) -> None:
    policy = made.failing_key(VIET, made.START, made.START + MINUTE, "log")
    refused(place, made.handed_on(), 7, "key_revoked", replace(policy, required=INSIDE))


def test_a_record_cannot_be_younger_than_its_witness(place: Place) -> None:
    story = Story()
    story.does(THAI, FIRST, Action.ACQUIRED, outputs=made.content(CHAT))
    event = story.event(THAI, FIRST, Action.ACCESSED, at=story.now + 3 * HOUR)
    story.lines[FIRST].append(story.logged(THAI, event))
    package = made.pack(story, THAI, THAI, {FIRST: CHAT}, package=made.SHIPPED)
    refused(place, package, 9, "time_ahead")


# --- bags with tricks -----------------------------------------------------------------------------

TOP = str(made.SHIPPED)


def tampered(change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The smallest package with files added or taken out after it was signed."""
    files = {f"{TOP}/{path}": data for path, data in made.smallest().files.items()}
    change(files)
    return made.tar_of(files)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (f"{TOP}/../escape", "path_climbs"),
        ("../escape", "path_climbs"),
        ("/etc/passwd", "path_absolute"),
        (f"{TOP}/data/exhibits/EX-1/CHAT.TXT", "path_twin"),
        (f"{TOP}/data/exhibits/EX-1/e\u0301.txt", "path_twin"),
        (f"{TOP}/data/exhibits/EX-1/a\\b", "path_form"),
        (f"{TOP}/data/exhibits/EX-1/more.txt", "bag_extra"),
        (f"{TOP}/fetch.txt", "path_fetch"),
        (f"{TOP}/provenance/readme.txt", "bag_extra"),
        (f"{TOP}/hidden", "bag_extra"),
        ("elsewhere/file", "bag_top"),
        ("file", "bag_top"),
    ],
)
def test_a_file_that_does_not_belong_there_is_refused(place: Place, name: str, code: str) -> None:
    tar = tampered(lambda files: files.update({name: b"x"}))
    report = examine(place(tar), policy=without_note("1"))
    assert failed(report)[4] == code, report.checks[3].reason


@pytest.mark.parametrize("path", [*made.smallest().files])
def test_a_file_that_is_missing_is_missed(place: Place, path: str) -> None:
    tar = tampered(lambda files: files.pop(f"{TOP}/{path}"))
    report = examine(place(tar), policy=without_note("1"))
    assert not report.accepted
    inside = path.startswith("provenance/")
    assert (4 in failed(report)) is not inside


def with_entry(header: bytes, data: bytes = b"") -> bytes:
    """The smallest package with one more entry of any kind at its end."""
    files = {f"{TOP}/{path}": data for path, data in made.smallest().files.items()}
    body = b"".join(made.tar_member(path, files[path]) for path in sorted(files))
    body += header + data + bags.tar_padding(len(data))
    return body + bags.tar_end(len(body))


def header_of_type(kind: bytes, link: str = "") -> bytes:
    entry = tarfile.TarInfo(f"{TOP}/zzz")
    entry.type, entry.linkname = kind, link
    return entry.tobuf(tarfile.PAX_FORMAT)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (b"1", "tar_link"),
        (b"2", "tar_link"),
        (b"3", "tar_device"),
        (b"4", "tar_device"),
        (b"6", "tar_device"),
        (b"5", "tar_form"),
        (b"7", "tar_form"),
        (b"S", "tar_form"),
        (b"L", "tar_form"),
        (b"g", "tar_form"),
    ],
)
def test_what_is_no_plain_file_is_refused(place: Place, kind: bytes, code: str) -> None:
    report = examine(place(with_entry(header_of_type(kind, "/etc/passwd"))))
    assert failed(report)[4] == code


def test_a_file_that_stands_twice_is_refused(place: Place) -> None:
    files = {f"{TOP}/{path}": data for path, data in made.smallest().files.items()}
    last = max(files)
    report = examine(place(with_entry(made.tar_member(last, b"another one"))))
    assert failed(report)[4] == "path_double"


def test_a_tar_in_another_order_or_form_is_refused_with_what_to_do(place: Place) -> None:
    files = {f"{TOP}/{path}": data for path, data in made.smallest().files.items()}
    body = b"".join(made.tar_member(path, files[path]) for path in sorted(files, reverse=True))
    report = examine(place(body + bags.tar_end(len(body))))
    assert failed(report)[4] == "tar_order"
    other = bytearray(made.smallest().tar)
    other[100:108] = b"0000777\x00"
    other[148:156] = f"{sum(other[:148]) + 256 + sum(other[156:512]):06o}\0 ".encode()
    report = examine(place(bytes(other)))
    assert failed(report)[4] == "tar_form"
    assert "verify the folder" in report.checks[3].reason


def test_a_manifest_of_the_packer_that_names_another_digest_is_refused(place: Place) -> None:
    package = made.smallest()
    name = bags.MANIFESTS["sha512"]
    lines = package.files[name].splitlines(keepends=True)
    package.files[name] = lines[0].replace(lines[0][:4], b"0000") + b"".join(lines[1:])
    tags = {path: hashlib.sha256(package.files[path]).hexdigest() for path in bags.TAGGED}
    package.files[bags.TAG_MANIFEST] = bags.manifest(tags)
    refused(place, package, 4, "bag_changed")


# --- the case graph -------------------------------------------------------------------------------


def graph(change: Callable[[list[dict[str, object]]], object]) -> Package:
    def altered(files: dict[str, bytes]) -> dict[str, bytes]:
        said = json.loads(files[packages.CASE])
        change(said["@graph"])
        return {**files, packages.CASE: json.dumps(said).encode()}

    return made.handed_on(change_payload=altered)


def _of_type(nodes: list[dict[str, object]], kind: str) -> dict[str, object]:
    return next(node for node in nodes if str(node["@type"]).endswith(kind))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda nodes: nodes.remove(_of_type(nodes, "InvestigativeAction")), "case_event"),
        (
            lambda nodes: _of_type(nodes, "InvestigativeAction").update(
                {"uco-core:name": "destroyed"}
            ),
            "case_event",
        ),
        (
            lambda nodes: _of_type(nodes, "InvestigativeAction").update(
                {"uco-action:startTime": {"@value": "2020-01-01T00:00:00Z"}}
            ),
            "case_event",
        ),
        (
            lambda nodes: nodes.append(
                {
                    "@id": f"kb:action-{made.identifier(77)}",
                    "@type": "case-investigation:InvestigativeAction",
                }
            ),
            "case_event",
        ),
        (lambda nodes: nodes.remove(_of_type(nodes, "ProvenanceRecord")), "case_exhibit"),
        (
            lambda nodes: _of_type(nodes, "ProvenanceRecord").update(
                {"case-investigation:exhibitNumber": "EX-9"}
            ),
            "case_exhibit",
        ),
        (lambda nodes: _of_type(nodes, ":File").update({"uco-core:hasFacet": []}), "case_exhibit"),
        (lambda nodes: nodes.remove(_of_type(nodes, ":File")), "case_reference"),
        (lambda nodes: nodes.append(nodes[0]), "case_node"),
        (lambda nodes: nodes[0].update({"@id": "kb:file"}), "case_node"),
    ],
)
def test_a_graph_that_tells_another_story_is_refused(
    place: Place, change: Callable[[list[dict[str, object]]], object], code: str
) -> None:
    refused(place, graph(change), 10, code)


def test_a_graph_that_is_none_is_refused(place: Place) -> None:
    for data in (b"", b"[]", b"{}", b'{"@context":{},"@graph":1}', b'{"@graph":[]}', b"[" * 999):
        package = made.handed_on(
            change_payload=lambda files, data=data: {**files, packages.CASE: data}
        )
        assert 10 in failed(examine(place(package.tar), policy=without_note()))
