"""What is mine: taken away whole, asked to be deleted with a receipt, moved to another phone."""

import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import (
    Failures,
    Lift,
    ProtocolAcceptance,
    Restore,
    Service,
    User,
)
from stepwell.clinic.care import access, erasure, escalations, mine, queries
from stepwell.clinic.care.models import (
    Beat,
    DirectoryNote,
    Duty,
    Episode,
    ErasureRequest,
    Escalation,
    FiledCard,
    Lane,
    PlanVersion,
    RulesChange,
)
from tests import reading_pdf
from tests.clinic.person import pages

OUTING = re.compile(r"\b(ket|drug|dose|addict)", re.IGNORECASE)
# A user's own row is the account.
NOT_ABOUT_A_PERSON = {
    *(Service, ProtocolAcceptance, User, DirectoryNote, RulesChange, Duty, Beat, Failures),
    *(Restore, Lift),  # of a whole service
}
MADE_FROM_THE_OTHERS = {FiledCard}


def taken(phone: Client, kind: str) -> Any:
    answer = phone.post(f"/me/take/{kind}/")
    assert answer.status_code == 200
    return answer


def record(phone: Client) -> Any:
    return json.loads(taken(phone, "json").content)


def tables(phone: Client) -> dict[str, list[dict[str, str]]]:
    packed = zipfile.ZipFile(io.BytesIO(taken(phone, "csv").content))
    opened = {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in opened.items()}


# --- taking it --------------------------------------------------------------------------------


def test_every_kind_of_row_about_a_person_is_in_the_export() -> None:
    """A new kind of row that nobody can reach from a person would be missed: it fails here."""
    kept = {model for app in mine.HOLDING for model in apps.get_app_config(app).get_models()}
    assert {model for model, _ in mine.held()} == kept - NOT_ABOUT_A_PERSON - MADE_FROM_THE_OTHERS


def test_the_json_has_what_was_told_agreed_and_looked_at(
    on_plan: Episode, phone: Client, say: Any
) -> None:
    say(on_plan)
    told = record(phone)
    parts = told["parts"]
    assert told["name"] == "Rowan"
    assert parts["events"][-1]["body"]["amount_mg"] == [1800, 2000]
    assert parts["plan_versions"][0]["levels"][1]["ceiling_mg"] == 2350
    assert {line["kind"] for line in parts["consents"]} >= {"store", "share_keyworker"}
    assert parts["baselines"][0]["recorded_by"] == "Sam"
    assert "plans.approve" in {line["action"] for line in parts["trail"]}
    assert "password" not in parts["account"][0]


def test_nothing_about_anybody_else_is_in_it(
    on_plan: Episode, phone: Client, ines: User, service: Service
) -> None:
    text = taken(phone, "json").content.decode()
    assert "Ines" not in text
    assert "Hillside" not in text


def test_all_three_files_hold_the_same_rows(on_plan: Episode, phone: Client, say: Any) -> None:
    say(on_plan)
    parts, sheets = record(phone)["parts"], tables(phone)
    for name, rows in parts.items():
        if name not in ("trail",):  # taking a copy adds a line to it
            assert len(sheets[f"{name}.csv"]) == len(rows), name
    text = reading_pdf.text(taken(phone, "pdf").content)
    assert "Amount mg: 1800, 2000" in text or "amount mg 1800, 2000" in text


def test_the_pdf_is_tagged_and_the_files_have_names_that_say_nothing(
    on_plan: Episode, phone: Client
) -> None:
    for kind, ending in (("json", "json"), ("csv", "zip"), ("pdf", "pdf")):
        answer = taken(phone, kind)
        assert answer["Content-Disposition"] == f'attachment; filename="steps-2026-12-01.{ending}"'
        assert "no-store" in answer["Cache-Control"]
    assert reading_pdf.is_accessible(taken(phone, "pdf").content)


def test_a_cell_that_a_spreadsheet_would_run_is_text(
    on_plan: Episode, phone: Client, rowan: User
) -> None:
    rowan.display_name = '=HYPERLINK("x")'
    rowan.save()
    assert tables(phone)["account.csv"][0]["display_name"] == '\'=HYPERLINK("x")'


def test_what_somebody_wrote_is_never_read_as_markup(
    on_plan: Episode, phone: Client, rowan: User
) -> None:
    rowan.display_name = "#panic() *x* ]"
    rowan.save()
    assert "#panic() *x* ]" in reading_pdf.text(taken(phone, "pdf").content)


def test_while_no_amount_may_be_shown_no_amount_of_the_plan_is_taken(
    on_plan: Episode, phone: Client, say: Any
) -> None:
    say(on_plan, flags=["blood_in_urine"])
    told = record(phone)
    assert "2350" not in json.dumps(told["parts"])
    assert any("left out while none may be shown" in line for line in told["left_out"])
    assert "1800" in json.dumps(told["parts"])


def test_a_draft_that_nobody_approved_has_no_amount_in_it(
    draft: PlanVersion, phone: Client
) -> None:
    row = record(phone)["parts"]["plan_versions"][0]
    assert row["rationale"] == draft.rationale
    assert "levels" not in row


def test_taking_a_copy_is_kept_for_the_person_to_see(on_plan: Episode, phone: Client) -> None:
    taken(phone, "pdf")
    assert "Took a copy of everything" in pages.text(phone.get("/me/who-looked/"))


@pytest.mark.parametrize("address", ["/me/take/json/", "/me/take/exe/"])
def test_a_copy_is_taken_with_a_button_and_of_a_known_kind(
    on_plan: Episode, phone: Client, address: str
) -> None:
    assert phone.get(address).status_code == 405
    assert phone.post("/me/take/exe/").status_code == 404


def test_only_the_person_takes_their_own(on_plan: Episode, sam: User, ines: User) -> None:
    for other in (sam, ines):
        with pytest.raises(access.NotFound):
            mine.export(on_plan, kind="json", by=other, at=clock.now())


# --- deleting ---------------------------------------------------------------------------------


def test_asking_to_delete_gives_a_dated_receipt_and_tells_the_team(
    on_plan: Episode, phone: Client
) -> None:
    assert "must keep a record of the care" in pages.text(phone.get("/me/delete/"))
    phone.post("/me/delete/")
    page, asked = pages.text(phone.get("/me/delete/")), ErasureRequest.objects.get()
    assert erasure.receipt(asked) in page
    assert "Tuesday 1 December 2026, 09:00" in page
    assert "Nothing is deleted yet." in page
    assert Escalation.objects.get(key=erasure.ASKED).urgency == "routine"


def test_the_request_waits_in_the_teams_day_until_it_was_answered(
    on_plan: Episode, phone: Client, sam: User
) -> None:
    phone.post("/me/delete/")
    (card,) = queries.lanes(sam, clock.now())[Lane.DUE]
    assert (card.reason, card.episode_id) == ("asked_to_delete", on_plan.pk)
    signal = Escalation.objects.get(key=erasure.ASKED)
    escalations.close(signal, outcome="Told what is kept.", by=sam, at=clock.now())
    assert queries.lanes(sam, clock.now())[Lane.DUE] == []


def test_asking_twice_is_one_request(on_plan: Episode, phone: Client) -> None:
    for _ in range(2):
        phone.post("/me/delete/")
    assert ErasureRequest.objects.count() == 1
    assert Escalation.objects.filter(key=erasure.ASKED).count() == 1


def test_the_receipt_can_be_taken_away(on_plan: Episode, phone: Client) -> None:
    assert phone.get("/me/delete/receipt.pdf").status_code == 404
    phone.post("/me/delete/")
    made = phone.get("/me/delete/receipt.pdf").content
    text = reading_pdf.text(made)
    assert reading_pdf.is_accessible(made)
    assert erasure.receipt(ErasureRequest.objects.get()) in text
    assert "1 December 2026, 09:00" in text
    assert "must keep a record of the care" in text
    assert OUTING.search(text) is None


def test_the_plan_goes_on_after_asking(on_plan: Episode, phone: Client) -> None:
    phone.post("/me/delete/")
    assert "2350 mg" in pages.text(phone.get("/today/")).replace("\xa0", " ")


def test_nobody_else_asks_for_it(on_plan: Episode, sam: User) -> None:
    with pytest.raises(access.NotFound):
        erasure.ask(on_plan, by=sam, at=clock.now())
    assert not ErasureRequest.objects.exists()


# --- moving -----------------------------------------------------------------------------------


def test_signing_out_everywhere_else_leaves_this_phone_signed_in(
    on_plan: Episode, phone: Client, rowan: User, sam: User
) -> None:
    old, sams = Client(), Client()
    old.force_login(rowan)
    sams.force_login(sam)
    assert old.get("/today/").status_code == 200
    phone.post("/me/move/")
    assert phone.get("/today/").status_code == 200
    assert old.get("/today/").status_code == 302
    assert sams.get("/team/").status_code == 200


def test_signing_out_everywhere_works_every_time(
    on_plan: Episode, phone: Client, rowan: User
) -> None:
    for _ in range(2):
        old = Client()
        rowan.refresh_from_db()
        old.force_login(rowan)
        phone.post("/me/move/")
        assert old.get("/today/").status_code == 302
        assert phone.get("/today/").status_code == 200


def test_the_page_says_where_to_sign_in_and_as_whom(on_plan: Episode, phone: Client) -> None:
    page = pages.text(phone.get("/me/move/"))
    assert "testserver" in page
    assert "rowan" in page


# --- addresses, titles and words --------------------------------------------------------------


@pytest.mark.parametrize("address", ["/me/take/", "/me/delete/", "/me/move/", "/plan/paper/"])
def test_no_title_and_no_word_outs(on_plan: Episode, phone: Client, address: str) -> None:
    answer = phone.get(address)
    assert OUTING.search(pages.title(answer)) is None
    assert OUTING.search(pages.text(answer)) is None


def test_me_leads_to_each_of_them(on_plan: Episode, phone: Client) -> None:
    page = phone.get("/me/").content.decode()
    for address in ("/plan/paper/", "/me/take/", "/me/move/", "/me/delete/"):
        assert f'href="{address}"' in page
