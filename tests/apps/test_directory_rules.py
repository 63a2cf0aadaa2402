"""What a set of signatures adds up to: the same everywhere, whatever came first."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.apps.directory import forms, rules
from hueandcry.apps.directory.forms import (
    ADMISSION,
    ENDING,
    EXPULSION,
    KINDS,
    REINSTATEMENT,
    SUSPENSION,
    Act,
    Charter,
)
from hueandcry.apps.directory.rules import Signed, State, Status, Vote, fold
from hueandcry.core.errors import Conflict, HueError, Malformed, NotPermitted

#: A loaded machine is no failure.
unhurried = settings(deadline=None)

A, B, C, D, E = (hashlib.sha256(name.encode()).hexdigest() for name in "ABCDE")
NAMES = (A, B, C, D, E)


def charter(*founders: str, k: int = 2) -> Charter:
    return Charter("Partnership", tuple(sorted(founders)), k, "scams")


FOUR = charter(A, B, C, D)


def act(kind: str, member: str, serial: int = 1, *stand: str, of: Charter = FOUR) -> Act:
    return Act(kind, of.digest, member, serial, tuple(sorted(stand)))


def signed(what: Act, *issuers: str, resting: str = FOUR.digest) -> list[Vote]:
    return [Vote(issuer, what.digest, resting) for issuer in issuers]


def founded(of: Charter = FOUR) -> list[Vote]:
    return [Vote(founder, of.digest) for founder in of.founders]


def state(acts: Sequence[Act], votes: Sequence[Vote], of: Charter = FOUR) -> State:
    return fold(of, acts, [*founded(of), *votes])


# --- one act --------------------------------------------------------------------------------------


def test_a_charter_is_in_force_when_every_founder_has_signed_it() -> None:
    part = fold(FOUR, [], founded()[:-1])
    assert not part.founded and part.places == {}
    whole = fold(FOUR, [], founded())
    assert {whole.status(one) for one in FOUR.founders} == {Status.ACTIVE}
    assert whole.status(E) is None


def test_an_act_is_in_force_when_k_members_have_signed_it() -> None:
    admit = act(ADMISSION, E)
    assert state([admit], signed(admit, A)).status(E) is None
    assert state([admit], signed(admit, A, B)).status(E) is Status.ACTIVE


def test_signing_twice_is_signing_once() -> None:
    admit = act(ADMISSION, E)
    assert state([admit], signed(admit, A, A)).status(E) is None


def test_a_member_does_not_count_on_an_act_about_itself() -> None:
    out = act(EXPULSION, A)
    assert state([out], signed(out, A, B)).status(A) is Status.ACTIVE
    assert state([out], signed(out, C, B)).status(A) is Status.EXPELLED


def test_a_stranger_counts_for_nothing_whatever_it_says_its_standing_is() -> None:
    admit = act(ADMISSION, E)
    own = Vote(E, act(EXPULSION, A).digest, admit.digest)
    claimed = Vote(E, act(EXPULSION, A).digest, FOUR.digest)
    votes = [own, claimed, *signed(act(EXPULSION, A), B)]
    assert state([admit, act(EXPULSION, A)], votes).status(A) is Status.ACTIVE


def test_an_act_of_another_partnership_is_nothing_here() -> None:
    other = charter(A, B, C)
    out = act(EXPULSION, D, of=other)
    assert state([out], signed(out, A, B)).status(D) is Status.ACTIVE


def test_an_admitted_member_decides_with_the_others() -> None:
    admit, out = act(ADMISSION, E), act(EXPULSION, D)
    votes = [*signed(admit, A, B), *signed(out, A), *signed(out, E, resting=admit.digest)]
    assert state([admit, out], votes).status(D) is Status.EXPELLED


# --- what came later ------------------------------------------------------------------------------


def test_what_an_expelled_member_signs_later_does_not_count_however_it_is_dated() -> None:
    out, revenge = act(EXPULSION, C), act(EXPULSION, A)
    before = [*signed(out, A, B)]
    # An honest act about A names what A's signature still counts for.
    revenge = act(EXPULSION, A, 1, out.digest)
    after = state([out, revenge], [*before, *signed(revenge, C, D)])
    assert after.status(C) is Status.EXPELLED
    assert after.status(A) is Status.ACTIVE


def test_what_rested_on_an_expelled_members_signature_stands() -> None:
    admit = act(ADMISSION, E)
    votes = signed(admit, A, C)
    out = rules.draft(state([admit], votes), EXPULSION, C, "")
    assert out.stand == (admit.digest,)
    after = state([admit, out], [*votes, *signed(out, B, D)])
    assert (after.status(C), after.status(E)) == (Status.EXPELLED, Status.ACTIVE)


def test_a_lone_early_signature_is_not_completed_by_somebody_expelled_since() -> None:
    """A alone proposed to expel D; C, expelled meanwhile, cannot make that two."""
    early, out = act(EXPULSION, D), act(EXPULSION, C)
    after = state([early, out], [*signed(early, A, C), *signed(out, A, B)])
    assert after.status(D) is Status.ACTIVE


def test_a_suspended_member_does_not_decide_and_one_that_is_reinstated_does() -> None:
    stop, back = act(SUSPENSION, C), act(REINSTATEMENT, C, 2)
    admit = act(ADMISSION, E)
    votes = [*signed(stop, A, B), *signed(admit, C, D)]
    assert state([stop, admit], votes).status(E) is None
    votes += signed(back, A, B)
    assert state([stop, admit, back], votes).status(E) is None  # signed while it was suspended
    votes += signed(admit, C, resting=back.digest)
    assert state([stop, admit, back], votes).status(E) is Status.ACTIVE


def test_a_suspended_member_cannot_rest_on_an_older_standing() -> None:
    stop, back, out = act(SUSPENSION, C), act(REINSTATEMENT, C, 2), act(EXPULSION, C, 3)
    admit = act(ADMISSION, E)
    votes = [*signed(stop, A, B), *signed(back, A, B), *signed(out, A, B), *signed(admit, D)]
    for resting in (FOUR.digest, back.digest):
        now = state([stop, back, out, admit], [*votes, *signed(admit, C, resting=resting)])
        assert now.status(E) is None


def test_two_expelled_members_cannot_bring_each_other_back() -> None:
    votes, acts = [], []
    for one in (C, D):
        out = act(EXPULSION, one)
        acts.append(out)
        votes += signed(out, A, B)
    back = {one: act(ADMISSION, one, 2) for one in (C, D)}
    acts += back.values()
    votes += signed(back[C], D, B, resting=back[D].digest)
    votes += signed(back[D], C, B, resting=back[C].digest)
    votes += [*signed(back[C], B), *signed(back[D], B)]
    now = state(acts, votes)
    assert (now.status(C), now.status(D)) == (Status.EXPELLED, Status.EXPELLED)


# --- contradictions -------------------------------------------------------------------------------


def test_of_two_acts_under_one_serial_the_stricter_counts() -> None:
    stop = act(SUSPENSION, E, 2)
    admit, out = act(ADMISSION, E), act(EXPULSION, E, 2)
    votes = [*signed(admit, A, B), *signed(stop, A, B), *signed(out, C, D)]
    for order in itertools.permutations([admit, stop, out]):
        assert state(order, votes).status(E) is Status.EXPELLED


def test_members_that_strike_each_other_are_both_out() -> None:
    one, other = act(EXPULSION, C), act(EXPULSION, A)
    now = state([one, other], [*signed(one, A, B), *signed(other, C, D)])
    assert (now.status(A), now.status(C)) == (Status.EXPELLED, Status.EXPELLED)


def test_an_admission_that_hangs_on_such_a_quarrel_does_not_hold() -> None:
    one, other, admit = act(EXPULSION, C), act(EXPULSION, A), act(ADMISSION, E)
    votes = [*signed(one, A, B), *signed(other, C, D), *signed(admit, A, C)]
    assert state([one, other, admit], votes).status(E) is None


def test_an_older_act_that_arrives_late_changes_nothing() -> None:
    stop, back = act(SUSPENSION, C), act(REINSTATEMENT, C, 2)
    now = state([back, stop], [*signed(back, A, B), *signed(stop, A, B)])
    assert now.status(C) is Status.ACTIVE


# --- whatever the order ---------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> tuple[Charter, list[Act], list[Vote]]:
    """Any acts and any signatures, honest or not."""
    founders = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    of = charter(*founders, k=draw(st.integers(2, len(founders))))
    acts: list[Act] = []
    for _ in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(KINDS))
        known = [each.digest for each in acts]
        stand = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
        serial = draw(st.integers(1, 3))
        stand = sorted(stand) if kind in ENDING else []
        acts.append(act(kind, draw(st.sampled_from(NAMES)), serial, *stand, of=of))
    restings = [of.digest, *(each.digest for each in acts)]
    cast = st.builds(
        Vote,
        st.sampled_from(NAMES),
        st.sampled_from([each.digest for each in acts]) if acts else st.just(of.digest),
        st.sampled_from(restings),
    )
    votes = [Vote(founder, of.digest) for founder in of.founders]
    return of, acts, [*votes, *draw(st.lists(cast, max_size=24))]


@unhurried
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_state(history, random) -> None:  # type: ignore[no-untyped-def]
    of, acts, votes = history
    once = fold(of, acts, votes)
    shuffled, again = list(acts), [*votes, *random.choices(votes, k=5)]
    random.shuffle(shuffled)
    random.shuffle(again)
    assert fold(of, shuffled, again) == once


@unhurried
@given(histories())
def test_every_act_in_force_has_k_signers_that_are_not_its_subject(
    history: tuple[Charter, list[Act], list[Vote]],
) -> None:
    of, acts, votes = history
    held = {each.digest: each for each in acts}
    now = fold(of, acts, votes)
    for digest in now.in_force:
        by = {v.issuer for v in votes if v.about == digest and v.issuer != held[digest].member}
        assert len(by) >= of.k


@unhurried
@given(histories())
def test_what_gives_standing_holds_only_by_signatures_that_count(
    history: tuple[Charter, list[Act], list[Vote]],
) -> None:
    of, acts, votes = history
    now = fold(of, acts, votes)
    for each in acts:
        if each.digest in now.in_force and each.kind not in ENDING:
            assert len(now.counted[each.digest]) >= of.k


@unhurried
@given(histories(), st.data())
def test_an_expelled_member_changes_nothing_by_signing_what_is_left_to_sign(
    history: tuple[Charter, list[Act], list[Vote]], data: st.DataObject
) -> None:
    """One that is surely expelled adds any signatures of its own: nothing that stood changes."""
    of, acts, votes = history
    now = fold(of, acts, votes)
    out = [one for one, place in now.places.items() if place.status is Status.EXPELLED]
    unquarrelled = [one for one in out if len(now.counted.get(now.places[one].act, ())) >= of.k]
    if not unquarrelled:
        return
    one = data.draw(st.sampled_from(unquarrelled))
    end = next(each for each in acts if each.digest == now.places[one].act)
    rest = [of.digest, *(each.digest for each in acts if each.member == one)]
    resting = [r for r in rest if _serial(acts, r) < end.serial]
    late = data.draw(
        st.lists(
            st.builds(
                Vote,
                st.just(one),
                st.sampled_from([a.digest for a in acts if a.digest not in end.stand]),
                st.sampled_from(resting),
            )
        )
    )
    quarrel = [a for a in acts if a.kind in ENDING]
    after = fold(of, acts, [*votes, *late])
    gained = after.in_force - now.in_force
    assert all(next(a for a in acts if a.digest == d) in quarrel for d in gained)


def _serial(acts: Sequence[Act], digest: str) -> int:
    return next((each.serial for each in acts if each.digest == digest), 0)


@unhurried
@given(st.permutations([A, B, C, D]), st.integers(2, 4))
def test_any_k_of_the_signers_give_the_same_state(order: list[str], many: int) -> None:
    """A node that heard from k of them stands where one does that heard from all."""
    admit = act(ADMISSION, E)
    everybody = state([admit], signed(admit, *order))
    some = state([admit], signed(admit, *order[:many]))
    assert (some.in_force, some.places) == (everybody.in_force, everybody.places)


@unhurried
@given(st.data())
def test_an_honest_partnership_ends_alike_on_every_node(data: st.DataObject) -> None:
    """Members that only sign what follows from what they know; every node hears k of each."""
    acts: list[Act] = []
    votes = founded()
    for _ in range(data.draw(st.integers(1, 8))):
        now = fold(FOUR, acts, votes)
        active = sorted(one for one, p in now.places.items() if p.status is Status.ACTIVE)
        member = data.draw(st.sampled_from(NAMES))
        try:
            new = rules.draft(now, data.draw(st.sampled_from(KINDS)), member, "")
        except Conflict:
            continue
        signers = [one for one in active if one != member]
        if len(signers) < FOUR.k:
            continue
        acts.append(new)
        some = data.draw(st.permutations(signers))
        many = data.draw(st.integers(FOUR.k, len(some)))
        for signer in some[:many]:
            votes.append(Vote(signer, new.digest, rules.check_signer(now, new, signer)))
        assert new.digest in fold(FOUR, acts, votes).in_force
    final = fold(FOUR, acts, votes)
    heard = _any_k_of_each(data, acts, votes, FOUR.k)
    assert fold(FOUR, acts, heard).places == final.places
    assert {each.digest for each in acts} == final.in_force


def _any_k_of_each(
    data: st.DataObject, acts: Sequence[Act], votes: Sequence[Vote], k: int
) -> list[Vote]:
    heard = founded()
    for each in acts:
        cast = sorted({v for v in votes if v.about == each.digest}, key=lambda v: v.issuer)
        heard += data.draw(st.permutations(cast))[:k]
    return data.draw(st.permutations(heard))


# --- what our own people may do -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "member"),
    [(ADMISSION, A), (REINSTATEMENT, A), (SUSPENSION, E), (EXPULSION, E), (REINSTATEMENT, E)],
)
def test_an_act_that_says_nothing_is_not_proposed(kind: str, member: str) -> None:
    with pytest.raises(Conflict, match="says nothing"):
        rules.draft(state([], []), kind, member, "")


def test_an_act_that_another_overtook_is_not_signed() -> None:
    stop, out = act(SUSPENSION, C), act(EXPULSION, C)
    now = state([stop, out], signed(stop, A, B))
    with pytest.raises(Conflict) as caught:
        rules.check_act(now, out)
    assert caught.value.code == "stale_act"


def test_an_act_that_would_undo_what_is_settled_is_not_signed() -> None:
    admit = act(ADMISSION, E)
    now = state([admit], signed(admit, A, C))
    with pytest.raises(Conflict) as caught:
        rules.check_act(now, act(EXPULSION, C))
    assert caught.value.code == "stale_act"
    rules.check_act(now, act(EXPULSION, C, 1, admit.digest))


def test_who_is_out_and_who_is_meant_do_not_sign() -> None:
    out = act(EXPULSION, C)
    now = state([out], signed(out, A, B))
    for signer, member in ((C, D), (E, D), (D, D)):
        with pytest.raises(NotPermitted):
            rules.check_signer(now, act(SUSPENSION, member), signer)
    assert rules.check_signer(now, act(SUSPENSION, D), A) == FOUR.digest


# --- keys that failed -----------------------------------------------------------------------------

ADMIT = act(ADMISSION, E)


def paper(issuer: str, digest: str, **more: object) -> Signed:
    return replace(
        Signed(
            Vote(issuer, ADMIT.digest, FOUR.digest), digest, frozenset(), 100, 110, 0, 1_000, None
        ),
        **more,  # type: ignore[arg-type]
    )


def test_what_was_logged_before_a_key_failed_stands() -> None:
    assert rules.standing_votes([paper(A, "a", compromised_since=111)])
    assert not rules.standing_votes([paper(A, "a", compromised_since=110)])


def test_what_came_later_stands_if_another_member_had_answered_it_in_time() -> None:
    late = paper(A, "a", logged_at=600, compromised_since=500)
    before = paper(B, "b", answers=frozenset({"a"}), iat=499)
    after = replace(before, iat=500)
    itself = replace(before, vote=replace(late.vote, about=FOUR.digest))
    failed = replace(before, compromised_since=900)
    assert late.vote in rules.standing_votes([late, before])
    for witness in (after, itself, failed):
        assert late.vote not in rules.standing_votes([late, witness])


def test_a_key_signs_only_while_it_is_valid() -> None:
    for iat in (-1, 1_000):
        assert not rules.standing_votes([paper(A, "a", iat=iat)])


# --- bytes ----------------------------------------------------------------------------------------


def test_what_is_written_is_what_is_read() -> None:
    assert forms.read_charter(forms.act_body(FOUR)) == FOUR
    out = act(EXPULSION, C, 3, ADMIT.digest)
    assert forms.read_act(EXPULSION, forms.act_body(out, FOUR.digest)) == (out, FOUR.digest)


@unhurried
@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3)))
def test_any_other_value_in_a_body_is_refused(value: object) -> None:
    body = forms.act_body(act(EXPULSION, C, 2), FOUR.digest)
    for name, now in body["act"].items():
        if value != now and not (name == "reason" and isinstance(value, str)):
            if name == "serial" and type(value) is int and value >= 1:
                continue
            if name == "stand" and value == []:
                continue
            with pytest.raises(Malformed):
                forms.read_act(EXPULSION, {**body, "act": {**body["act"], name: value}})


@pytest.mark.parametrize("more", [{"act": None}, {"more": 1}, {"standing": "x"}])
def test_a_body_has_its_members_and_no_other(more: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        forms.read_act(EXPULSION, {**forms.act_body(act(EXPULSION, C), FOUR.digest), **more})


@pytest.mark.parametrize("k", [0, 1, 5])
def test_a_charter_lets_two_or_more_of_its_founders_decide(k: int) -> None:
    with pytest.raises(HueError):
        forms.read_charter(forms.act_body(replace(FOUR, k=k)))


def test_a_charter_names_each_founder_once_and_in_order() -> None:
    for founders in ((A, A, B), tuple(sorted((A, B, C), reverse=True))):
        with pytest.raises(Malformed):
            forms.read_charter(forms.act_body(replace(FOUR, founders=founders)))
