"""The law that requests are made under: data files, read strictly, and the pure rules on them."""

from importlib.resources import files
from typing import Final

from hueandcry.core.law.bases import (
    Basis,
    InForce,
    NoBasis,
    Offer,
    Party,
    offer,
    refuse_overlap,
    require,
)
from hueandcry.core.law.describing import describe
from hueandcry.core.law.forms import (
    Fault,
    absent,
    article_of,
    cited,
    faults,
    missing,
    require_form,
)
from hueandcry.core.law.lawful import Barred, Draft, Warned, judge, require_lawful, require_output
from hueandcry.core.law.reading import ROLES, read_law, with_instruments
from hueandcry.core.law.referral import require_recipient
from hueandcry.core.law.refusing import check_refusal, must_refuse
from hueandcry.core.law.routes import may_send, require_route, told
from hueandcry.core.law.tables import (
    POLICY,
    Article,
    ClockRule,
    Field,
    Instrument,
    Law,
    Refusal,
    RequestType,
    Route,
)
from hueandcry.core.law.timing import run, span_of


def _shipped() -> Law:
    data = files("hueandcry.core.law").joinpath("data")
    instruments = {
        path.name.removesuffix(".toml"): path.read_bytes()
        for path in data.joinpath("instruments").iterdir()
        if path.name.endswith(".toml")
    }
    fields, types = (data.joinpath(f"{name}.toml").read_bytes() for name in ("fields", "types"))
    return read_law(fields, types, instruments)


#: The law as it is shipped; a node that has instruments of its own adds them to it.
LAW: Final = _shipped()

__all__ = [
    "LAW",
    "POLICY",
    "ROLES",
    "Article",
    "Barred",
    "Basis",
    "ClockRule",
    "Draft",
    "Fault",
    "Field",
    "InForce",
    "Instrument",
    "Law",
    "NoBasis",
    "Offer",
    "Party",
    "Refusal",
    "RequestType",
    "Route",
    "Warned",
    "absent",
    "article_of",
    "check_refusal",
    "cited",
    "describe",
    "faults",
    "judge",
    "may_send",
    "missing",
    "must_refuse",
    "offer",
    "read_law",
    "refuse_overlap",
    "require",
    "require_form",
    "require_lawful",
    "require_output",
    "require_recipient",
    "require_route",
    "run",
    "span_of",
    "told",
    "with_instruments",
]
