"""The commands `rvc keys …`: with what the office signs its documents."""

import click

from rvc_portal import settings
from rvc_portal.cli import CreateApp, application, committing, data_option, now, rvc
from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways import authority
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only
from rvc_portal.services import signing
from rvc_portal.services.contexts.parts import iso


@rvc.group(name="keys")
def keys_group() -> None:
    """The keys with which the office signs its documents."""


@keys_group.command(name="init")
@click.option("--organisation", default="Creative Cities Network", show_default=True, help="In whose name.")
@data_option
def init_keys(organisation: str) -> None:
    """Make an authority of this instance's own, for trials, and the office's certificate."""
    folder = settings.read().keys.folder
    authority.init(folder, organisation, now())
    click.echo(f"Documents are signed from now on. Readers trust them once they trust {folder / authority.ROOT}.")


@keys_group.command(name="renew")
@data_option
def renew_keys() -> None:
    """Make a new certificate for the office, under the root of `rvc keys init`."""
    folder = settings.read().keys.folder
    authority.renew(folder, now())
    click.echo(f"The office has a new certificate under {folder / authority.ROOT}.")


@keys_group.command(name="show")
@data_option
@click.pass_obj
def show_keys(create_app: CreateApp) -> None:
    """Say what documents are signed with, until when, and how many have no signature."""
    app = application(create_app)
    with app.app_context(), reading_only():
        left = signing.left(db.session())
    for count, reason in left:
        click.echo(f"{count} documents without a signature: {reason or 'there were no keys, or they wait'}")
    office = app.extensions["rvc"].office
    if not office.has_keys:
        raise PortalError("there are no keys: documents are not signed (`rvc keys init` makes some for trials)")
    told = office.certificate()
    click.echo(f"{told.subject}\nissued by {told.issuer}\nholds until {iso(told.ends_at)}")


@keys_group.command(name="sign")
@data_option
@click.pass_obj
def sign_again(create_app: CreateApp) -> None:
    """Have the worker sign every document that went out without a signature."""
    with committing(create_app) as session:
        count = signing.ask_again(session, now())
    click.echo(f"{count} documents are to be signed.")
