"""The command `rvc`: what an operator does from a terminal. One command, one commit."""

import http.client
import itertools
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa
from alembic.util import CommandError
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from rvc_portal import jobs
from rvc_portal import settings as configuration
from rvc_portal.conclusions_commands import conclusions_group
from rvc_portal.documents.pdf import DocumentError
from rvc_portal.domain.errors import InvalidInput, PortalError
from rvc_portal.domain.faults import BadFile
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Role
from rvc_portal.evidence_commands import documents_group, journal_group
from rvc_portal.gateways import authority, callfile, fonts
from rvc_portal.gateways.callfile import CallFileError
from rvc_portal.gateways.processes import Family, Hand, follow
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.engine import reading_only
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import rankings
from rvc_portal.queries import second_factor as factors
from rvc_portal.services import accounts, calls, members, second_factor, signing, verification
from rvc_portal.services.contexts.parts import iso
from rvc_portal.terminal import OPERATOR, CreateApp, application, committing, data_option, now, use_folder

KNOWN_ERRORS = (
    PortalError, CallFileError, DocumentError, OSError, CommandError, RedisError,
)  # fmt: skip
ENGINE_ERRORS = (sa.exc.OperationalError, sa.exc.DatabaseError)
DATABASE_SAYS = {
    "database is locked": "the database is locked by another process",
    "is full": "the disk is full",
    "disk I/O error": "the disk is full or broken",
}
START_S = 60

WEB_WORKERS, WEB_THREADS = 2, 4
WORKER_NICENESS = 5
"""Whoever saves an answer comes before a document that somebody waits for; the document still gets its share."""


def run(create_app: CreateApp) -> None:
    """Run the command line; exits with 0, 1 after an error in one line, 2 after a wrong use, 130 when interrupted."""
    try:
        rvc.main(obj=create_app, standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (*KNOWN_ERRORS, sa.exc.DatabaseError) as error:
        if isinstance(error, sa.exc.DatabaseError) and type(error) not in ENGINE_ERRORS:
            raise  # a mistake of ours, not of the engine
        for line in lines(error):
            click.echo(f"rvc: {line}", err=True)
        sys.exit(1)


def lines(error: BaseException) -> list[str]:
    """The error in words: one line, or one for each fault of a file."""
    if isinstance(error, sa.exc.DatabaseError):
        said = str(error.orig).strip().splitlines()[0]
        return [f"the database refuses: {next((text for part, text in DATABASE_SAYS.items() if part in said), said)}"]
    if isinstance(error, InvalidInput):
        return [r.message % dict(r.params) for refusals in error.problems.values() for r in refusals]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return str(error).splitlines() or [type(error).__name__]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rvc-portal")
def rvc() -> None:
    """The portal of the Creative Cities Network."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
host_option = click.option("--host", default="127.0.0.1", show_default=True)


# --- servers -----------------------------------------------------------------------------------------------------


@rvc.command()
@host_option
@port_option
@data_option
@click.pass_obj
def serve(create_app: CreateApp, host: str, port: int) -> None:
    """Serve the portal: web server and worker, until Ctrl-C."""
    fonts.require()
    _claim_address(host, port)
    application(create_app)
    _serve(host, port)


@rvc.command()
@host_option
@port_option
@data_option
@click.pass_obj
def demo(create_app: CreateApp, host: str, port: int) -> None:
    """Serve the demonstration: the finished 2015 round and a running call, with a sign-in for each role."""
    from rvc_portal.demonstration import demo as demonstration

    os.environ["RVC_DEMONSTRATION"] = "1"
    fonts.require()
    _claim_address(host, port)
    with _progress("preparing the demonstration") as progress:
        sign_ins = demonstration.prepare(application(create_app), now=now(), progress=progress)

    _sign_the_demonstration(create_app)

    def told() -> None:
        click.echo(_table(["role", "address", "password"], sign_ins))
        click.echo(
            "Secretariat and Director-General are asked for a code after the password: the page itself tells it."
        )

    _serve(host, port, told=told)


def _sign_the_demonstration(create_app: CreateApp) -> None:
    """Keys for trials, and every document signed by the worker while somebody looks around."""
    with committing(create_app) as session:
        keys = configuration.read().keys
        if not keys.module and not keys.pkcs12.exists():
            authority.init(keys.folder, "Creative Cities Network", now())
        signing.ask_again(session, now())


@rvc.command()
@data_option
@click.pass_obj
def worker(create_app: CreateApp) -> None:
    """Render documents and send mails, until SIGTERM (after the job at hand) or Ctrl-C."""
    fonts.require()
    hand = Hand()
    killed_by = follow(hand)
    jobs.work(application(create_app), hand=hand, killed_by=killed_by)


def _claim_address(host: str, port: int) -> None:
    """Say now that the address is taken, and not after minutes of preparation. Gives the links in mails their host."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortalError(f"cannot serve on {host} port {port}: {error.strerror}") from error
    os.environ.setdefault("RVC_BASE_URL", _address(host, port))


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _serve(host: str, port: int, told: Callable[[], None] = lambda: None) -> None:
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--no-ws", "--log-level", "warning",
        "--workers-kill-timeout", "10", "--respawn-failed-workers", "--factory", "rvc_portal.app:create_app",
    ]  # fmt: skip
    own = [sys.executable, "-c", "from rvc_portal.app import main; main()", "worker"]
    with Family() as family:
        family.start("the web server", web, os.environ)
        family.start("the worker", own, os.environ, WORKER_NICENESS)
        if not family.wait(until=lambda: _answers(host, port), at_most_s=START_S):
            if not family.stopping:
                raise PortalError(f"the web server does not answer within {START_S} seconds")
            return
        told()
        click.echo(f"The portal is at {_address(host, port)} (Ctrl-C ends it).")
        family.wait()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- the database, people, members, calls ------------------------------------------------------------------------


@rvc.group(name="db")
def database() -> None:
    """The database."""


@database.command(name="upgrade")
@data_option
@click.pass_obj
def db_upgrade(create_app: CreateApp) -> None:
    """Create the database or bring it up to date."""
    application(create_app)


@rvc.group()
def admin() -> None:
    """People who run the portal."""


@admin.command(name="create")
@click.argument("email")
@click.option("--name", required=True)
@click.option(
    "--role", "roles", multiple=True, default=("admin", "secretariat"), show_default=True,
    type=click.Choice([r.value for r in (Role.ADMIN, Role.SECRETARIAT, Role.DIRECTION)]),
)  # fmt: skip
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--password", envvar="RVC_PASSWORD", help="Asked for when neither given nor in RVC_PASSWORD.")
@data_option
@click.pass_obj
def create_admin(
    create_app: CreateApp, email: str, name: str, roles: tuple[str, ...], language: str, password: str | None
) -> None:
    """Create an account that holds the roles everywhere."""
    if not password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with committing(create_app) as session:
        account = accounts.create_account(
            session, email=email, name=name, now=now(), language=language, password=password
        )
        for role in roles:
            accounts.grant_role(session, account, Role(role), now=now())
    click.echo(f"{email} can sign in.")


@admin.command(name="reset-factor")
@click.argument("email")
@click.option("--reason", required=True, help="Stands in the journal, and in the mail to the person.")
@data_option
@click.pass_obj
def reset_factor(create_app: CreateApp, email: str, reason: str) -> None:
    """Take away the lost second factor of somebody whom nobody else can help, such as the last administrator."""
    with committing(create_app) as session:
        account = people.by_email(session, email)
        if account is None or not factors.is_enrolled(session, account.id):
            raise PortalError(f"nobody with the address “{email}” has a second factor")
        second_factor.reset(session, account, reason=reason, actor=OPERATOR, now=now())
    click.echo(f"{email} signs in with the password alone, and is told so by mail.")


@rvc.group(name="members")
def members_group() -> None:
    """The Network's member cities."""


@members_group.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@click.pass_obj
def import_members(create_app: CreateApp, file: Path) -> None:
    """Load member cities from a CSV file: all of them, or none and every fault with its line."""
    content = file.read_bytes()
    try:
        with committing(create_app) as session:
            loaded = members.load(session, content, now())
    except BadFile as bad:
        raise PortalError("\n".join(f"{file}:{line}" for line in str(bad).splitlines())) from bad
    click.echo(f"{loaded.added} members added, {loaded.changed} changed, {loaded.same} as before.")


@rvc.group(name="call")
def call_group() -> None:
    """Calls, as data files."""


@call_group.command(name="check")
@click.argument("file", type=click.Path(path_type=Path))
def check_call(file: Path) -> None:
    """Say what is wrong in a call's file, by line."""
    click.echo(f"{file}: the call “{callfile.load(file).key}” is in order.")


@call_group.command(name="open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--test", is_flag=True, help="Open a private copy of it, which the Secretariat alone sees.")
@data_option
@click.pass_obj
def open_call(create_app: CreateApp, file: Path, test: bool) -> None:
    """Open a call: its form and rubric are frozen from now on."""
    definition = callfile.load(file)
    with committing(create_app) as session:
        opening = calls.open_test if test else calls.open_call
        key = opening(session, definition, actor=OPERATOR, now=now()).key
    click.echo(f"The call “{key}” is open{', as a test' if test else ''}.")


@call_group.command(name="try")
@click.argument("key")
@data_option
@click.pass_obj
def try_call(create_app: CreateApp, key: str) -> None:
    """Open a private copy of a call that is open, which the Secretariat alone sees."""
    with committing(create_app) as session:
        call = _call(session, key)
        told = call_query.definition(call)
        made = calls.open_test(session, told, actor=OPERATOR, now=now(), demonstration=call.demonstration).key
    click.echo(f"The call “{made}” is open, as a test.")


@call_group.command(name="discard")
@click.argument("key")
@data_option
@click.pass_obj
def discard_call(create_app: CreateApp, key: str) -> None:
    """Throw away a call that is a test, with everything in it."""
    with committing(create_app) as session:
        calls.discard(session, _call(session, key), actor=OPERATOR)
    click.echo(f"The call “{key}” is thrown away.")


def _call(session: Session, key: str) -> Call:
    call = call_query.by_key(session, key)
    if call is None:
        raise PortalError(f"there is no call “{key}”")
    return call


@rvc.group(name="ranking")
def ranking_group() -> None:
    """The results of a call."""


@ranking_group.command(name="recompute")
@click.argument("key")
@click.option("--field", help="This creative field alone.")
@data_option
@click.pass_obj
def recompute_ranking(create_app: CreateApp, key: str, field: str | None) -> None:
    """Rank a call's files again from their sheets: print what goes in, the rules and what comes out, as canonical JSON.
    Fails where what is kept is not what comes out."""
    with application(create_app).app_context(), reading_only():
        session = db.session()
        found = rankings.recomputed(session, _call(session, key), field)
        click.echo(rankings.printed(found))
        differing = [one.field or "-" for one in found if not one.is_kept]
    if not found:
        raise PortalError(f"the call “{key}” has no closed sheets{f' in the field “{field}”' if field else ''}")
    if differing:
        raise PortalError(f"what is kept is not what comes out: {', '.join(differing)}")


@rvc.group(name="filing")
def filing_group() -> None:
    """What cities filed, and the receipts that prove it."""


@filing_group.command(name="verify")
@click.argument("receipt", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@click.pass_obj
def verify_receipt(create_app: CreateApp, receipt: Path) -> None:
    """Check a receipt: is it ours, unchanged, and does the filing that is kept still have its fingerprint?"""
    with receipt.open("rb") as file:
        content = file.read(verification.LARGEST + 1)
    with application(create_app).app_context(), reading_only():
        found = verification.verify(db.session(), content)
    if not found.holds or found.header is None:
        raise PortalError("\n".join(f"{receipt}: {r.message % dict(r.params)}" for r in found.reasons))
    head = found.header
    click.echo(f"{head.receipt} is valid: {head.city}, filing no. {head.number}, received {iso(head.received_at)},")
    click.echo(f"kept unchanged under {head.sha256}.")
    if head.later:
        number, at = head.later
        click.echo(f"It is superseded: filing no. {number} was received {iso(at)}.")


rvc.add_command(conclusions_group)
rvc.add_command(documents_group)
rvc.add_command(journal_group)


# --- the engine --------------------------------------------------------------------------------------------------


@rvc.command()
@click.argument("procedure", type=click.Choice(sorted(PROCEDURES)), default="candidacy")
@click.option("--write", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write it to this folder.")
def workflow(procedure: str, folder: Path | None) -> None:
    """Print a procedure: its table, the rights by state and role, and its diagram as SVG."""
    from rvc_portal.domain import workflow_report

    if folder is None:
        click.echo(workflow_report.markdown(PROCEDURES[procedure]), nl=False)
        return
    for name, text in workflow_report.files(PROCEDURES[procedure]).items():
        (folder / name).write_text(text, encoding="utf-8")


@rvc.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the PDFs.")
@click.option("--seed", type=int, default=2015, show_default=True)
@click.option(
    "--signed", type=click.Path(path_type=Path, file_okay=False), help="Folder for the same PDFs, signed by the office."
)
@data_option
@click.pass_obj
def replay(create_app: CreateApp, out: Path, seed: int, signed: Path | None) -> None:
    """Play the 2015 Literature round from call to designation, and write its PDFs and a manifest."""
    from rvc_portal.demonstration import replay as round_2015

    fonts.require()
    app = application(create_app)
    keys = app.extensions["rvc"].settings.keys
    if signed and not app.extensions["rvc"].office.has_keys:
        authority.init(keys.folder, "Creative Cities Network", now())
    os.environ["RVC_KEYS"] = str(keys.folder)
    if round_2015.is_played(app) and "RVC_DATABASE_URL" not in os.environ:
        use_folder(_unused(app.extensions["rvc"].settings.data / "replays"))
        click.echo(f"The round was played here before: it is played again in {os.environ['RVC_DATA']}.", err=True)
        app = application(create_app)
    with _progress("playing the round") as progress:
        round_2015.play(app, out, seed=seed, signed=signed, progress=progress)


def _unused(folder: Path) -> Path:
    """The first numbered folder in `folder` that is not there yet."""
    return next(path for n in itertools.count(1) if not (path := folder / str(n)).exists())


Progress = Callable[[int, int], None]
"""Told how much is done of how much."""


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, of: int) -> None:
            bar.length = max(of, 1)
            bar.update(done - bar.pos)

        yield show


def _table(heading: list[str], rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in [heading, *rows]) for i in range(len(heading))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in [heading, *rows])
