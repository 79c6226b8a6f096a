"""Pieces: taken in without filling the memory, open where the page says so."""

import io
import random
import tempfile
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest

from rvc_portal.domain.errors import Refused
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services import pieces, screening
from tests import scenes
from tests.scenes import SOON, Scene, SceneAt

LARGE = 60_000_000


def allow(scene: Scene, monkeypatch: pytest.MonkeyPatch, key: str, **more: object) -> None:
    """Let the call's piece ask for something else."""
    told = calls.definition(scene.call)
    changed = tuple(replace(p, **more) if p.key == key else p for p in told.pieces)
    monkeypatch.setitem(calls._parsed, scene.call.definition_sha256, replace(told, pieces=changed))


def test_a_large_file_is_never_whole_in_memory(scene_at: SceneAt, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_at("drafts")
    allow(scene, monkeypatch, "mayor_letter", max_bytes=2 * LARGE)
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.Ballast = document.make_stream(random.Random(1).randbytes(LARGE))
    with tempfile.TemporaryFile() as content:
        document.save(content)
        tracemalloc.start()
        try:
            taken = pieces.add(
                scene.session, scene.story.instance.files, scene.dossier(), "mayor_letter", name="large.pdf",
                content=content, actor=scene.actor(scene.lead()), now=scenes.WRITTEN,
            )  # fmt: skip
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert taken.size > LARGE
    assert scene.story.instance.files.exists(taken.sha256)
    assert peak < LARGE / 10


def test_what_the_page_shows_open_in_a_returned_file_can_be_changed_and_nothing_else(scene_at: SceneAt) -> None:
    scene = scene_at("submitted")
    named = scenes.told().pieces[1].key
    screening.return_file(
        scene.session, scene.dossier(), questions=("reasons", named), reason="Say more.",
        actor=scene.actor(scene.officer, scenes.CHECKED), now=scenes.CHECKED,
    )  # fmt: skip
    scene.commit()
    now = scenes.CHECKED + SOON
    shown = query.pieces(scene.session, scene.dossier())
    taken_out = set()
    for standing in shown:
        try:
            pieces.remove(
                scene.session, scene.dossier(), standing.files[0].id, actor=scene.actor(scene.lead(), now), now=now
            )
            taken_out.add(standing.piece.key)
        except Refused:
            continue
    assert taken_out == {standing.piece.key for standing in shown if standing.open} == {named}


def test_the_same_file_is_found_again_wherever_it_was_read_to(scene_at: SceneAt) -> None:
    scene = scene_at("drafts")
    content = io.BytesIO(scenes.letter(3))
    for later in range(2):
        content.seek(0, io.SEEK_END)
        pieces.add(
            scene.session, scene.story.instance.files, scene.dossier(), "mayor_letter", name="letter.pdf",
            content=content, actor=scene.actor(scene.lead()), now=scenes.WRITTEN + timedelta(hours=later),
        )  # fmt: skip
    (only,) = dossiers.attachments(scene.session, scene.dossier().id)
    assert scene.story.instance.files.get(only.sha256) == scenes.letter(3)
