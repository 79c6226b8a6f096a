"""The office's signature: by a file and by a token, with a time stamp and proofs that nothing was revoked; and what cannot sign."""

import io
import os
import stat
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from rvc_portal.documents import pdf
from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways import authority, inspection
from rvc_portal.gateways.signing import KeysError, Office, SigningLater
from tests import signatures
from tests.documents import samples
from tests.signatures import Judge, Judgement

pytestmark = pytest.mark.skipif(bool(signatures.absent()), reason=f"not installed: {', '.join(signatures.absent())}")
GOOD = Judgement(signed=True, valid=True, trusted=True, whole=True)


@lru_cache(maxsize=1)
def content() -> bytes:
    return pdf.render("WITHDRAWAL_NOTE", samples.withdrawal_note(), "en").content


def test_init_makes_keys_that_only_their_owner_reads(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys = signatures.own_authority(tmp_path)
    finally:
        os.umask(before)
    made = sorted(keys.folder.iterdir())
    assert [path.name for path in made] == ["office.p12", "password", "root.key", "root.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    with pytest.raises(PortalError, match="holds keys already"):
        authority.init(keys.folder, signatures.ORGANISATION, signatures.now())


def test_debians_judge_calls_a_signature_valid_and_trusts_it_once_given_the_root(tmp_path: Path) -> None:
    keys = signatures.own_authority(tmp_path)
    signed = Office(keys).sign(content())
    assert signed.level == "B-B"
    assert signed.content.startswith(content()), "an incremental update: the content stays what it is"
    assert Judge(tmp_path / "a", keys.trust).says(signed.content) == GOOD
    stranger = Judge(tmp_path / "b", None).says(signed.content)
    assert (stranger.valid, stranger.trusted) == (True, False)
    assert Judge(tmp_path / "c", keys.trust).says(content()).signed is False


def test_the_signature_is_not_to_be_seen_and_off_the_page(tmp_path: Path) -> None:
    signed = Office(signatures.own_authority(tmp_path)).sign(content()).content
    with pikepdf.open(io.BytesIO(signed)) as opened:
        (field,) = opened.Root.AcroForm.Fields
        left, bottom, right, top = (float(n) for n in field.Rect)
        assert (left, bottom) == (right, top)
        assert left < 0
        assert bottom < 0
        assert int(field.F) & 4, "PDF/A wants it to be printed"
    told = inspection.inspect(signed, tmp_path / "keys" / "root.pem").signatures
    assert [(s.signer, s.holds) for s in told] == [(f"{signatures.ORGANISATION}: Secretariat", True)]


def test_a_renewed_certificate_signs_under_the_same_root_without_a_restart(tmp_path: Path) -> None:
    keys = signatures.own_authority(tmp_path)
    office, judge = Office(keys), Judge(tmp_path / "judge", keys.trust)
    before = office.sign(content()).content
    authority.renew(keys.folder, signatures.now() + timedelta(minutes=5))
    assert office.certificate().ends_at > signatures.now() + timedelta(days=authority.OFFICE_DAYS)
    assert judge.says(office.sign(content()).content) == judge.says(before) == GOOD
    with pytest.raises(PortalError, match=r"root\.pem is missing"):
        authority.renew(tmp_path / "elsewhere", signatures.now())


def test_a_wrong_password_is_told_in_one_line(tmp_path: Path) -> None:
    keys = signatures.own_authority(tmp_path)
    for wrong in (
        signatures.keys_in(tmp_path, SIGN_PASSWORD="wrong"),
        signatures.keys_in(tmp_path, SIGN_PASSWORD_FILE=str(tmp_path / "nothing")),
    ):
        with pytest.raises(KeysError, match="the password is wrong"):
            Office(wrong).sign(content())
    keys.pkcs12.write_bytes(b"no keys")
    with pytest.raises(KeysError, match="no PKCS#12 file"):
        Office(keys).sign(content())
    keys.pkcs12.unlink()
    assert not Office(keys).has_keys
    with pytest.raises(KeysError, match="No such file"):
        Office(keys).sign(content())


def test_a_certificate_that_has_ended_signs_nothing(tmp_path: Path) -> None:
    root = authority.new_root(signatures.ORGANISATION, signatures.now() - timedelta(days=90))
    ended = signatures.office_of(tmp_path / "a", root, days=30, at=signatures.now() - timedelta(days=60))
    with pytest.raises(KeysError, match=r"ended on \d{4}-\d\d-\d\d: it has to be renewed"):
        Office(ended).sign(content())
    early = signatures.office_of(tmp_path / "b", root, at=signatures.now() + timedelta(days=1))
    with pytest.raises(KeysError, match="holds from"):
        Office(early).sign(content())


def test_a_token_behind_pkcs11_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = authority.new_root(signatures.ORGANISATION, signatures.now())
    keys = signatures.office_of(tmp_path / "file", root)
    signatures.token(tmp_path / "token", keys, monkeypatch)
    office = Office(signatures.keys_in(tmp_path / "instance", **signatures.TOKEN))
    assert office.has_keys
    signed = office.sign(content())
    assert Judge(tmp_path / "judge", keys.trust).says(signed.content) == GOOD
    for wrong, words in (
        ({"SIGN_PASSWORD": "9999"}, "PinIncorrect"), ({"SIGN_LABEL": "nobody"}, "nobody"),
        ({"SIGN_SLOT": "elsewhere"}, "elsewhere"), ({"SIGN_PKCS11": "/nowhere.so"}, "/nowhere.so"),
    ):  # fmt: skip
        with pytest.raises(KeysError, match=words):
            Office(signatures.keys_in(tmp_path / "instance", **signatures.TOKEN | wrong)).sign(content())


def test_with_a_time_stamp_authority_and_a_list_of_revoked_ones_a_signature_lasts(tmp_path: Path) -> None:
    root = authority.new_root(signatures.ORGANISATION, signatures.now())
    with signatures.elsewhere() as there:
        there.answers |= {
            "/tsa": signatures.time_stamps(tmp_path / "tsa", root), "/crl": signatures.revocations(root),
        }  # fmt: skip
        tsa, crl = {"SIGN_TSA": f"{there.url}/tsa"}, f"{there.url}/crl"
        stamped = signatures.office_of(tmp_path / "t", root, **tsa)
        lasting = signatures.office_of(tmp_path / "lt", root, **tsa, revoked_at=crl)
        judge = Judge(tmp_path / "judge", stamped.trust)
        signed = Office(stamped).sign(content())
        assert (signed.level, judge.says(signed.content)) == ("B-T", GOOD)
        assert inspection.inspect(signed.content, stamped.trust).signatures[0].stamped
        signed = Office(lasting).sign(content())
        assert (signed.level, judge.says(signed.content).valid) == ("B-LT", True)
        (told,) = inspection.inspect(signed.content, lasting.trust).signatures
        assert told.holds, "what was added behind the signature keeps it valid, and changes nothing"
        with pikepdf.open(io.BytesIO(signed.content)) as opened:
            assert len(opened.Root.DSS.CRLs) == 1
        del there.answers["/crl"]
        assert Office(lasting).sign(content()).level == "B-T", "no proof is to be had"
        _, certificate, _ = pkcs12.load_key_and_certificates(
            lasting.pkcs12.read_bytes(), signatures.PASSWORD.encode()
        )  # fmt: skip
        assert certificate is not None
        there.answers["/crl"] = signatures.revocations(root, certificate.serial_number)
        with pytest.raises(KeysError, match="was revoked"):
            Office(lasting).sign(content())


def test_a_time_stamp_authority_that_does_not_answer_is_tried_later(tmp_path: Path) -> None:
    root = authority.new_root(signatures.ORGANISATION, signatures.now())
    with signatures.elsewhere() as there:
        url = there.url
        keys = signatures.office_of(tmp_path / "a", root, SIGN_TSA=f"{url}/nothing")
        with pytest.raises(SigningLater, match="does not answer"):
            Office(keys).sign(content())
    keys = signatures.office_of(tmp_path / "b", root, SIGN_TSA=f"{url}/gone")
    with pytest.raises(SigningLater, match="does not answer"):
        Office(keys).sign(content())
