"""Photographs that nobody took: each city's water, roofs and books, drawn, as JPEG files with the same bytes each time."""

import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

from rvc_portal.demonstration.cities import CityFacts

_SIZE = (1200, 800)
Colour = tuple[int, int, int]
# Sky above, sky below, far shapes, near shapes, light.
_PALETTES: tuple[tuple[Colour, Colour, Colour, Colour, Colour], ...] = (
    ((86, 130, 172), (244, 214, 178), (96, 110, 134), (46, 54, 74), (255, 226, 160)),
    ((42, 58, 98), (228, 140, 110), (86, 66, 92), (34, 28, 48), (255, 212, 138)),
    ((150, 188, 200), (240, 236, 220), (128, 146, 142), (62, 84, 82), (255, 248, 214)),
    ((34, 62, 84), (120, 164, 172), (52, 86, 96), (20, 36, 46), (252, 232, 170)),
    ((198, 170, 140), (250, 234, 206), (164, 128, 104), (92, 62, 50), (255, 244, 210)),
)


def photographs(city: CityFacts, seed: int) -> tuple[tuple[str, bytes], ...]:
    """Three JPEG files of the city, as (file name, content); the same city and seed give the same bytes."""
    rng = random.Random(f"photographs {seed} {city.name}")
    palettes = rng.sample(_PALETTES, 3)
    scenes: tuple[tuple[str, Callable[[ImageDraw.ImageDraw, Image.Image, int], None]], ...] = (
        ("water", lambda draw, image, at: _waterside(draw, image, palettes[at], rng)),
        ("shelves", lambda draw, image, at: _shelves(draw, image, palettes[at], rng)),
        ("reading", lambda draw, image, at: _lamps(draw, image, palettes[at], rng)),
    )
    found = []
    for at, (name, paint) in enumerate(scenes):
        image = Image.new("RGB", _SIZE)
        paint(ImageDraw.Draw(image), image, at)
        found.append((f"{city.slug}-{name}.jpg", _jpeg(image, rng)))
    return tuple(found)


def _jpeg(image: Image.Image, rng: random.Random) -> bytes:
    grain = Image.frombytes("L", (300, 200), rng.randbytes(60000)).resize(_SIZE, Image.Resampling.BILINEAR)
    soft = image.filter(ImageFilter.GaussianBlur(0.8))
    grainy = Image.blend(soft, Image.merge("RGB", (grain, grain, grain)), 0.05)
    out = io.BytesIO()
    grainy.save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()


def _between(a: Colour, b: Colour, share: float) -> Colour:
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def _sky(draw: ImageDraw.ImageDraw, above: Colour, below: Colour, height: int) -> None:
    for y in range(height):
        draw.line((0, y, _SIZE[0], y), fill=_between(above, below, y / height))


def _waterside(draw: ImageDraw.ImageDraw, image: Image.Image, palette: tuple[Colour, ...], rng: random.Random) -> None:
    above, below, far, near, light = palette
    horizon = 520
    _sky(draw, above, below, horizon)
    sun = rng.randint(250, 950)
    draw.ellipse((sun - 60, 300, sun + 60, 420), fill=light)
    for colour, low, high in ((_between(far, below, 0.35), 120, 250), (far, 60, 190), (near, 30, 130)):
        _roofs(draw, rng, colour, light, horizon, low, high)
    image.paste(image.crop((0, 0, _SIZE[0], horizon)).transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, horizon))
    water = image.crop((0, horizon, *_SIZE)).filter(ImageFilter.GaussianBlur(5))
    image.paste(Image.blend(water, Image.new("RGB", water.size, near), 0.3), (0, horizon))
    for _ in range(140):
        y = rng.randint(horizon + 5, _SIZE[1])
        x, length = rng.randint(0, _SIZE[0]), (y - horizon) // 3 + 10
        draw.line((x, y, x + length, y), fill=_between(near, light, rng.random() * 0.5), width=1 + (y - horizon) // 140)


def _roofs(
    draw: ImageDraw.ImageDraw, rng: random.Random, wall: Colour, light: Colour, ground: int, low: int, high: int
) -> None:
    x = -20
    while x < _SIZE[0]:
        width, height = rng.randint(50, 120), rng.randint(low, high)
        top = ground - height
        draw.rectangle((x, top, x + width, ground), fill=wall)
        if rng.random() < 0.7:
            draw.polygon(((x, top), (x + width / 2, top - rng.randint(15, 60)), (x + width, top)), fill=wall)
        for row in range(top + 14, ground - 16, 26):
            for column in range(x + 10, x + width - 12, 22):
                if rng.random() < 0.22:
                    draw.rectangle((column, row, column + 8, row + 12), fill=_between(wall, light, 0.75))
        x += width + rng.randint(-6, 14)


def _shelves(draw: ImageDraw.ImageDraw, image: Image.Image, palette: tuple[Colour, ...], rng: random.Random) -> None:
    above, below, far, near, light = palette
    del image
    draw.rectangle((0, 0, *_SIZE), fill=_between(near, (20, 16, 14), 0.4))
    inks = (above, below, far, light, (150, 58, 50), (56, 96, 88), (206, 176, 110))
    for top in range(20, _SIZE[1] - 60, 195):
        floor = top + 170
        x = 24
        while x < _SIZE[0] - 40:
            if rng.random() < 0.06:
                x += rng.randint(20, 70)
                continue
            width, height = rng.randint(14, 44), rng.randint(105, 158)
            ink = _between(rng.choice(inks), near, rng.random() * 0.45)
            draw.rectangle((x, floor - height, x + width, floor), fill=ink)
            band = floor - height + rng.randint(14, 30)
            draw.rectangle((x + 3, band, x + width - 3, band + 5), fill=_between(ink, light, 0.6))
            draw.line((x + width, floor - height, x + width, floor), fill=_between(ink, (0, 0, 0), 0.5), width=2)
            x += width + 1
        draw.rectangle((0, floor, _SIZE[0], floor + 16), fill=_between(near, (120, 86, 56), 0.6))


def _lamps(draw: ImageDraw.ImageDraw, image: Image.Image, palette: tuple[Colour, ...], rng: random.Random) -> None:
    above, below, far, near, light = palette
    _sky(draw, _between(above, (10, 10, 20), 0.55), _between(below, near, 0.45), _SIZE[1])
    lamps = [(x + rng.randint(-30, 30), rng.randint(90, 210)) for x in range(120, _SIZE[0], 190)]
    glow = Image.new("RGB", _SIZE)
    painter = ImageDraw.Draw(glow)
    for x, y in lamps:
        painter.ellipse((x - 120, y - 90, x + 120, y + 150), fill=_between((0, 0, 0), light, 0.45))
    glow = glow.filter(ImageFilter.GaussianBlur(60))
    image.paste(Image.blend(image, glow, 0.5), (0, 0))
    for x, y in lamps:
        draw.line((x, 0, x, y), fill=near, width=3)
        draw.ellipse((x - 16, y - 16, x + 16, y + 16), fill=light)
    for row in range(5):
        y, size = 420 + row * 95, 26 + row * 9
        for x in range(-20 + (row % 2) * 55, _SIZE[0] + 60, 110):
            at = x + rng.randint(-14, 14)
            coat = _between(_between(far, near, row / 5), rng.choice((above, below, far)), 0.25)
            draw.ellipse((at - size, y + size, at + size, y + size * 5), fill=coat)
            face = _between(coat, light, 0.3)
            draw.ellipse((at - size // 2, y, at + size // 2, y + size), fill=face)
            page = y + size * 2
            draw.polygon(((at, page), (at - size, page - 8), (at - size, page + 14), (at, page + 22)), fill=light)
            draw.polygon(((at, page), (at + size, page - 8), (at + size, page + 14), (at, page + 22)), fill=light)
