"""Codes that an app shows for half a minute each (TOTP, RFC 6238), by passlib; a secret is kept encrypted under the
instance's key."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from passlib.exc import TokenError
from passlib.totp import TOTP

ISSUER = "Creative Cities Network"
STEP_S = 30
TOLERANCE_S = 30
"""How far the clock of a telephone may be wrong: one code earlier, one code later."""
RECOVERY_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without what is mistaken for something else on paper
RECOVERY_LENGTH, RECOVERY_GROUP = 16, 4


@dataclass(frozen=True)
class Setup:
    """What an app needs: `uri` for its camera, `readable` to be typed."""

    uri: str
    readable: str


def new_secret(key: str, known: str | None = None) -> str:
    """A secret encrypted under `key`; `known`: this one (base32), for demonstrations and tests."""
    made = _codes(key)(key=known) if known else _codes(key).new()
    return str(made.to_json(encrypt=True))


def setup(key: str, sealed: str, owner: str) -> Setup:
    """How `owner` (an address) brings the secret into an app."""
    found = _codes(key).from_json(sealed)
    return Setup(found.to_uri(label=owner), found.pretty_key(sep=" "))


def matched(key: str, sealed: str, code: str, at: datetime, after: int | None) -> int | None:
    """The number of the half minute that `code` belongs to, None where it is none of this instant's; `after`: the last
    number that was taken, since no code is taken twice."""
    found = _codes(key).from_json(sealed)
    try:
        match = found.match(code, time=int(at.timestamp()), window=TOLERANCE_S, last_counter=after)
    except TokenError:
        return None
    return int(match.counter)


def code(key: str, sealed: str, at: datetime, after: int | None = None) -> str:
    """The code of this instant, or the first one later than the number `after`, empty while that one is not taken yet: for
    demonstrations and tests."""
    counter = max(int(at.timestamp()) // STEP_S, -1 if after is None else after + 1)
    if counter * STEP_S > at.timestamp() + TOLERANCE_S:
        return ""
    return str(_codes(key).from_json(sealed).generate(time=counter * STEP_S).token)


def recovery_codes(count: int) -> list[str]:
    """So many codes of 79 bits each, to be kept on paper."""
    return [_grouped("".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))) for _ in range(count)]


def _grouped(text: str) -> str:
    return "-".join(text[i : i + RECOVERY_GROUP] for i in range(0, len(text), RECOVERY_GROUP))


@cache
def _codes(key: str) -> type[TOTP]:
    made: type[TOTP] = TOTP.using(issuer=ISSUER, secrets={"1": key})
    return made
