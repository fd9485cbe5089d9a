"""What the environment may say, and what is refused by name."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from stepwell.clinic import settings


def started_with(home: Path, code: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("STEPWELL_", "COVERAGE"))}
    return subprocess.run(
        [sys.executable, "-c", f"from stepwell.clinic import settings; {code}"],
        env={**clean, "STEPWELL_HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_sqlite_keeps_what_it_has_acknowledged() -> None:
    options = settings.database("sqlite:///var/x.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert pragma in options["init_command"]


def test_postgresql_is_one_url() -> None:
    found = settings.database("postgresql://us%40er:p%2Fw@db.local:5433/clinic?sslmode=require")
    assert found["NAME"] == "clinic"
    assert found["USER"] == "us@er"
    assert found["PASSWORD"] == "p/w"
    assert (found["HOST"], found["PORT"]) == ("db.local", "5433")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "synchronous_commit=on" in found["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mysql://host/name", "mysql"),
        ("var/stepwell.sqlite3", "scheme ''"),
        ("sqlite://", "path"),
        ("sqlite://host/name", "path alone"),
        ("sqlite:///x?timeout=1", "path alone"),
        ("postgresql://host", "name of the database"),
        ("postgresql://host/a/b", "name of the database"),
        ("postgresql://host:port/name", "port"),
        ("postgresql://host/name?synchronous_commit=off", "synchronous_commit"),
        ("postgresql://host/name?options=-c", "'options'"),
        ("postgresql://host/name#x", "after #"),
    ],
)
def test_a_url_that_does_not_fit_is_refused_by_name(url: str, named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        settings.database(url)


def test_the_secret_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    first = started_with(tmp_path, "print(settings.SECRET_KEY)").stdout.strip()
    again = started_with(tmp_path, "print(settings.SECRET_KEY)").stdout.strip()
    assert first == again == (tmp_path / "secret_key").read_text(encoding="ascii")
    assert len(first) > 60
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_short_secret_key_stops_the_start(tmp_path: Path) -> None:
    ended = started_with(tmp_path, "", STEPWELL_SECRET_KEY="short")
    assert ended.returncode != 0
    assert "STEPWELL_SECRET_KEY" in ended.stderr


def test_debugging_is_off_whatever_the_environment_says(tmp_path: Path) -> None:
    code = "print(settings.DEBUG)"
    assert started_with(tmp_path, code, DEBUG="1", STEPWELL_DEBUG="1").stdout == "False\n"


def test_it_answers_to_this_machine_alone_unless_hosts_are_named() -> None:
    assert settings.hosts("") == settings.LOOPBACK
    assert settings.hosts("clinic.example, www.clinic.example")[1] == "www.clinic.example"


@pytest.mark.parametrize("listed", ["*", ".example", "a,*.example"])
def test_a_wildcard_host_is_refused(listed: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="wildcard"):
        settings.hosts(listed)


def test_a_service_that_others_can_reach_is_spoken_to_over_tls_only(tmp_path: Path) -> None:
    code = (
        "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        " settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS > 0)"
    )
    open_ = started_with(tmp_path, code, STEPWELL_HOSTS="clinic.example").stdout
    assert open_ == "True True True True\n"
    assert started_with(tmp_path, code).stdout == "False False False False\n"


def test_passwords_are_hashed_with_argon2_alone() -> None:
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_no_number_is_ever_written_in_a_local_way() -> None:
    assert live.USE_THOUSAND_SEPARATOR is False
    source = Path(settings.__file__).parent
    found = [p for p in source.rglob("*.py") if "localize=True" in p.read_text(encoding="utf-8")]
    assert found == []


def test_every_page_is_shut_in_to_its_own_address(client: Client, db: None) -> None:
    answer = client.get("/sign-in/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_styles_are_served_from_the_source_tree(client: Client, db: None) -> None:
    answer = client.get("/static/stepwell/tokens.css")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/css")


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"STEPWELL_EMAIL": "smtp://mail.example:25"}, "mail.example:25 is not listed"),
        ({"STEPWELL_SMS": "https://texts.example/send"}, "texts.example:443 is not listed"),
        ({"STEPWELL_EMAIL": "pigeon"}, "STEPWELL_EMAIL: use one of"),
        ({"STEPWELL_SMS": "smtp://texts.example"}, "STEPWELL_SMS: use one of"),
        ({"STEPWELL_SMS_TOKEN_FILE": "/nowhere/at/all"}, "STEPWELL_SMS_TOKEN_FILE"),
    ],
)
def test_a_way_out_that_the_host_has_not_listed_stops_the_start(
    env: dict[str, str], told: str, tmp_path: Path
) -> None:
    done = started_with(tmp_path, "pass", **env)
    assert done.returncode != 0
    assert told in done.stderr


def test_notices_leave_by_what_the_host_has_listed_and_else_as_files(tmp_path: Path) -> None:
    show = "print(settings.SENDERS['email'].geturl(), settings.SENDERS['sms'].scheme)"
    listed = {"STEPWELL_ADDRESSES": "mail.example:587"}
    done = started_with(tmp_path, show, STEPWELL_EMAIL="smtp+starttls://mail.example", **listed)
    assert done.stdout.strip() == "smtp+starttls://mail.example:587 file"
