"""A surface to draw filled outlines on, in units of a thousandth of the framing's side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from simulator.drawing.shapes import Disc, Point, grown
from simulator.drawing.traits import Colour

OUTLINE = 6.5


@dataclass(frozen=True)
class Turn:
    """From drawing units to pixels: x' = a·x + b·y + c, y' = d·x + e·y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def point(self, x: float, y: float) -> Point:
        """Where a point of the drawing lies in the picture."""
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def after(self, first: "Turn") -> "Turn":
        """`first`, then this one."""
        return Turn(
            self.a * first.a + self.b * first.d,
            self.a * first.b + self.b * first.e,
            self.a * first.c + self.b * first.f + self.c,
            self.d * first.a + self.e * first.d,
            self.d * first.b + self.e * first.e,
            self.d * first.c + self.e * first.f + self.f,
        )


@dataclass(frozen=True)
class Sheet:
    """Draws on one picture; `turned` and `moved` give the same picture under another placement."""

    draw: ImageDraw.ImageDraw
    place: Turn
    line: Colour

    def fill(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill an outline."""
        self.draw.polygon([self.place.point(x, y) for x, y in points], fill=colour)

    def part(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill an outline and draw the line around it."""
        self.fill(grown(points, OUTLINE), self.line)
        self.fill(points, colour)

    def limb(self, discs: Sequence[Disc], colour: Colour) -> None:
        """Fill a row of overlapping discs and draw the line around all of them."""
        unit = math.hypot(self.place.a, self.place.d)
        for grown_by, tone in ((OUTLINE, self.line), (0.0, colour)):
            for x, y, radius in discs:
                centre_x, centre_y = self.place.point(x, y)
                reach = (radius + grown_by) * unit
                box = (centre_x - reach, centre_y - reach, centre_x + reach, centre_y + reach)
                self.draw.ellipse(box, fill=tone)

    def turned(self, degrees: float, about: Point) -> "Sheet":
        """The sheet turned clockwise about a point."""
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        x, y = about
        turn = Turn(
            cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y
        )
        return replace(self, place=self.place.after(turn))

    def moved(self, dx: float, dy: float) -> "Sheet":
        """The sheet moved."""
        return replace(self, place=self.place.after(Turn(1, 0, dx, 0, 1, dy)))


def sheet_on(image: Image.Image, scale: float, left: float, top: float, line: Colour) -> Sheet:
    """A sheet whose unit is `scale` pixels and whose origin lies at (left, top) pixels."""
    return Sheet(ImageDraw.Draw(image), Turn(scale, 0, left, 0, scale, top), line)
