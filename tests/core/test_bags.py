"""Names in a bag mean one place on every system; tag files and the tar have one form."""

from __future__ import annotations

import io
import tarfile
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import bags
from hueandcry.core.errors import HueError, Malformed

GOOD = st.text("abcdefgh-_1234ไทย漢é", min_size=1, max_size=12).filter(
    lambda name: unicodedata.is_normalized("NFC", name)
)
PATHS = st.lists(GOOD, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "path_form"),
        ("/etc/passwd", "path_absolute"),
        ("\\\\server\\share", "path_absolute"),
        ("C:/autoexec", "path_absolute"),
        ("data/../../x", "path_climbs"),
        ("..", "path_climbs"),
        ("./data", "path_climbs"),
        ("data//x", "path_form"),
        ("data/", "path_form"),
        ("data\\x", "path_form"),
        ("data/a\nb", "path_form"),
        ("data/a\x00b", "path_form"),
        ("data/x%0A", "path_form"),
        ("data/file:stream", "path_form"),
        ("data/ends. ", "path_form"),
        ("data/ends.", "path_form"),
        ("data/NUL.txt", "path_form"),
        ("data/com1", "path_form"),
        ("data/\u202egpj.exe", "path_form"),
        ("data/" + "x" * 256, "path_form"),
        ("data/e\u0301.txt", "path_twin"),
        ("fetch.txt", "path_fetch"),
        ("FETCH.TXT", "path_fetch"),
    ],
)
def test_a_name_that_systems_read_differently_is_refused(path: str, code: str) -> None:
    with pytest.raises(HueError) as refused:
        bags.check_path(path)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["data/a", "data/a"], "path_double"),
        (["data/a", "DATA/A"], "path_twin"),
        (["data/straße", "data/STRASSE"], "path_twin"),
        (["data/\u00e9", "data/e\u0301"], "path_twin"),
        (["data/a", "data/a/b"], "path_twin"),
        (["data/a/b", "data/A"], "path_twin"),
    ],
)
def test_two_names_that_are_one_on_some_disk_are_refused(paths: list[str], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        bags.check_together(paths)
    assert refused.value.code == code


@given(st.text(max_size=300))
def test_a_safe_name_is_one_name_whatever_the_file_was_called(name: str) -> None:
    safe = bags.safe_name(name, "exhibit")
    bags.check_path(safe)
    assert "/" not in safe and len(safe.encode()) <= 130
    assert bags.safe_name(safe, "exhibit") == safe


def test_a_safe_name_keeps_what_people_recognise() -> None:
    assert bags.safe_name("แชท 1.txt", "exhibit") == "แชท 1.txt"
    assert bags.safe_name("C:\\chats\\a?b.zip", "exhibit") == "a_b.zip"
    assert bags.safe_name("x" * 300 + ".jpeg", "exhibit").endswith("x.jpeg")
    assert bags.safe_name("..", "exhibit") == "exhibit"


@given(st.dictionaries(PATHS, st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1))
def test_a_manifest_is_read_as_it_was_written(digests: dict[str, str]) -> None:
    assert bags.read_manifest(bags.manifest(digests), "sha256") == digests


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\n",
        b"00  a\n",
        b"0" * 64 + b" a\n",
        b"0" * 64 + b"  a",
        b"0" * 64 + b"  a\r\n",
        b"0" * 64 + b"  ../a\n",
        b"0" * 64 + b"  b\n" + b"0" * 64 + b"  a\n",
        (b"0" * 64 + b"  a\n") * 2,
        b"A" * 64 + b"  a\n",
    ],
)
def test_another_form_of_a_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        bags.read_manifest(data, "sha256")


def test_bag_info_says_each_thing_once() -> None:
    said = bags.info([("External-Identifier", "x"), ("Payload-Oxum", bags.oxum([5, 6]))])
    assert bags.read_info(said) == {"External-Identifier": "x", "Payload-Oxum": "11.2"}
    for wrong in (b"a: b\na: c\n", b"a: b\n folded\n", b"a\n"):
        with pytest.raises(Malformed):
            bags.read_info(wrong)


@given(st.dictionaries(PATHS, st.binary(max_size=2_000), min_size=1, max_size=6))
def test_any_tar_program_reads_the_tar(files: dict[str, bytes]) -> None:
    paths = sorted(files)
    body = b"".join(
        bags.tar_header(path, len(files[path])) + files[path] + bags.tar_padding(len(files[path]))
        for path in paths
    )
    whole = body + bags.tar_end(len(body))
    sizes = {path: len(files[path]) for path in paths}
    assert len(whole) == bags.tar_length(sizes) and len(whole) % tarfile.RECORDSIZE == 0
    with tarfile.open(fileobj=io.BytesIO(whole)) as read:
        members = read.getmembers()
        assert [member.name for member in members] == paths
        for member in members:
            held = read.extractfile(member)
            assert held is not None and held.read() == files[member.name]
            assert (member.mode, member.uid, member.gid, member.mtime) == (0o644, 0, 0, 0)
