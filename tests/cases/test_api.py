from __future__ import annotations

import pytest

from cases import services
from core.codes import show_tip_code
from tests.builders.cases import file_into, file_new


def test_the_list_holds_what_staff_see(sign_in):
    filed = file_new()
    file_into(filed.case_id)
    answer = sign_in("officer").get("/api/v1/cases")
    assert answer.json["total"] == 1
    (row,) = answer.json["cases"]
    assert (row["number"], row["priority"], row["tips"], row["senders"]) == (filed.number, "P3", 2, 2)


def test_the_list_is_filtered_and_refuses_what_it_does_not_know(sign_in):
    file_new()
    client = sign_in("director")
    assert client.get("/api/v1/cases?category=waste").json["cases"] == []
    answer = client.get("/api/v1/cases?view=nonsense")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_one_case_holds_codes_but_no_words(sign_in):
    filed = file_new()
    answer = sign_in("officer").get(f"/api/v1/cases/{filed.number}")
    (link,) = services.links_of_case(filed.case_id)
    assert answer.json["tips"] == [show_tip_code(link.code)]
    assert "Two trucks" not in answer.get_data(as_text=True)
    assert link.code not in answer.json["title"]


def test_an_unknown_case_is_a_problem_document(sign_in):
    answer = sign_in("officer").get("/api/v1/cases/C-2026-000099")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("role", ["finance", "auditor", "admin"])
def test_other_roles_read_no_cases(sign_in, role):
    assert sign_in(role).get("/api/v1/cases").status_code == 403


def test_strangers_read_no_cases(client):
    assert client.get("/api/v1/cases").status_code == 401
