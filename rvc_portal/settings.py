"""Where this instance keeps its things and how it reaches its engines: read once from the environment.

Embedded by default: database, files, queue and mail live in the folder `RVC_DATA`; an existing engine is named by URL.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """The folder `templates` or `migrations`: inside the package when installed, beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


TEMPLATES = resource_folder("templates")
MIGRATIONS = resource_folder("migrations")
TRANSLATIONS = PACKAGE / "translations"
STATIC = PACKAGE / "web" / "static"
DATA_FILES = PACKAGE / "data"


@dataclass(frozen=True)
class Keys:
    """With what the office signs its documents. `folder`: where `rvc keys init` puts what it makes, and what holds unless
    another place is named. `module`: a PKCS#11 library; its token is told by `slot` (a number, or the token's label), key and
    certificate by `label`. `password`: of the PKCS#12 file, or the token's PIN; else it stands in `password_file`.
    `time_stamps`: the URL of an authority (RFC 3161), "" for none. `trust`: PEM file of the roots that signatures end at."""

    folder: Path
    pkcs12: Path
    password_file: Path
    trust: Path
    password: str = field(default="", repr=False)
    module: str = ""
    slot: str = ""
    label: str = ""
    time_stamps: str = ""


@dataclass(frozen=True)
class Settings:
    """One instance. URLs: SQLAlchemy's for the database, redis:// for the queue, s3:// or file:// for storage,
    smtp://user:password@host:port or file:// (a folder of messages) for mail; tcp://host:port or unix:///path of ClamAV's
    daemon, "" for none."""

    data: Path
    database_url: str
    queue_url: str
    storage_url: str
    mail_url: str
    mail_from: str
    base_url: str
    secret_key: str = field(repr=False)
    keys: Keys
    scanner_url: str = ""
    demonstration: bool = False
    secure_cookies: bool = False

    @property
    def mail_folder(self) -> Path | None:
        """The folder that keeps the mail, where no mail server is set."""
        return Path(self.mail_url.removeprefix("file://")) if self.mail_url.startswith("file://") else None


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (the process's by default); makes the data folder. Raises OSError if it cannot."""
    env = os.environ if environ is None else environ
    data = Path(env.get("RVC_DATA", "instance")).resolve()
    data.mkdir(parents=True, exist_ok=True)
    base_url = env.get("RVC_BASE_URL", "http://127.0.0.1:8000")
    return Settings(
        data=data,
        database_url=_with_driver(env.get("RVC_DATABASE_URL") or f"sqlite:///{data / 'portal.db'}"),
        queue_url=env.get("RVC_QUEUE_URL") or f"sqlite:///{data / 'queue.db'}",
        storage_url=env.get("RVC_STORAGE_URL") or f"file://{data / 'files'}",
        mail_url=env.get("RVC_MAIL_URL") or f"file://{data / 'mail'}",
        mail_from=env.get("RVC_MAIL_FROM", "portal@creative-cities.invalid"),
        base_url=base_url.rstrip("/"),
        secret_key=env.get("RVC_SECRET_KEY") or _kept_secret(data / "secret_key"),
        keys=_keys(env, data),
        scanner_url=env.get("RVC_CLAMAV", ""),
        demonstration=env.get("RVC_DEMONSTRATION", "") == "1",
        secure_cookies=base_url.startswith("https://"),
    )


def _keys(env: Mapping[str, str], data: Path) -> Keys:
    folder = Path(env.get("RVC_KEYS") or data / "keys").resolve()
    return Keys(
        folder=folder,
        pkcs12=Path(env.get("RVC_SIGN_PKCS12") or folder / "office.p12"),
        password_file=Path(env.get("RVC_SIGN_PASSWORD_FILE") or folder / "password"),
        trust=Path(env.get("RVC_SIGN_TRUST") or folder / "root.pem"),
        password=env.get("RVC_SIGN_PASSWORD", ""),
        module=env.get("RVC_SIGN_PKCS11", ""),
        slot=env.get("RVC_SIGN_SLOT", ""),
        label=env.get("RVC_SIGN_LABEL", ""),
        time_stamps=env.get("RVC_SIGN_TSA", ""),
    )


def _with_driver(url: str) -> str:
    """PostgreSQL through psycopg 3, whatever spelling the operator's URL uses."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _kept_secret(path: Path) -> str:
    """The instance's own key, made once and readable by its owner only."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()
