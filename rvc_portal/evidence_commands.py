"""`rvc documents …` and `rvc journal …`: what is on record, checked from a terminal. Exit code 1 where something was altered."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways import fonts
from rvc_portal.gateways.heads import Heads
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only
from rvc_portal.services import evidence, proof
from rvc_portal.terminal import CreateApp, application, data_option, now


@click.group(name="documents")
def documents_group() -> None:
    """Issued documents, as evidence."""


@documents_group.command(name="verify")
@click.option("--all", "everything", is_flag=True, help="Those that were superseded, too.")
@data_option
@click.pass_obj
def verify_documents(create_app: CreateApp, everything: bool) -> None:
    """Check what is kept of each document against its hashes, and make it again where the renderer is the same. Fails where
    something was altered, and says which."""
    fonts.require()
    app = application(create_app)
    counted: Counter[str] = Counter()
    with app.app_context(), reading_only():
        session = db.session()
        for found in evidence.check(session, app.extensions["rvc"].files, everything):
            session.rollback()  # it only reads, and no transaction is to stay open while all are made again
            counted[found.how] += 1
            counted["altered"] += bool(found.faults)
            _told(f"{found.document}: {fault}" for fault in found.faults)
    looked = ", ".join(f"{counted[how]} {how}" for how in (evidence.MADE, evidence.OTHER_RENDERER, evidence.NOT_YET))
    if counted["altered"]:
        raise PortalError(f"documents that were altered: {counted['altered']} ({looked})")
    click.echo(f"Every document is as it was issued: {looked}.")


@click.group(name="journal")
def journal_group() -> None:
    """The journal's chains, as proof."""


@journal_group.command(name="heads")
@data_option
@click.pass_obj
def journal_heads(create_app: CreateApp) -> None:
    """Write down now, outside the database, where every chain ends; the worker does so once a day."""
    app = application(create_app)
    instance = app.extensions["rvc"]
    heads = instance.heads
    with app.app_context(), reading_only():
        written = proof.write_heads(db.session(), heads, now(), proof.sealer(instance.office))
    if written is None:
        raise PortalError("another process writes the heads at this moment")
    click.echo(f"{heads.folder / written.name}: {written.chains} chains, {written.entries} entries.")


@journal_group.command(name="verify")
@click.option(
    "--heads", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of daily heads that were kept elsewhere; those of the data folder, unless it is named.",
)  # fmt: skip
@data_option
@click.pass_obj
def verify_journal(create_app: CreateApp, folder: Path | None) -> None:
    """Find every entry that was changed, taken out, put in or moved, and every chain that was cut. Fails where there is one,
    and says which."""
    app = application(create_app)
    instance = app.extensions["rvc"]
    with app.app_context(), reading_only():
        check = proof.Check(db.session(), Heads(folder) if folder else instance.heads, instance.office)
        found = _told(_fault(fault) for fault in check.faults())
    looked = f"chains {check.chains}, entries {check.entries}, files of heads {check.files}, seals {check.seals}, "
    looked += f"heads in documents {check.printed}"
    if found:
        raise PortalError(f"the journal was altered, faults: {found} ({looked})")
    click.echo(f"The journal is whole: {looked}.")


def _told(lines: Iterable[str]) -> int:
    """Print each line as it comes; how many there were."""
    count = 0
    for line in lines:
        click.echo(line)
        count += 1
    return count


def _fault(fault: proof.Fault) -> str:
    return f"{fault.where}, no. {fault.number}: {fault.what}" if fault.number else f"{fault.where}: {fault.what}"
