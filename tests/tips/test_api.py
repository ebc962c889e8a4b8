"""The mobile API as a client sees it."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.codes import read_secret, read_tip_code
from core.db import db
from tests.builders.tips import BOAT, load_town
from tips.models import Message, Tip

KEY = {"Idempotency-Key": "0123456789abcdef-first"}
PROBLEM = "application/problem+json"


@pytest.fixture
def filed(client):
    load_town()
    answer = client.post("/api/v1/tips", json={"text": BOAT}, headers=KEY)
    assert answer.status_code == 201
    return answer.get_json()


def stored() -> list[Tip]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Tip).order_by(Tip.id)))


def authorised(filed) -> dict[str, str]:
    return {"Authorization": f"Tip {filed['secret']}"}


def check_problem(answer, status: int) -> dict:
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM), answer.get_data(as_text=True)
    problem = answer.get_json()
    assert {"type", "title", "status", "detail", "reference"} <= set(problem)
    assert problem["status"] == status
    return problem


def test_a_tip_by_api_is_stored_and_answered_with_code_and_secret(filed):
    (tip,) = stored()
    assert read_tip_code(filed["code"]) == tip.code
    assert read_secret(filed["secret"]) is not None
    assert (tip.channel, tip.category, tip.located_by) == ("web", "tobacco", "place")


def test_the_same_key_and_words_give_the_same_answer(client, filed):
    again = client.post("/api/v1/tips", json={"text": BOAT}, headers=KEY)
    assert (again.status_code, again.get_json()) == (201, filed)
    assert len(stored()) == 1


def test_the_same_key_with_other_words_is_a_conflict(client, filed):
    answer = client.post("/api/v1/tips", json={"text": "Something else"}, headers=KEY)
    assert "secret" not in check_problem(answer, 409)
    assert len(stored()) == 1


def test_another_key_makes_another_tip(client, filed):
    other = client.post("/api/v1/tips", json={"text": BOAT}, headers={"Idempotency-Key": "f" * 16}).get_json()
    assert other["code"] != filed["code"]
    assert other["secret"] != filed["secret"]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "x" * 201}])
def test_a_missing_or_odd_key_is_refused(client, headers):
    answer = client.post("/api/v1/tips", json={"text": BOAT}, headers=headers)
    assert "Idempotency-Key" in json.dumps(check_problem(answer, 422)["errors"])
    assert stored() == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "\u0000"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": BOAT, "lat": 91, "lon": 0}, "lat"),
        ({"text": BOAT, "lat": 1}, "lat"),
        ({"text": BOAT, "lat": "x", "lon": 1}, "lat"),
        ({"text": BOAT, "accuracy_m": -1, "lat": 1, "lon": 1}, "accuracy_m"),
        ({"text": BOAT, "phone": "the pier"}, "phone"),
        ({"text": BOAT, "place_words": ["a"]}, "place_words"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(client, content, field):
    answer = client.post("/api/v1/tips", json=content, headers=KEY)
    assert field in check_problem(answer, 422)["errors"]["json"]
    assert stored() == []


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[" * 50_000, b"[]", b'"text"', b"null", b'{"text": NaN}']
)
def test_a_body_that_is_no_tip_is_a_problem_and_never_a_fault(client, body):
    answer = client.post("/api/v1/tips", data=body, headers=KEY | {"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    check_problem(answer, answer.status_code)


def test_a_body_beyond_the_bound_is_refused(client):
    answer = client.post("/api/v1/tips", json={"text": "x" * 1_100_000}, headers=KEY)
    check_problem(answer, 413)


def test_lone_surrogates_and_unknown_fields_do_no_harm(client):
    load_town()
    body = '{"text": "boat \\ud800 at Rim Moei market", "phone": "+66 81 234 5678", "state": "closed"}'
    answer = client.post("/api/v1/tips", data=body, headers=KEY | {"Content-Type": "application/json"})
    assert answer.status_code == 201
    assert stored()[0].text == "boat  at Rim Moei market"


def test_the_secret_opens_the_status(client, filed):
    answer = client.get(f"/api/v1/tips/{filed['code']}", headers=authorised(filed))
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["code"], body["status"], body["claimable"], body["messages"]) == (
        filed["code"],
        "received",
        False,
        [],
    )
    assert body["received_at"].endswith(("Z", "+00:00"))


@pytest.mark.parametrize("header", [None, "Tip 000000000000", "Bearer x", "Tip", "Tip \xe9", "tip 1"])
def test_a_wrong_secret_and_an_unknown_code_are_one_answer(client, filed, header):
    headers = {"Authorization": header} if header else {}
    unknown = "0000-00" if filed["code"] != "0000-00" else "1000-09"
    wrong = check_problem(client.get(f"/api/v1/tips/{filed['code']}", headers=headers), 404)
    nobody = check_problem(client.get(f"/api/v1/tips/{unknown}", headers=headers), 404)
    mistyped = check_problem(client.get("/api/v1/tips/x", headers=headers), 404)
    for problem in (wrong, nobody, mistyped):
        problem.pop("reference")
    assert wrong == nobody == mistyped


def test_guessing_at_a_code_has_to_wait_and_another_code_does_not(client, filed):
    other = client.post("/api/v1/tips", json={"text": BOAT}, headers={"Idempotency-Key": "f" * 16}).get_json()
    for _ in range(5):
        client.get(f"/api/v1/tips/{filed['code']}", headers={"Authorization": "Tip 000000000000"})
    answer = client.get(f"/api/v1/tips/{filed['code']}", headers=authorised(filed))
    check_problem(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get(f"/api/v1/tips/{other['code']}", headers=authorised(other)).status_code == 200


def test_further_words_are_kept_beside_the_tip(client, filed):
    address = f"/api/v1/tips/{filed['code']}/messages"
    assert client.post(address, json={"text": "on Friday"}, headers=authorised(filed)).status_code == 204
    check_problem(client.post(address, json={"text": "\u0000"}, headers=authorised(filed)), 422)
    check_problem(client.post(address, json={"text": "on Monday"}), 404)
    db.session.rollback()
    assert list(db.session.scalars(sa.select(Message.body).where(Message.kind == "addition"))) == [
        "on Friday"
    ]
    body = client.get(f"/api/v1/tips/{filed['code']}", headers=authorised(filed)).get_json()
    assert [line["sender"] for line in body["messages"]] == ["you"]


def test_unknown_addresses_and_methods_are_problems(client):
    check_problem(client.get("/api/v1/nothing"), 404)
    answer = client.delete("/api/v1/tips")
    check_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_the_description_is_served_and_names_every_address(app, client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    description = answer.get_json()
    assert description["openapi"].startswith("3.")
    served = {
        str(rule).replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and not str(rule).endswith("openapi.json")
    }
    assert {f"{address}" for address in description["paths"]} == served
    operations = [
        (address, method, operation)
        for address, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "delete", "patch"}
    ]
    for address, method, operation in operations:
        assert any(status.startswith("2") for status in operation["responses"]), (address, method)
        for name in (part.split("}")[0] for part in address.split("{")[1:]):
            parameters = operation.get("parameters", []) + description["paths"][address].get("parameters", [])
            assert any(
                parameter.get("name") == name and parameter["in"] == "path" for parameter in parameters
            )
    schemes = set(description["components"]["securitySchemes"])
    used = {name for _, _, operation in operations for need in operation.get("security", []) for name in need}
    assert used <= schemes
    text = json.dumps(description)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(description["components"]["schemas"])


def test_the_reader_of_the_description_is_served(client):
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert "/api/v1/openapi.json" in answer.get_data(as_text=True)
