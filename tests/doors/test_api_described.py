"""The description of the API: valid OpenAPI, the page that is made of it, and a fuzzer's view."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig

from api_scene import Scene
from hueandcry.client import words
from hueandcry.core.types import Audience, Kind, Pap, Purpose, Tlp, Verdict
from hueandcry.doors.api import description, pages, problems
from hueandcry.doors.api.app import api
from hueandcry.doors.api.table import ENDPOINTS, TAGS

ROOT = Path(__file__).resolve().parents[2]
DESCRIBED = description.openapi(ENDPOINTS)

#: The tool knows 413 for no refusal, and not that a value must also be readable, a cursor ours.
#: And bodies of so many values that they take it minutes to
#: make are tried in test_api_input instead.
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [400, 401, 404, 413, 415, 422]},
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 404, 409, 422]},
        },
        "operations": [
            {"include-operation-id": "check", "phases": {"coverage": {"enabled": False}}},
            {"include-operation-id": "raise_claims", "phases": {"coverage": {"enabled": False}}},
        ],
    }
)
schema = schemathesis.openapi.from_dict(DESCRIBED, config=CONFIG)
schema.app = api


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def test_the_description_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DESCRIBED).validate()
    assert DESCRIBED["openapi"] == "3.1.0"
    assert {e.tag for e in ENDPOINTS} == set(TAGS)


def test_the_words_of_the_client_are_those_of_the_core() -> None:
    closed = {
        words.Kind: {kind.value for kind in Kind},
        words.Verdict: {verdict.value for verdict in Verdict},
        words.Tlp: {tlp.wire for tlp in Tlp},
        words.Pap: {pap.name for pap in Pap},
        words.Purpose: {purpose.value for purpose in Purpose},
        words.Audience: {audience.value for audience in Audience},
    }
    for literal, names in closed.items():
        assert set(literal.__args__) == names  # type: ignore[attr-defined]


def test_the_documentation_is_made_of_the_table_as_it_stands() -> None:
    said = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert said == pages.markdown(ENDPOINTS), "run `python -m hueandcry.doors.api`"


def test_every_code_of_an_endpoint_is_explained_or_of_the_rules() -> None:
    for endpoint in ENDPOINTS:
        assert all(code == code.lower() for code in endpoint.codes)
    assert next(iter(problems.CODES)) == "no_token"


def test_the_description_and_the_page_are_for_anybody(scene: Scene) -> None:
    described = scene.ask("GET", "/openapi.json", token=None)
    assert described.json() == DESCRIBED
    page = scene.ask("GET", "/", token=None)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    text = page.body.decode()
    assert "<script" not in text
    for code in problems.CODES:
        assert f'id="{code}"' in text
    for endpoint in ENDPOINTS:
        assert f"<code>{endpoint.method} /api/v1{endpoint.path}</code>" in text


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_a_fuzzer_finds_no_fault_and_no_answer_that_is_not_declared(
    case: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.desk.limits.rate", lambda setting: 10**8)
    scene.node.raised("evil.example")
    case.call_and_validate(headers={"Authorization": f"Bearer {scene.token}"})
