"""What is shown of a photo: nobody's face, nothing the telephone wrote into it, and never an unblurred one."""

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from web.pictures import making
from web.pictures.detector import Box, Detector, NoDetector
from web.pictures.making import NotAPicture
from web.pictures.shelf import Shelf

FACE = Path(__file__).parents[1] / "vendor" / "face.jpg"
DIGEST = "ab" * 32
ORIENTATION, MAKER = 0x0112, 0x010F


@pytest.fixture(scope="module")
def detector() -> Iterator[Detector]:
    """One process for the module."""
    started = Detector()
    yield started
    started.close()


@pytest.fixture(scope="module")
def crowd() -> Image.Image:
    """Four faces in 1280 × 720, the smallest 40 pixels high or more."""
    face = Image.open(FACE)
    picture = Image.new("RGB", (1280, 720), (120, 130, 125))
    for number, wide in enumerate((200, 140, 90, 75)):
        picture.paste(face.resize((wide, round(wide * face.height / face.width))), (50 + number * 300, 150))
    return picture


def jpeg(picture: Image.Image, **given: object) -> bytes:
    """As a telephone would send it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, **given)
    return out.getvalue()


def test_no_face_of_four_is_left(detector: Detector, crowd: Image.Image) -> None:
    found = detector.faces(crowd)
    assert len(found) == 4
    assert min(box.bottom - box.top for box in found) >= 40
    shown = making.blurred(crowd, found)
    assert detector.faces(shown) == []
    assert shown.getpixel((5, 5)) == crowd.getpixel((5, 5)), "the rest is as it was"


def test_a_photo_held_sideways_is_turned_before_faces_are_looked_for(
    detector: Detector, crowd: Image.Image, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Telephone of Wang"
    sideways = jpeg(crowd.rotate(90, expand=True), exif=exif)
    shown = Shelf(tmp_path, detector).get(DIGEST, "shown", lambda: sideways)
    picture = Image.open(io.BytesIO(shown))
    assert picture.size == (1280, 720)
    assert detector.faces(picture.convert("RGB")) == []
    assert b"Telephone" not in shown
    assert not picture.getexif()
    assert f"derived from sha256 {DIGEST}".encode() in shown


def test_it_is_made_once_and_both_sizes_at_once(detector: Detector, crowd: Image.Image, tmp_path: Path) -> None:
    shelf, asked = Shelf(tmp_path, detector), []

    def original() -> bytes:
        asked.append(1)
        return jpeg(crowd)

    small = shelf.get(DIGEST, "small", original)
    assert max(Image.open(io.BytesIO(small)).size) == making.THUMBNAIL_PX
    stamped = shelf.stamped(DIGEST, ["示范区政务服务中心", "2026-03-02 09:41"], original)
    foot = Image.open(io.BytesIO(stamped)).crop((0, 600, 1280, 720))
    assert (len(asked), sum(foot.convert("L").histogram()[:80]) > 1000) == (1, True)
    shelf.forget(DIGEST)
    shelf.get(DIGEST, "shown", original)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("a renamed PDF", b"%PDF-1.7\n" + b"x" * 500),
        ("half a picture", jpeg(Image.effect_noise((640, 480), 90).convert("RGB"))[:9000]),
        ("nothing", b""),
    ],
)
def test_what_is_no_picture_is_not_shown(detector: Detector, tmp_path: Path, what: str, content: bytes) -> None:
    with pytest.raises(NotAPicture):
        Shelf(tmp_path, detector).get(DIGEST, "shown", lambda: content)
    assert not any(tmp_path.rglob("*.jpg")), what


def test_a_bomb_is_refused_by_its_header(detector: Detector, tmp_path: Path) -> None:
    small = jpeg(Image.new("RGB", (64, 64)))
    at = small.index(b"\xff\xc0")
    bomb = small[: at + 5] + b"\xff\xdc\xff\xdc" + small[at + 9 :]  # height and width 65,500
    with pytest.raises(NotAPicture):
        Shelf(tmp_path, detector).get(DIGEST, "shown", lambda: bomb)


def test_without_a_detector_a_picture_is_withheld(crowd: Image.Image, tmp_path: Path) -> None:
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(b"no model")
    for model, why in ((tmp_path / "nowhere.onnx", "没有"), (damaged, "损坏")):
        with pytest.raises(NoDetector, match=why):
            Shelf(tmp_path, Detector(model)).get(DIGEST, "shown", lambda: jpeg(crowd))
    assert not any(tmp_path.rglob("*.jpg"))


def test_one_that_hangs_is_ended_in_time_and_the_next_picture_is_found(crowd: Image.Image) -> None:
    mine = Detector(answer_s=20)
    assert len(mine.faces(crowd)) == 4
    child = mine._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    mine._answer_s = 0.2
    with pytest.raises(NoDetector):
        mine.faces(crowd)
    assert child.wait(10) == -signal.SIGKILL
    mine._answer_s = 20
    assert len(mine.faces(crowd)) == 4
    mine.close()


def test_a_face_at_the_edge_is_blurred_within_the_picture() -> None:
    picture = Image.effect_noise((100, 80), 80).convert("RGB")
    shown = making.blurred(picture, [Box(0, 0, 30, 30), Box(80, 60, 100, 80), Box(50, 50, 50, 50)])
    assert shown.size == picture.size
    assert shown.getpixel((99, 79)) != picture.getpixel((99, 79))
