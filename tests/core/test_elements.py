"""Small XML documents: a tree comes back as it was written, and no trick of XML has an effect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.formats.elements import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    Element,
    read_xml,
    write_xml,
)

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True).filter(
    lambda name: not name.lower().startswith("xml")
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
lines = st.one_of(texts, texts.map(lambda text: f"\r{text}\t\n<&>\"' ]]>"))
leaves = st.builds(Element, names, lines, attributes=st.dictionaries(names, lines, max_size=2))
trees = st.recursive(
    leaves,
    lambda children: st.builds(
        Element, names, children=st.lists(children, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


@given(trees, st.sampled_from(["", "urn:of:a:test"]))
def test_a_tree_comes_back_as_it_was_written(tree: Element, namespace: str) -> None:
    data = write_xml(tree, namespace)
    assert read_xml(data) == (namespace, tree)
    assert write_xml(tree, namespace) == data


@given(st.binary(max_size=200))
def test_bytes_that_are_no_document_are_refused_in_one_way(data: bytes) -> None:
    try:
        read_xml(data)
    except HueError as refused:
        assert refused.code == "xml"


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (LAUGHS, "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://a.example/">]><a>&x;</a>', "document type"),
        (b"<!DOCTYPE a><a/>", "document type"),
        (b"<a>&x;</a>", "undefined entity"),
        (b"<?xml-stylesheet href='a.xsl'?><a/>", "processing instruction"),
        (b"<a><?php echo 1 ?></a>", "processing instruction"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>e</a>', "only UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>', "only UTF-8"),
        ("<a/>".encode("utf-16"), "not UTF-8"),
        ("<a/>".encode("utf-16-le"), "not UTF-8"),
        (b"<a>\xff</a>", "not UTF-8"),
        (b"<a>text<b/></a>", "text beside elements"),
        (b"<a><b/>text</a>", "line 1 has text"),
        (b"<a b='1' b='2'/>", "duplicate attribute"),
        (b"<a/><b/>", "junk after document element"),
        (b"<a>", "no element found"),
        (b"<x:a/>", "unbound prefix"),
        (b"", "no element found"),
    ],
)
def test_what_is_more_than_elements_and_text_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why) as refused:
        read_xml(data)
    assert refused.value.code == "xml"


def test_a_document_has_bounds_of_size_depth_and_count() -> None:
    deep = b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)
    many = b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>"
    large = b"<a>" + b" " * MAX_BYTES + b"</a>"
    for data, code in ((deep, "xml_depth"), (many, "xml_elements"), (large, "xml_size")):
        with pytest.raises(TooLarge) as refused:
            read_xml(data)
        assert refused.value.code == code
    assert read_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)[1].name == "a"


def test_a_mark_of_utf_8_is_no_part_of_the_text() -> None:
    assert read_xml(b"\xef\xbb\xbf<a/>") == ("", Element("a"))


def test_a_comment_does_not_cut_a_text_in_two() -> None:
    assert read_xml(b"<a>bank<!-- x -->.example<![CDATA[ & ]]></a>")[1].text == "bank.example & "


def test_an_element_of_another_namespace_never_passes_for_one_of_the_document() -> None:
    data = b'<n:a xmlns:n="urn:one" xmlns:m="urn:two"><m:b/><n:b/></n:a>'
    namespace, root = read_xml(data)
    assert (namespace, [each.name for each in root.children]) == ("urn:one", ["{urn:two}b", "b"])


def test_where_a_schema_is_said_to_lie_is_not_looked_at() -> None:
    data = (
        b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="u f.xsd"'
        b' i:type="b"/>'
    )
    (left,) = read_xml(data)[1].attributes
    assert left.endswith("}type")


@pytest.mark.parametrize("text", ["\0", "\x1b[2J", "\ud800", "\ufffe"])
def test_what_xml_cannot_carry_is_not_written(text: str) -> None:
    with pytest.raises(Malformed, match="cannot stand in XML"):
        write_xml(Element("a", f"before {text} after"))
