"""Every setting of the clinic, read once at start. What does not fit stops the start, by name.

The environment may say:
  STEPWELL_HOME          where the database and the secret key live (./var)
  STEPWELL_DATABASE_URL  sqlite:///path or postgresql://user:password@host:port/name
  STEPWELL_SECRET_KEY    at least 32 characters; without it one is made and kept in STEPWELL_HOME
  STEPWELL_ADDRESSES     whom it may speak to besides its database: host:port, by commas (nobody)
  STEPWELL_HOSTS         the names this service answers to, separated by commas (loopback)
  STEPWELL_PRACTICE_ADDRESS  where the practice service of this one answers, for "Practise"
  STEPWELL_EMAIL         how e-mail leaves: file, console, smtp://, smtp+starttls:// or smtps://
  STEPWELL_EMAIL_FROM    the address it is from
  STEPWELL_SMS           how a text message leaves: file, console, or the https:// of a service
  STEPWELL_SMS_TOKEN_FILE  a file with the token that service asks for
  STEPWELL_BEHIND_PROXY  1 where a proxy in front ends TLS and sets X-Forwarded-Proto
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from stepwell.clinic import network

CLINIC = Path(__file__).resolve().parent
HOME = Path(os.environ.get("STEPWELL_HOME", "var")).resolve()
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
POSTGRESQL_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}


def secret_key() -> str:
    """The key of the environment, or the one made once for this home and readable by it alone."""
    given = os.environ.get("STEPWELL_SECRET_KEY")
    if given is not None:
        return _long_enough(given, "STEPWELL_SECRET_KEY")
    path = HOME / "secret_key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(64))
    return _long_enough(path.read_text(encoding="ascii").strip(), str(path))


def _long_enough(key: str, where: str) -> str:
    if len(key) < 32:
        raise ImproperlyConfigured(f"{where}: the secret key must have at least 32 characters.")
    return key


def _write_once(path: Path, text: str) -> None:
    """Two processes may start together: the file appears whole, and the first one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(url: str) -> dict[str, Any]:
    """One database from its URL; a scheme, part or option that is not known is refused by name."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme in {"postgresql", "postgres"}:
        return _postgresql(parts)
    raise _refused(f"the scheme {parts.scheme!r} is not known; use sqlite or postgresql")


def _refused(why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"STEPWELL_DATABASE_URL: {why}.")


def _sqlite(parts: SplitResult) -> dict[str, Any]:
    if parts.netloc or parts.query or parts.fragment:
        raise _refused("sqlite takes a path alone, as in sqlite:///var/stepwell.sqlite3")
    path = unquote(parts.path).removeprefix("/")
    if not path:
        raise _refused("sqlite needs a path, as in sqlite:///var/stepwell.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(path).absolute(),
        "OPTIONS": {
            # Every transaction takes the write lock at its start, so that what it checks still
            # holds when it writes; FULL, so that an answer the person was given is on the disk.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            ),
        },
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path).removeprefix("/")
    if not name or "/" in name:
        raise _refused("the name of the database is missing, as in postgresql://host/name")
    if parts.fragment:
        raise _refused("a part after # has no meaning")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": _port(parts),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A server may be set to answer before it has written; a danger answer must not be lost.
        "OPTIONS": {**_options(parts), "options": "-c synchronous_commit=on"},
    }


def _port(parts: SplitResult) -> str:
    try:
        return str(parts.port or "")
    except ValueError as error:
        raise _refused("the port is not a number between 0 and 65535") from error


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(set(options) - POSTGRESQL_OPTIONS):
        raise _refused(f"the option {unknown[0]!r} is not known")
    return options


def addresses(listed: str) -> tuple[network.Address, ...]:
    """Whom this program may speak to, the server of its database among them; none by default."""
    try:
        return (*network.read(listed), *_database_server())
    except ValueError as error:
        raise ImproperlyConfigured(f"STEPWELL_ADDRESSES: {error}.") from error


def _database_server() -> tuple[network.Address, ...]:
    default = DATABASES["default"]
    if not default.get("HOST") or str(default["HOST"]).startswith("/"):
        return ()
    return (network.Address(default["HOST"], int(default["PORT"] or 5432)),)


def hosts(listed: str) -> list[str]:
    """The names this service answers to; a wildcard is refused, since it answers to any name."""
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if any("*" in name or name.startswith(".") for name in names):
        raise ImproperlyConfigured("STEPWELL_HOSTS: name each host; a wildcard is refused.")
    return names or LOOPBACK


PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465, "http": 80, "https": 443}


def how_to_send(name: str, schemes: tuple[str, ...]) -> SplitResult:
    """How one channel leaves. What is not listed among the addresses stops the start."""
    given = os.environ.get(name) or "file"
    told = urlsplit(given if ":" in given else f"{given}:")
    if told.scheme not in schemes:
        raise ImproperlyConfigured(f"{name}: use one of {', '.join(schemes)}.")
    if told.scheme in ("file", "console"):
        return told
    try:
        where = network.Address(told.hostname or "", told.port or PORTS[told.scheme])
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the port is not a number.") from error
    if where not in ADDRESSES:
        raise ImproperlyConfigured(f"{name}: {where} is not listed in STEPWELL_ADDRESSES.")
    return told._replace(netloc=told.netloc if told.port else f"{told.netloc}:{where.port}")


def sms_token() -> str:
    """What the text service asks for, from a file so that no list of processes shows it."""
    path = os.environ.get("STEPWELL_SMS_TOKEN_FILE")
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        raise ImproperlyConfigured(f"STEPWELL_SMS_TOKEN_FILE: {error.strerror}.") from error


def practice_address(given: str) -> str:
    """Where "Practise" leads: scheme, host and port alone, or nothing."""
    parts = urlsplit(given)
    alone = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if given and not (parts.scheme in {"http", "https"} and parts.netloc and alone):
        raise ImproperlyConfigured(
            "STEPWELL_PRACTICE_ADDRESS: give scheme and host alone, as in https://practice.example."
        )
    return given.rstrip("/")


# A home with this file in it holds made-up people to practise with, in a database of its own.
PRACTICE = (HOME / "made_up_people_only").exists()
if PRACTICE and os.environ.get("STEPWELL_DATABASE_URL"):
    raise ImproperlyConfigured(
        "STEPWELL_DATABASE_URL: refused, a practice service is kept in its own home."
    )
PRACTICE_ADDRESS = practice_address(os.environ.get("STEPWELL_PRACTICE_ADDRESS", ""))

DEBUG = False
SECRET_KEY = secret_key()
ALLOWED_HOSTS = hosts(os.environ.get("STEPWELL_HOSTS", ""))
# Anything that can be reached from another machine is spoken to over TLS only.
HTTPS_ONLY = not set(ALLOWED_HOSTS) <= set(LOOPBACK)

DATABASES = {
    "default": database(
        os.environ.get("STEPWELL_DATABASE_URL") or f"sqlite:///{HOME / 'stepwell.sqlite3'}"
    )
}
ADDRESSES = addresses(os.environ.get("STEPWELL_ADDRESSES", ""))
SENDERS = {
    "email": how_to_send("STEPWELL_EMAIL", ("file", "console", "smtp", "smtp+starttls", "smtps")),
    "sms": how_to_send("STEPWELL_SMS", ("file", "console", "http", "https")),
}
EMAIL_SENDER = os.environ.get("STEPWELL_EMAIL_FROM", "service@localhost")
SMS_TOKEN = sms_token()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "stepwell.clinic.audit",
    "stepwell.clinic.accounts",
    "stepwell.clinic.care",
    "stepwell.clinic.person",
    "stepwell.clinic.team",
]
MIDDLEWARE = [
    "stepwell.clinic.hosting.watching.probes",
    "stepwell.clinic.hosting.logs.requests",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",  # a file that a phone has is not sent again
    "django.middleware.gzip.GZipMiddleware",  # pads by chance, so that length gives no secret away
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "stepwell.clinic.accounts.sessions.EndWhenIdle",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "stepwell.clinic.accounts.floods.PutOff",
    "stepwell.clinic.person.first.BeforeAnythingElse",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "stepwell.clinic.urls"
WSGI_APPLICATION = "stepwell.clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CLINIC / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stepwell.clinic.accounts.context.service",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name"]},
    },
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
# The team's pages are English. Who has read a language: locale/*/review.json.
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文（香港）")]
LANGUAGE_COOKIE_NAME = "steps_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
LOCALE_PATHS = [CLINIC / "locale"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
USE_TZ = True
# Each episode has a zone of its own; nothing is ever shown in the server's.
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [CLINIC / "static"]
# Served straight from the source tree, so that there is nothing to collect before a start.
WHITENOISE_USE_FINDERS = True

# Cookies are shared by all ports of a host: practising must not sign anybody out of real work.
SESSION_COOKIE_NAME = "practice_session" if PRACTICE else "steps_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_NAME = "practice_csrf" if PRACTICE else "steps_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = os.environ.get("STEPWELL_BEHIND_PROXY") == "1"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # A line is built from known fields alone: hosting/logs.py says which, and why.
    "formatters": {"line": {"()": "stepwell.clinic.hosting.logs.Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "stepwell": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
