"""The engines of one instance, opened when they are first needed and kept: `app.extensions["rvc"]`."""

from dataclasses import dataclass
from functools import cached_property

from rvc_portal.gateways.files import Files
from rvc_portal.gateways.heads import Heads
from rvc_portal.gateways.mail import Mailer, open_mailer
from rvc_portal.gateways.scanner import Scanner
from rvc_portal.gateways.signing import Office
from rvc_portal.settings import Settings


@dataclass
class Instance:
    """Where things are kept, with what documents are signed, and how mail goes out."""

    settings: Settings

    @cached_property
    def files(self) -> Files:
        """The storage. Raises gateways.files.StorageError where it cannot be opened."""
        return Files(self.settings.storage_url)

    @property
    def heads(self) -> Heads:
        """The daily heads of the journal."""
        return Heads(self.settings.data / "heads")

    @cached_property
    def scanner(self) -> Scanner:
        """What looks through uploads."""
        return Scanner(self.settings.scanner_url)

    @cached_property
    def office(self) -> Office:
        """What signs documents, where there are keys."""
        return Office(self.settings.keys)

    @cached_property
    def mailer(self) -> Mailer:
        """The way out for mails."""
        return open_mailer(self.settings.mail_url, self.settings.mail_from)
