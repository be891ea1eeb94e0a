"""Outlines as lists of points: ellipses, noodles, smooth closed curves. Units are the caller's."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Outline = list[Point]
Disc = tuple[float, float, float]
"""Centre and radius."""

_STEPS = 56
_LIMB_STEPS = 44
_SPLINE_STEPS = 9


def ellipse(
    x: float, y: float, rx: float, ry: float, angle: float = 0.0, power: float = 2.0
) -> Outline:
    """An ellipse around (x, y), turned by `angle` degrees; a `power` above 2 makes it boxier."""
    turn = math.radians(angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    points = []
    for step in range(_STEPS):
        at = 2 * math.pi * step / _STEPS
        dx = rx * _signed_power(math.cos(at), 2 / power)
        dy = ry * _signed_power(math.sin(at), 2 / power)
        points.append((x + dx * cosine - dy * sine, y + dx * sine + dy * cosine))
    return points


def _signed_power(value: float, power: float) -> float:
    return math.copysign(abs(value) ** power, value)


def noodle(start: Point, bend: Point, end: Point, wide: float, narrow: float) -> list[Disc]:
    """A limb from `start` by way of `bend` to `end` as discs that overlap; half widths at its ends."""
    control = (2 * bend[0] - (start[0] + end[0]) / 2, 2 * bend[1] - (start[1] + end[1]) / 2)
    discs = []
    for step in range(_LIMB_STEPS + 1):
        t = step / _LIMB_STEPS
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        x = a * start[0] + b * control[0] + c * end[0]
        y = a * start[1] + b * control[1] + c * end[1]
        discs.append((x, y, wide + (narrow - wide) * t))
    return discs


def smooth(points: Sequence[Point]) -> Outline:
    """A closed curve through `points` (Catmull-Rom)."""
    curve: Outline = []
    count = len(points)
    for at in range(count):
        before, here, there, after = (points[(at + step) % count] for step in (-1, 0, 1, 2))
        for step in range(_SPLINE_STEPS):
            t = step / _SPLINE_STEPS
            curve.append(
                (
                    _spline(before[0], here[0], there[0], after[0], t),
                    _spline(before[1], here[1], there[1], after[1], t),
                )
            )
    return curve


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )


def mirrored(points: Sequence[Point], about: float = 500.0) -> Outline:
    """The same shape on the other side of the line x = `about`."""
    return [(2 * about - x, y) for x, y in reversed(points)]


def grown(points: Sequence[Point], by: float) -> Outline:
    """The outline moved outwards by `by`, along its corners' normals."""
    count = len(points)
    area = sum(
        points[i][0] * points[(i + 1) % count][1] - points[(i + 1) % count][0] * points[i][1]
        for i in range(count)
    )
    side = 1.0 if area > 0 else -1.0
    moved = []
    for at in range(count):
        before, after = points[at - 1], points[(at + 1) % count]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        moved.append(
            (points[at][0] + side * dy / length * by, points[at][1] - side * dx / length * by)
        )
    return moved
