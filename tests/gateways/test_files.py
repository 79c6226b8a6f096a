"""The store by content: what is put comes back unaltered, and nothing half-written is ever there."""

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from rvc_portal.gateways import drafts
from rvc_portal.gateways.files import Files, StorageError

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def bucket(s3_address: str, request: pytest.FixtureRequest) -> str:
    """The URL of a bucket of this test's own."""
    import boto3

    name = f"b{hashlib.sha256(request.node.name.encode()).hexdigest()[:20]}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-west-1"}
    client = boto3.client("s3", endpoint_url=s3_address, **keys)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.close()
    access = "access_key_id=test&secret_access_key=test&region=eu-west-1"
    return f"s3://{name}/portal?endpoint={s3_address}&{access}"


@pytest.fixture(params=["file", "memory", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "s3":
        return Files(request.getfixturevalue("bucket"))
    return Files(f"file://{tmp_path}/a folder/files" if request.param == "file" else "memory:///")


def test_what_is_put_comes_back(files: Files) -> None:
    assert not files.exists(SHA256)
    assert files.put(CONTENT) == SHA256
    assert files.exists(SHA256)
    assert files.get(SHA256) == CONTENT
    assert b"".join(files.stream(SHA256)) == CONTENT
    assert files.get(files.put(b"")) == b""


def test_putting_twice_is_putting_once(files: Files) -> None:
    assert files.put(CONTENT) == files.put(CONTENT) == SHA256
    assert files.get(SHA256) == CONTENT


def test_what_is_missing_is_named(files: Files) -> None:
    with pytest.raises(StorageError, match=f"{'0' * 64} is missing"):
        files.get("0" * 64)
    with pytest.raises(StorageError, match="is no SHA-256"):
        files.get("../../etc/passwd")


def test_an_altered_file_is_found_out_before_its_end(tmp_path: Path) -> None:
    files = Files(f"file://{tmp_path}")
    files.put(CONTENT)
    (path,) = tmp_path.glob("??/*")
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(StorageError, match="altered"):
        files.get(SHA256)
    given: list[bytes] = []
    with pytest.raises(StorageError, match="altered"):
        given.extend(files.stream(SHA256))
    assert 0 < sum(map(len, given)) < len(CONTENT)


def test_an_altered_object_is_found_out(bucket: str) -> None:
    files = Files(bucket)
    files.put(CONTENT)
    name, _, query = bucket.removeprefix("s3://").partition("/portal?")
    options = dict(pair.split("=", 1) for pair in query.split("&"))
    store = S3Store(name, prefix="portal", client_options={"allow_http": True}, **options)
    obstore.put(store, f"{SHA256[:2]}/{SHA256[2:]}", b"something else")
    with pytest.raises(StorageError, match="altered"):
        files.get(SHA256)


def test_a_url_shows_no_key(bucket: str) -> None:
    wrong = bucket.replace("secret_access_key=test", "secret_access_key=hidden").replace("/portal", "-absent/portal")
    with pytest.raises(StorageError) as failure:
        Files(wrong).put(CONTENT)
    assert "hidden" not in str(failure.value)
    assert len(str(failure.value).splitlines()) == 1


def test_an_unknown_kind_of_storage_is_refused() -> None:
    with pytest.raises(StorageError, match="must begin with"):
        Files("ftp://somewhere/else")


def limit_files_to(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_room_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A write that fails midway, as on a full disk, leaves neither the file nor a part of it."""
    code = (
        "import sys; from rvc_portal.gateways.files import *\n"
        "try: Files(sys.argv[1]).put(bytes(1_000_000))\n"
        "except StorageError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"file://{tmp_path}"],
        capture_output=True, text=True, check=True, preexec_fn=lambda: limit_files_to(100_000),
    )  # fmt: skip
    assert "cannot take a file: File too large" in done.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        files = Files(f"file://{small}")
        kept = files.put(b"fits")
        with pytest.raises(StorageError) as failure:
            files.put(CONTENT)
        assert str(failure.value) == f"The storage file://{small} cannot take a file: the disk is full"
        assert [path.stat().st_size for path in small.rglob("*") if path.is_file()] == [4]
        assert files.get(kept) == b"fits"
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_what_a_killed_process_left_half_written_is_taken_away_once_it_is_old(tmp_path: Path) -> None:
    files = Files(f"file://{tmp_path}")
    kept = files.put(b"a piece")
    at_work, left = tmp_path / kept[:2] / ".0123456789abcdef", tmp_path / kept[:2] / ".fedcba9876543210"
    for draft in (at_work, left):
        draft.write_bytes(b"a pie")
    long_ago = left.stat().st_mtime - drafts.LEFT_S - 60
    os.utime(left, (long_ago, long_ago))
    os.utime(tmp_path / kept[:2] / kept[2:], (long_ago, long_ago))
    assert drafts.forget(tmp_path) == 1
    assert (at_work.exists(), left.exists()) == (True, False), "somebody may be at work on the other"
    assert files.get(kept) == b"a piece"
    assert drafts.forget(tmp_path / "nowhere") == 0
