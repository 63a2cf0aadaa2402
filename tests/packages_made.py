"""Small packages of evidence, made without a node: members, logs with witnesses, custody, bags.

Whoever packs here may lie: lines and files can be changed before the packer signs, so that what
only a dishonest member could do is tried as well as what a stranger could.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from core.signing import private, public
from hueandcry.core import bags, custody, ids, jws, notes, packages, tlog
from hueandcry.core.custody import Action, Content, Counterpart, Event
from hueandcry.core.keys import key_id
from hueandcry.core.notes import COSIGNATURE, ED25519, Checkpoint, VerifierKey
from hueandcry.core.packages import Consistency, CustodyLine, Exhibit, File, Opening, Statement
from hueandcry.core.policies import Policy, PolicyKey
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, MINUTE, SECOND, Micros

START: Micros = read_time("2026-01-05T08:00:00.000000Z")
LAWFUL = "Criminal Procedure Code section 132, order 7/2026"


def identifier(number: int) -> UUID:
    """A UUIDv7 that is the same in every run."""
    return ids.uuid7(START, number.to_bytes(10, "big"))


@dataclass(frozen=True)
class Member:
    """A member with one key for each purpose, from three seeds."""

    name: str
    seed: int

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def kid(self) -> str:
        return f"{self.fingerprint}/{key_id(public(self.seed))}"

    @property
    def log(self) -> VerifierKey:
        return VerifierKey(f"{self.name}.example/log/0", ED25519, public(self.seed + 1))

    @property
    def witness(self) -> VerifierKey:
        return VerifierKey(f"{self.name}.example/witness", COSIGNATURE, public(self.seed + 2))

    def sign(self, message: bytes) -> bytes:
        return private(self.seed).sign(message)

    def policy_keys(
        self, start: Micros = START - DAY, end: Micros = START + 700 * DAY
    ) -> list[PolicyKey]:
        return [
            PolicyKey(purpose, self.fingerprint, public(self.seed + n), start, end)
            for n, purpose in enumerate(("act", "log", "witness"))
        ]


THAI = Member("thai", 20)
VIET = Member("viet", 30)
COURT = Member("court", 40)
OTHER = Member("other", 50)
EVERYBODY = (THAI, VIET, COURT, OTHER)


@dataclass
class Log:
    """A member's log; every state may be cosigned by others at the time that they saw it."""

    owner: Member
    witnesses: Sequence[Member]
    leaves: list[bytes] = field(default_factory=list)

    def append(self, record: bytes) -> tuple[bytes, int]:
        """(salt, index) of the new entry."""
        index = len(self.leaves)
        salt = hashlib.sha256(f"{self.owner.name} {index}".encode()).digest()
        self.leaves.append(tlog.leaf_hash(tlog.commitment(record, salt)))
        return salt, index

    @property
    def tree(self) -> tlog.MerkleTree:
        return tlog.MerkleTree(self.leaves)

    def checkpoint(self, at: Micros) -> bytes:
        """The state now, signed, and cosigned at `at`."""
        head = Checkpoint(self.owner.log.name, len(self.leaves), self.tree.root)
        note = notes.sign_checkpoint(head, self.owner.log, private(self.owner.seed + 1).sign)
        seen = [
            notes.cosign(head.text, each.witness, at // SECOND, private(each.seed + 2).sign)
            for each in self.witnesses
        ]
        return notes.Note(note.text, (*note.signatures, *seen)).encode()

    def proof(self, index: int, checkpoint: bytes, extra: bytes = b"") -> bytes:
        """The proof of an entry under a state that was signed before."""
        size = Checkpoint.read(notes.parse_note(checkpoint).text).size
        hashes = tlog.inclusion_proof(index, size, self.tree.read)
        return notes.ProofFile(index, hashes, checkpoint, extra).encode()


@dataclass(frozen=True)
class Line:
    """A custody line and its proof."""

    line: CustodyLine
    proof: bytes

    @property
    def event(self) -> Event:
        return custody.read_record(self.line.record)


@dataclass
class Story:
    """What happened: members do things with exhibits, and their logs grow."""

    witnesses: Mapping[str, Sequence[Member]] = field(default_factory=dict)
    now: Micros = START
    logs: dict[str, Log] = field(default_factory=dict)
    lines: dict[UUID, list[Line]] = field(default_factory=dict)
    events: int = 0

    def log(self, of: Member) -> Log:
        usual = [each for each in EVERYBODY if each is not of][:3]
        witnesses = self.witnesses.get(of.name, usual)
        return self.logs.setdefault(of.name, Log(of, witnesses))

    def does(self, who: Member, exhibit: UUID, action: Action, **facts: Any) -> Line:
        """One event, an hour after the last one, logged and witnessed within a minute."""
        self.now += 60 * MINUTE
        event = self.event(who, exhibit, action, **facts)
        line = self.logged(who, event)
        self.lines.setdefault(exhibit, []).append(line)
        return line

    def event(self, who: Member, exhibit: UUID, action: Action, **facts: Any) -> Event:
        before = self.lines.get(exhibit, [])
        self.events += 1
        said: dict[str, Any] = {
            "event": identifier(1_000 + self.events),
            "exhibit": exhibit,
            "number": before[0].event.number if before else "EX-1",
            "n": len(before),
            "prev": custody.link(before[-1].line.record) if before else None,
            "action": action,
            "at": self.now,
            "actor": custody.Actor(who.fingerprint, "p-0123456789abcdef", "police"),
            "reason": "Case 17",
            "description": None if before else "Chat of the victim",
        }
        return Event(**{**said, **facts})

    def logged(self, who: Member, event: Event, seen: Micros | None = None) -> Line:
        """The event signed by its member and put into its log, which others see then."""
        record = custody.record(event)
        log = self.log(who)
        salt, index = log.append(record)
        checkpoint = log.checkpoint(self.now + MINUTE if seen is None else seen)
        signature = who.sign(custody.message(record))
        line = CustodyLine(record, salt, log.owner.log.name, index, who.kid, signature)
        return Line(line, log.proof(index, checkpoint))


@dataclass
class Package:
    """A package as its files, by path below the bag; what is changed here is not signed again."""

    id: UUID
    files: dict[str, bytes]
    by: Member
    to: Member

    @property
    def tar(self) -> bytes:
        return tar_of({f"{self.id}/{path}": data for path, data in self.files.items()})

    def note(self, sealed: bytes, tar: bytes, *, by: Member | None = None) -> bytes:
        """The shipping note over a sealed file and the tar in it."""
        said = packages.ShippingNote(self.id, "evidence.tar.age", _file(sealed), _file(tar))
        payload = document(by or self.by, self.to, said.body(), START + 200 * DAY)
        signer = by or self.by
        return jws.sign_document(packages.SHIPPING_NOTE, payload, signer.kid, signer.sign)


def _file(data: bytes) -> File:
    return File(hashlib.sha256(data).hexdigest(), len(data))


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """The one tar of these files, in their order of name."""
    parts = [tar_member(path, files[path]) for path in sorted(files)]
    body = b"".join(parts)
    return body + bags.tar_end(len(body))


def tar_member(path: str, data: bytes) -> bytes:
    return bags.tar_header(path, len(data)) + data + bags.tar_padding(len(data))


def document(by: Member, to: Member, body: Mapping[str, Any], at: Micros) -> dict[str, Any]:
    """The payload of a document between two members."""
    return {
        "id": str(identifier(at // SECOND)),
        "iss": by.fingerprint,
        "aud": to.fingerprint,
        "iat": time_text(at),
        "v": 1,
        "agreement": None,
        "re": [],
        "body": body,
    }


def pack(
    story: Story,
    by: Member,
    to: Member,
    exhibits: Mapping[UUID, bytes],
    *,
    package: UUID,
    change_lines: Callable[[list[Line]], list[Line]] = lambda lines: lines,
    change_payload: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files,
    change_statement: Callable[[Statement], Statement] = lambda said: said,
    signer: Member | None = None,
) -> Package:
    """A package of these exhibits, whose packer signs and logs whatever the changes made of it."""
    told = sorted(
        (line for exhibit in exhibits for line in story.lines[exhibit]),
        key=lambda line: (line.event.number, line.event.n),
    )
    lines = change_lines(told)
    numbers = {exhibit: story.lines[exhibit][0].event.number for exhibit in exhibits}
    payload = {
        packages.CUSTODY: packages.custody_lines([each.line for each in lines]),
        packages.CASE: json.dumps(case_graph(lines, numbers, exhibits), indent=1).encode(),
    }
    for exhibit, data in exhibits.items():
        payload[f"{packages.exhibit_folder(numbers[exhibit])}chat.txt"] = data
    files = bag_of(package, change_payload(payload))
    listed = tuple(
        Exhibit(exhibit, numbers[exhibit], hashlib.sha256(data).hexdigest(), len(data))
        for exhibit, data in sorted(exhibits.items(), key=lambda pair: numbers[pair[0]])
    )
    tagmanifest = hashlib.sha256(files[bags.TAG_MANIFEST]).hexdigest()
    said = change_statement(Statement(package, tagmanifest, listed, None, len(lines)))
    hand = signer or by
    payload_of = {**document(by, to, said.body(), story.now), "iss": hand.fingerprint}
    raw = jws.sign_document(packages.PACKAGE, payload_of, hand.kid, hand.sign)
    files |= _provenance(story, by, to, said, raw, lines)
    return Package(package, files, by, to)


def bag_of(package: UUID, payload: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a bag around a payload."""
    files = dict(payload)
    sizes = [len(data) for data in payload.values()]
    tags = {
        bags.BAGIT: bags.DECLARATION,
        bags.INFO: bags.info(
            [("External-Identifier", str(package)), ("Payload-Oxum", bags.oxum(sizes))]
        ),
    }
    for algorithm, name in bags.MANIFESTS.items():
        tags[name] = bags.manifest(
            {path: hashlib.new(algorithm, data).hexdigest() for path, data in payload.items()}
        )
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in tags.items()}
    return {**files, **tags, bags.TAG_MANIFEST: bags.manifest(digests)}


def _provenance(
    story: Story, by: Member, to: Member, said: Statement, raw: bytes, lines: Sequence[Line]
) -> dict[str, bytes]:
    log = story.log(by)
    digest = hashlib.sha256(raw).hexdigest()
    entry = packages.PackageEntry(
        said.package, said.tagmanifest, digest, to.fingerprint, said.lines
    )
    salt, index = log.append(entry.record())
    last = log.checkpoint(story.now + MINUTE)
    opening = Opening(entry.record(), salt).encode()
    files = {
        packages.STATEMENT: raw,
        packages.STATEMENT_PROOF: log.proof(index, last, opening),
        packages.CHECKPOINT: last,
    }
    for number, each in enumerate(lines):
        files[packages.custody_proof(number)] = each.proof
    files[packages.CONSISTENCY] = packages.consistency(consistencies(story, [*lines], last))
    return files


def consistencies(story: Story, lines: Sequence[Line], last: bytes) -> list[Consistency]:
    """A proof from each earlier state in the proofs to the last of its log."""
    states: dict[str, set[int]] = {}
    for note in [*(notes.parse_proof(each.proof).checkpoint for each in lines), last]:
        head = Checkpoint.read(notes.parse_note(note).text)
        states.setdefault(head.origin, set()).add(head.size)
    read = {log.owner.log.name: log.tree.read for log in story.logs.values()}
    return [
        Consistency(
            origin,
            size,
            max(sizes),
            tuple(tlog.consistency_proof(size, max(sizes), read[origin])),
        )
        for origin, sizes in states.items()
        for size in sizes - {max(sizes)}
    ]


def case_graph(
    lines: Sequence[Line], numbers: Mapping[UUID, str], exhibits: Mapping[UUID, bytes]
) -> dict[str, Any]:
    """A CASE graph with what check 10 looks for."""
    nodes: list[dict[str, Any]] = []
    for exhibit, data in exhibits.items():
        file = f"kb:file-{exhibit}"
        digest = {
            "@id": f"kb:hash-{exhibit}",
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": "SHA256",
            "uco-types:hashValue": {
                "@type": "xsd:hexBinary",
                "@value": hashlib.sha256(data).hexdigest(),
            },
        }
        facets = [
            {
                "@id": f"kb:file-facet-{exhibit}",
                "@type": "uco-observable:FileFacet",
                "uco-observable:sizeInBytes": {"@type": "xsd:integer", "@value": str(len(data))},
            },
            {
                "@id": f"kb:content-data-facet-{exhibit}",
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [digest],
            },
        ]
        nodes.append({"@id": file, "@type": "uco-observable:File", "uco-core:hasFacet": facets})
        nodes.append(
            {
                "@id": f"kb:provenance-record-{exhibit}",
                "@type": "case-investigation:ProvenanceRecord",
                "case-investigation:exhibitNumber": numbers[exhibit],
                "uco-core:object": {"@id": file},
            }
        )
    for event in {each.event.event: each.event for each in lines}.values():
        nodes.append(
            {
                "@id": f"kb:investigative-action-{packages.case_id(event.event)}",
                "@type": "case-investigation:InvestigativeAction",
                "uco-core:name": event.action.value,
                "uco-action:startTime": {
                    "@type": "xsd:dateTime",
                    "@value": time_text(event.at),
                },
            }
        )
    return {"@context": {"kb": "urn:example:kb/"}, "@graph": nodes}


# --- two stories ----------------------------------------------------------------------------------

CHAT = b"+66 81 234 5678: send the money now\n"
PICTURE = b"\x89PNG not really\n"
FIRST, SECOND_ONE = identifier(1), identifier(2)
SHIPPED, ONWARD = identifier(101), identifier(102)


def content(data: bytes) -> tuple[Content, ...]:
    return (Content(hashlib.sha256(data).hexdigest(), len(data)),)


def taken_in(story: Story, who: Member, exhibit: UUID, data: bytes, number: str) -> None:
    """An exhibit acquired and sealed."""
    story.does(who, exhibit, Action.ACQUIRED, outputs=content(data), number=number)
    story.does(who, exhibit, Action.SEALED, outputs=content(data), authority=LAWFUL)


def handed_over(
    story: Story, by: Member, to: Member, exhibit: UUID, data: bytes, package: UUID
) -> None:
    counterpart = Counterpart(to.fingerprint, None, package)
    story.does(by, exhibit, Action.TRANSFERRED, outputs=content(data), counterpart=counterpart)


def taken_over(
    story: Story, by: Member, of: Member, exhibit: UUID, data: bytes, package: UUID
) -> None:
    sent = story.lines[exhibit][-1].event
    counterpart = Counterpart(of.fingerprint, sent.event, package)
    story.does(by, exhibit, Action.RECEIVED, outputs=content(data), counterpart=counterpart)


def smallest(**changes: Any) -> Package:
    """One exhibit that the Thai member took in and keeps a package of for itself."""
    story = Story(witnesses={"thai": [VIET]})
    story.does(THAI, FIRST, Action.ACQUIRED, outputs=content(CHAT))
    return pack(story, THAI, THAI, {FIRST: CHAT}, package=SHIPPED, **changes)


def told(story: Story | None = None) -> Story:
    """Two exhibits from Thailand, of which Vietnam took over both, looked, and hands them on."""
    story = story or Story()
    both = ((FIRST, CHAT, "EX-1"), (SECOND_ONE, PICTURE, "EX-2"))
    for exhibit, data, number in both:
        taken_in(story, THAI, exhibit, data, number)
    for exhibit, data, _ in both:
        handed_over(story, THAI, VIET, exhibit, data, SHIPPED)
    for exhibit, data, _ in both:
        taken_over(story, VIET, THAI, exhibit, data, SHIPPED)
        story.does(VIET, exhibit, Action.ACCESSED)
    for exhibit, data, _ in both:
        handed_over(story, VIET, COURT, exhibit, data, ONWARD)
    return story


def handed_on(story: Story | None = None, **changes: Any) -> Package:
    """The package with which Vietnam hands both exhibits to the court."""
    exhibits = {FIRST: CHAT, SECOND_ONE: PICTURE}
    return pack(story or told(), VIET, COURT, exhibits, package=ONWARD, **changes)


def policy(quorum: str = "2", **changes: Any) -> Policy:
    """A policy that names everybody, with all keys good for two years."""
    said = Policy(
        members={each.fingerprint: each.name for each in EVERYBODY},
        keys=tuple(key for each in EVERYBODY for key in each.policy_keys()),
        logs=tuple(each.log for each in EVERYBODY),
        witnesses={each.name: each.witness for each in EVERYBODY},
        quorum=quorum,
    )
    return replace(said, **changes)


def failing_key(of: Member, since: Micros, until: Micros, purpose: str = "act") -> Policy:
    """The policy in which one key of a member was compromised and revoked."""
    keys = tuple(
        replace(key, compromised_since=since, revoked_at=until)
        if (key.member, key.purpose) == (of.fingerprint, purpose)
        else key
        for key in policy().keys
    )
    return policy(keys=keys)
