"""What codes mean, in words for the public. Every sentence is translated when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.core.types import Kind
from hueandcry.doors.desk.defanging import defanged
from hueandcry.doors.desk.unreadable import help_with
from hueandcry.doors.web.dates import day

Words = str | Promise

#: Reason code → sentence. `%(…)s` are filled from the parameters of the reason.
REASONS: Final[dict[str, Words]] = {
    "no_claims": _("No public report about it is known to us."),
    "local_override": _("Our own staff have examined it and decided so."),
    "allow_listed": _("It is on our list of well-known addresses: %(list)s."),
    "allow_listed_parent": _(
        "It belongs to %(host)s, a domain that is known to be genuine as a whole."
    ),
    "host_allow_listed": _(
        "The website itself is well known, but anybody may put pages there. "
        "That says nothing about this page."
    ),
    "own_claim": _("Our own staff have found that it is a scam."),
    "trusted_member_claim": _("A partner organisation that we trust has found that it is a scam."),
    "independent_sources": _("At least two independent sources report it as a scam."),
    "single_source": _("One source reports it as a scam. This is not confirmed yet."),
    "suspicious_claim": _("It has been reported as suspicious."),
    "no_valid_claims": _("There are reports about it, but none of them is in force now."),
    "benign_claim": _(
        "Somebody reports it as harmless. That alone is not enough for us to say so."
    ),
    "parent_match": _("The report is about %(value)s, of which this is a part."),
    "unreadable": _("We could not tell what this is."),
    "claim": _("Reported by %(member)s on %(day)s."),
    "released": _("Our own staff have found that scammers use it, and warn of it since %(day)s."),
}

#: What one member's report says, by its verdict.
CLAIMS: Final[dict[str, Words]] = {
    "scam": _("%(member)s reported it as a scam on %(day)s."),
    "suspicious": _("%(member)s reported it as suspicious on %(day)s."),
    "benign": _("%(member)s reported it as harmless on %(day)s."),
}

#: Allow-lists by name; one that is not here is shown by its own name.
LISTS: Final[dict[str, Words]] = {
    "bank-website": _("websites of banks"),
    "tranco10k": _("the most visited websites"),
    "cisco_top20k": _("the most visited websites"),
}


def sentence(reason: Mapping[str, Any]) -> str:
    """One reason in the reader's language; an unknown code is shown as it is, never hidden."""
    code, params = reason["code"], reason["params"]
    if code == "unreadable":
        return help_with(params.get("error", ""))
    if code == "claim":
        words = CLAIMS.get(params["verdict"], REASONS["claim"])
        return str(words) % {"member": params["member"], "day": day(params["since"])}
    if code not in REASONS:
        return str(code)
    return str(REASONS[code]) % _shown(params)


def _shown(params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters as people may see them; what a reason lacks is said in general words."""
    name = str(params.get("list") or "")
    kind = Kind(params["kind"]) if "kind" in params else Kind.DOMAIN
    return {
        "list": str(LISTS.get(name, name) or _("addresses known to be genuine")),
        "host": defanged(Kind.DOMAIN, str(params.get("host", ""))),
        "value": defanged(kind, str(params.get("value", ""))),
        "day": day(params["since"]) if "since" in params else "",
    }
