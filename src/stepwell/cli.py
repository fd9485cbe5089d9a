"""The command line: the same engine as the clinic's, and the clinic's own start."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from threading import Event
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from stepwell import catalogue, readable
from stepwell.engine import wire
from stepwell.engine.errors import Fault, InputError, ProtocolError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ease off ketamine one agreed step at a time. For clinicians and the people they see.",
)
audit = typer.Typer(no_args_is_help=True, help="The trail of who did and read what.")
app.add_typer(audit, name="audit")
_console = Console(highlight=False, soft_wrap=False)

_File = Annotated[str, typer.Argument(metavar="FILE", help="A JSON file; - reads standard input.")]
_Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
_Home = Annotated[Path | None, typer.Option(help="Where the database and the key live.")]
_TestClock = Annotated[Path | None, typer.Option(help="Demo only: read the time from this file.")]
_Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A file of `stepwell backup`.")]
_Listed = Annotated[
    bool, typer.Option("--listed/--unlisted", help="--unlisted: a replica, with no manifest.")
]
_Port = Annotated[int, typer.Option(min=1, max=65535, help="The port on the loopback address.")]

DOES_NOT_FIT = 2
DIFFERS = 1


def main() -> None:
    """Start. A malformed protocol stops everything here, with the path of the fault."""
    try:
        catalogue.protocols()
    except ProtocolError as error:
        _refuse(error.faults)
    app()


@app.command()
def plan(file: _File, as_json: _Json = False) -> None:
    """Draft a plan from a request. A refusal is an answer too."""
    _answer(wire.plan, file, as_json, readable.show_plan)


@app.command()
def decide(file: _File, as_json: _Json = False) -> None:
    """Say what is open on the case's day, and why."""
    _answer(wire.decide, file, as_json, readable.show_recommendation)


@app.command()
def replay(file: _File, as_json: _Json = False) -> None:
    """Walk a case day by day; or decide a stored review again and compare every byte."""
    document = _read(file)
    if isinstance(document, dict) and "case_sha256" in document:
        _replay_review(document, file)
    else:
        _answer_document(wire.replay, document, file, as_json, readable.show_replay)


@app.command()
def schema(
    of: Annotated[str, typer.Argument(metavar="plan|decide", help="Which command's input.")],
) -> None:
    """Print the JSON Schema of what a command takes."""
    if of not in wire.SCHEMAS:
        _refuse([Fault(of, f"must be one of {', '.join(wire.SCHEMAS)}")])
    sys.stdout.write(wire.dumps(wire.SCHEMAS[of]))


@app.command()
def serve(
    port: _Port = 8000,
    home: _Home = None,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
    test_clock: _TestClock = None,
    with_work: Annotated[
        bool, typer.Option("--work/--no-work", help="Start the timers beside it too.")
    ] = True,
) -> None:
    """Start the clinic on 127.0.0.1, with its database brought up to date, and its timers."""
    _set_up_django(home, test_clock)
    with _no_restore_meanwhile():
        _migrate()
        _serve(port, workers, test_clock, with_work=with_work)


@app.command()
def work(
    home: _Home = None,
    once: Annotated[bool, typer.Option(help="Do what is due now, and stop.")] = False,
    test_clock: _TestClock = None,
    beside: Annotated[int | None, typer.Option(hidden=True, help="Stop with this process.")] = None,
) -> None:
    """Alerts, reminders and notices: go round until stopped. Several may run side by side."""
    _set_up_django(home, test_clock)
    from stepwell.clinic import clock, starting
    from stepwell.clinic.jobs import worker

    if beside is None:  # whoever started it has done so
        _migrate()
    starting.begin()
    if once:
        for name, done in worker.go_round(clock.now()):
            sys.stdout.write(f"{name} {done}\n")
        return
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.work(stop, lambda: beside is not None and os.getppid() != beside)


@app.command()
def demo(
    port: _Port = 8000,
    home: Annotated[Path, typer.Option(help="Where the demo lives.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="Which made-up histories.")] = 1,
    start: Annotated[bool, typer.Option("--serve", help="Start the web server too.")] = False,
) -> None:
    """Make the demo service afresh, with twelve made-up people, and print its sign-ins."""
    _set_up_django(home, None)
    from stepwell.clinic import clock
    from stepwell.clinic import demo as demonstration
    from stepwell.clinic.accounts import people

    try:
        demonstration.start_afresh()
    except people.WrongKind as error:
        _refuse([Fault("home", str(error))], "demo")
    _migrate()
    _print_sign_ins(demonstration.prepare(at=clock.now(), seed=seed), port)
    if start:
        with _no_restore_meanwhile():
            _serve(port, workers=1)


@app.command()
def practise(
    port: _Port = 8001,
    home: _Home = None,
    seed: Annotated[int, typer.Option(help="Which made-up histories.")] = 1,
    start: Annotated[bool, typer.Option("--serve", help="Start the web server too.")] = False,
) -> None:
    """Make, or begin afresh, the practice service of a real one: made-up people alone."""
    told = _asked_of_the_real_one(home)
    _set_up_practice(home)
    from stepwell.clinic import clock, demo, practice
    from stepwell.clinic.accounts import people

    try:
        demo.start_afresh()
    except people.WrongKind as error:
        _refuse([Fault("home", str(error))], "practise")
    _migrate()
    about = (
        "A practice service: everybody in it is made up. Each worker has a sign-in of their own."
    )
    _print_sign_ins(practice.prepare(told, at=clock.now(), seed=seed), port, about)
    if start:
        with _no_restore_meanwhile():
            _serve(port, workers=1)


@app.command(hidden=True)
def workers(home: _Home = None) -> None:
    """Print what a practice service takes from a real one: names and roles of its team."""
    _set_up_django(home, None)
    from django.db.utils import DatabaseError

    from stepwell.clinic import practice

    try:
        sys.stdout.write(json.dumps(practice.ask()))
    except (practice.NoService, DatabaseError) as error:
        _refuse([Fault("home", str(error))], "practise")


@app.command("open")
def open_service(
    name: Annotated[str, typer.Option(prompt=True, help="The service's name.")],
    country: Annotated[str, typer.Option(prompt=True, help="Two letters, such as GB.")],
    time_zone: Annotated[str, typer.Option(prompt=True, help="Such as Europe/London.")],
    administrator: Annotated[str, typer.Option(prompt=True, help="A sign-in name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    home: _Home = None,
) -> None:
    """Open a real service with its first administrator. Nothing can be approved yet."""
    _set_up_django(home, None)
    _migrate()
    _open(name, country, time_zone, administrator, password)


@app.command()
def doctor(home: _Home = None) -> None:
    """Check this installation: data, database, engine, and every stored review decided again."""
    _set_up_django(home, None)
    from stepwell.clinic.care import health
    from stepwell.clinic.hosting import doctor as machine

    checks = [("protocols", _protocols_are_named()), *health.checks(), *machine.checks()]
    for name, trouble in checks:
        _console.print(f"{'ok     ' if trouble is None else 'trouble'} {name} {trouble or ''}")
    raise typer.Exit(DIFFERS if any(trouble for _, trouble in checks) else 0)


@app.command("catch-up")
def catch_up(home: _Home = None) -> None:
    """Make every card of the team's day anew that an upgrade or time has made old."""
    _set_up_django(home, None)
    _migrate()
    from stepwell.clinic import clock
    from stepwell.clinic.care import filed

    filed.catch_up_with_all(clock.now())
    _console.print("Every card is as of now.")


@app.command("network")
def network_(home: _Home = None) -> None:
    """List every address that the program may speak to, and every one that it did or tried to."""
    _set_up_django(home, None)
    from django.conf import settings

    from stepwell.clinic import network

    for one in settings.ADDRESSES:
        sys.stdout.write(f"may     {one}\n")
    for line in network.spoken_to(settings.HOME):
        how = "did    " if line["listed"] else "refused"
        sys.stdout.write(f"{how} {line['address']} first on {line['at']}\n")
    if not settings.ADDRESSES:
        sys.stdout.write("It may speak to nobody: its database is a file, and nothing is listed.\n")


@audit.command("verify")
def verify_audit(
    home: _Home = None,
    kept: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER:DIGEST as printed before and kept elsewhere; may be repeated."),
    ] = None,
) -> None:
    """Walk every chain of the trail and name the first link of each that is broken."""
    _set_up_django(home, None)
    from stepwell.clinic.audit import chain

    chains, episodes, broken = [], 0, 0
    for one in chain.verify():
        episodes, broken = episodes + one.of_an_episode, broken + bool(one.broken)
        if not one.of_an_episode:
            chains.append(one.chain_id)
        if one.broken or not one.of_an_episode:
            how = f"trouble {one.broken}" if one.broken else "whole"
            kept_now = f"{one.length}:{one.digest}"  # never cut to fit a window
            keep = "" if one.of_an_episode else f"; keep {kept_now}"
            sys.stdout.write(f"{one.chain_id} {one.length} lines, {how}{keep}\n")
    sys.stdout.write(f"{episodes} chains of episodes were walked as well\n")
    lost = [told for told in kept or [] if not _is_kept(told, chains)]
    for told in lost:
        sys.stdout.write(f"trouble {told} is in no chain any more\n")
    raise typer.Exit(DIFFERS if lost or broken else 0)


@audit.command("seal")
def seal_audit(home: _Home = None) -> None:
    """Let each service's chain stand for its episodes' as they are now; the worker does it too."""
    _set_up_django(home, None)
    from stepwell.clinic import clock
    from stepwell.clinic.audit import chain

    sys.stdout.write(f"{chain.seal(clock.now())} chains of episodes had gone on\n")


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(metavar="TO", help="A new file, or folder with --keys.")],
    keys: Annotated[bool, typer.Option("--keys", help="The home's keys instead.")] = False,
    home: _Home = None,
) -> None:
    """Copy the whole database into one checked file while it runs; the keys go elsewhere."""
    _set_up_django(home, None)
    from django.conf import settings

    from stepwell.clinic import clock
    from stepwell.clinic.hosting import backup as making

    with _usable(to):
        if keys:
            kept = making.keep_keys(settings.HOME, to)
            sys.stdout.write(f"{to}: {', '.join(kept)}. Keep this apart from every backup.\n")
            return
        made = making.make(settings.DATABASES["default"], settings.HOME, to, at=clock.now())
    sys.stdout.write(f"{to}: {sum(made.rows.values())} rows, sha256 {made.sha256}\n")


@app.command()
def verify(file: _Backup, listed: _Listed = True) -> None:
    """Check a backup from its file alone: nothing that runs is touched."""
    os.environ.setdefault("STEPWELL_SECRET_KEY", secrets.token_urlsafe(64))  # no home gets one
    _set_up_django(None, None)
    from stepwell.clinic.hosting import verify as checking

    with _usable(file):
        checked = checking.check(file, listed=listed)
    rows, chains = sum(checked.found.rows.values()), len(checked.found.chains)
    sys.stdout.write(f"{file}: sound, of {checked.made_at:%Y-%m-%d %H:%M} UTC, ")
    sys.stdout.write(f"{rows} rows, {chains} audit chains whole\n")


@app.command()
def restore(
    file: _Backup,
    home: _Home = None,
    listed: _Listed = True,
    over: Annotated[
        bool, typer.Option("--over", help="Replace the service here; asks for its name.")
    ] = False,
) -> None:
    """Put a backup in place. The service starts frozen until a named clinician has looked."""
    begun = time.monotonic()
    _set_up_django(home, None)
    from django.conf import settings

    from stepwell.clinic import clock
    from stepwell.clinic.hosting import restore as restoring

    database = settings.DATABASES["default"]
    typed = _typed_name(restoring.services(database)) if over else None
    with _usable(file):
        try:
            restored = restoring.restore(
                file, database, settings.HOME, at=clock.now(), listed=listed, over=typed
            )
        except restoring.NotEmpty as error:
            _refuse([Fault("", f"{error}; --over replaces it, and asks for its name")], "restore")
    _migrate()
    took = time.monotonic() - begun
    if restored.kept:
        sys.stdout.write(f"What stood here before is kept as {restored.kept}\n")
    sys.stdout.write(f"Restored in {took:.1f} s, frozen: sign in as a clinician to lift it.\n")


@app.command("export")
def export_(
    to: Annotated[Path, typer.Argument(metavar="TO", help="A new folder.")],
    reason: Annotated[str, typer.Option(prompt="For whom, and why", help="For whom, and why.")],
    episode: Annotated[str, typer.Option(help="The id of a course of care.")] = "",
    person: Annotated[str, typer.Option(help="Or a person's sign-in name.")] = "",
    home: _Home = None,
) -> None:
    """Write one person's whole record as JSON, CSV and PDF. They see that it was made, and why."""
    if bool(episode) == bool(person):
        _refuse([Fault("", "name one: --episode or --person")], "export")
    _set_up_django(home, None)
    from stepwell.clinic import clock
    from stepwell.clinic.hosting import export

    with _usable(to):
        made = export.write(to, episode=episode, person=person, reason=reason, at=clock.now())
    sys.stdout.write(f"{to}: {', '.join(made)}. Not encrypted: hand it over, then delete it.\n")


def _typed_name(names: Sequence[str]) -> str | None:
    if not names:
        return None
    return str(typer.prompt(f"Type the name of what is replaced ({', '.join(names)})"))


@contextmanager
def _usable(file: Path) -> Iterator[None]:
    from stepwell.clinic.hosting.manifest import Unusable

    try:
        yield
    except Unusable as error:
        _refuse([Fault("", str(error))], str(file))


@app.command()
def version() -> None:
    """Print the version of the program."""
    _console.print(metadata.version("stepwell"))


# --- questions to the engine ------------------------------------------------------------------


def _answer(
    ask: Callable[..., Any], file: str, as_json: bool, show: Callable[[Any, Console], None]
) -> None:
    _answer_document(ask, _read(file), file, as_json, show)


def _answer_document(
    ask: Callable[..., Any],
    document: Any,
    file: str,
    as_json: bool,
    show: Callable[[Any, Console], None],
) -> None:
    try:
        answer = ask(document, catalogue.protocols())
    except InputError as error:
        _refuse(error.faults, file)
    if as_json:
        sys.stdout.write(wire.dumps(answer))
    else:
        show(answer, _console)


def _replay_review(review: dict[str, Any], file: str) -> None:
    """Print the recommendation decided again; exit 1 when the stored one has other bytes."""
    for key in ("case", "recommendation"):
        if key not in review:
            _refuse([Fault(key, "is missing")], file)
    try:
        again = wire.dumps(wire.decide(review["case"], catalogue.protocols()))
    except InputError as error:
        _refuse(error.faults, file)
    sys.stdout.write(again)
    same_case = wire.digest(review["case"]) == review["case_sha256"]
    if not same_case or again != wire.dumps(review["recommendation"]):
        _complain("differs from the stored recommendation" if same_case else "case was changed")
        raise typer.Exit(DIFFERS)


def _read(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_doubles)
    except (OSError, ValueError, RecursionError) as error:
        _refuse([Fault("", f"cannot be read as JSON: {error}")], file)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a key stand twice and keeps the last; here that is a fault."""
    names = [name for name, _ in pairs]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"{doubled[0]!r} stands twice")
    return dict(pairs)


def _refuse(faults: Iterable[Fault], file: str = "") -> NoReturn:
    for fault in faults:
        _complain(": ".join(part for part in (file, fault.path, fault.text) if part))
    raise typer.Exit(DOES_NOT_FIT) if file else SystemExit(DOES_NOT_FIT)


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


# --- the clinic -------------------------------------------------------------------------------


def _set_up_django(home: Path | None, test_clock: Path | None) -> None:
    if home is not None:
        os.environ["STEPWELL_HOME"] = str(home)
    os.environ.pop("STEPWELL_CLOCK_FILE", None)  # only the option may name it
    if test_clock is not None:
        os.environ["STEPWELL_CLOCK_FILE"] = str(test_clock)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.clinic.settings")
    import django

    django.setup()


def _asked_of_the_real_one(home: Path | None) -> Any:
    """Asked by another process: one process knows one database, the real one or the other."""
    asked = [sys.executable, "-c", "from stepwell import cli; cli.main()", "workers"]
    asked += ["--home", str(home)] if home else []
    done = subprocess.run(asked, stdout=subprocess.PIPE, check=False, text=True)  # noqa: S603
    if done.returncode:
        raise typer.Exit(done.returncode)
    return json.loads(done.stdout)


def _set_up_practice(home: Path | None) -> None:
    own = Path(home or os.environ.get("STEPWELL_HOME", "var")) / "practice"
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    (own / "made_up_people_only").touch()
    for name in ("STEPWELL_DATABASE_URL", "STEPWELL_SECRET_KEY", "STEPWELL_PRACTICE_ADDRESS"):
        os.environ.pop(name, None)  # those of the real service
    _set_up_django(own, None)


def _is_kept(told: str, chains: Iterable[Any]) -> bool:
    from stepwell.clinic.audit import chain

    number, _, digest = told.partition(":")
    return number.isdecimal() and any(chain.has(one, int(number), digest) for one in chains)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from stepwell.clinic import clock
    from stepwell.clinic.care import filed, restoring

    filed.mark_all()
    restoring.finish(clock.now())


def _serve(
    port: int, workers: int, test_clock: Path | None = None, *, with_work: bool = True
) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from stepwell.clinic.hosting import counting

    _console.print(f"Stepwell answers on http://127.0.0.1:{port}  (stop it with Ctrl-C)")
    target = "stepwell.clinic.wsgi:application"
    web = Granian(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        log_enabled=False,
    )
    _insist_on_durability()
    with _timers(test_clock, wanted=with_work):
        counting.start_afresh()
        web.serve()


@contextmanager
def _no_restore_meanwhile() -> Iterator[None]:
    from django.conf import settings

    from stepwell.clinic.hosting import running

    with _usable(settings.HOME), running.serving(settings.HOME):
        yield


@contextmanager
def _timers(test_clock: Path | None, *, wanted: bool) -> Iterator[None]:
    """A process of their own beside this one, which ends with it however that ends."""
    if not wanted:
        yield
        return
    asked = [sys.executable, "-c", "from stepwell import cli; cli.main()", "work"]
    asked += ["--beside", str(os.getpid())]
    asked += ["--test-clock", str(test_clock)] if test_clock else []
    worker = subprocess.Popen(asked)  # noqa: S603
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _insist_on_durability() -> None:
    """Said here as well, since what a worker says at its start is easily missed."""
    from django.core.exceptions import ImproperlyConfigured

    from stepwell.clinic.care import durability

    try:
        durability.insist()
    except ImproperlyConfigured as error:
        _refuse([Fault("", str(error))], "serve")


def _print_sign_ins(
    sign_ins: Iterable[Any],
    port: int,
    about: str = "A demo service: everybody in it is made up.",
) -> None:
    """Plain lines: a password must never be cut to fit a window."""
    rows = [(one.username, one.password, one.role, one.name, one.note) for one in sign_ins]
    rows.insert(0, ("sign-in", "password", "role", "name", "situation"))
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    sys.stdout.write(f"{about} Not for clinical use.\n\n")
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        sys.stdout.write("  ".join([*cells, row[-1]]) + "\n")
    sys.stdout.write(f"\nSign in at http://127.0.0.1:{port}/\n")
    sys.stdout.flush()


def _open(name: str, country: str, time_zone: str, administrator: str, password: str) -> None:
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from stepwell.clinic import clock
    from stepwell.clinic.accounts import people

    at = clock.now()
    try:
        with transaction.atomic():
            service = people.open_service(name=name, country=country, time_zone=time_zone, at=at)
            people.create(
                service=service,
                username=administrator,
                display_name=administrator,
                role="administrator",
                password=password,
                at=at,
            )
    except (ValueError, ValidationError) as error:
        _refuse([Fault("", str(error))], "open")
    _console.print(
        f"{name} is open. A safety officer must accept the protocol before any approval."
    )


def _protocols_are_named() -> str | None:
    unsigned = [
        name
        for name in catalogue.protocols()
        if catalogue.document("protocols", f"{name}.json")["checked_by"] is None
    ]
    if unsigned:
        _console.print(f"note    {', '.join(unsigned)}: no clinician has signed this protocol yet")
    return None
