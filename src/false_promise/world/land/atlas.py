"""Layers of the hand-made map: relief, coast, regions, rivers, mountains, towns, lettering, frame.

Every layer draws on an axes whose units are map widths (x east, y north). Nothing here knows about facts; `picture.py`
puts the layers together.
"""

import math
import random
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib import font_manager, get_data_path, patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LightSource, to_rgb
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from scipy import ndimage

from false_promise.world.land.geography import HEIGHT, MAP_WIDTH, WIDTH, Geography

PAPER, SEA, INK, RIVER, RUST = "#f7f0df", "#d5e3e3", "#3b3026", "#3f7590", "#9a4a2f"
TINTS = ("#ecdcb4", "#dfe2bd", "#efd3bb", "#d8dcc3", "#f0e2c0", "#e6cfb8", "#d3dfc9", "#eddab0", "#e3dccb", "#ead0c2")
FONT = "STIXGeneral"
for file in Path(get_data_path(), "fonts", "ttf").glob(f"{FONT}*.ttf"):
    font_manager.fontManager.addfont(file)  # it ships with Matplotlib, whose list of fonts may be an older one's
TOP = HEIGHT / WIDTH
ZOOM = 6  # raster pixels a cell
HALO = [patheffects.withStroke(linewidth=3.2, foreground=PAPER, alpha=0.9)]


def grids(geography: Geography) -> tuple[np.ndarray, np.ndarray]:
    """(heights, region index or -1) at ZOOM times the cells, north up, smoothed so that no cell shows."""
    height = np.array(geography.height).reshape(HEIGHT, WIDTH)
    region = np.array(geography.region).reshape(HEIGHT, WIDTH)
    fine = ndimage.gaussian_filter(ndimage.zoom(height, ZOOM, order=1), ZOOM * 0.45)
    nearest = ndimage.distance_transform_edt(region < 0, return_distances=False, return_indices=True)
    spread = region[tuple(nearest)]  # regions run on into the sea, so that the coast alone cuts them
    soft = [ndimage.gaussian_filter((spread == i).astype(np.float32), 0.8) for i in range(spread.max() + 1)]
    shares = [ndimage.zoom(share, ZOOM, order=1) for share in soft]
    return fine, np.where(fine > 0, np.argmax(shares, axis=0), -1)


def paint_land(axes: Axes, fine: np.ndarray, region: np.ndarray, colours: list[int]) -> None:
    """Tinted regions under a soft hill shade; the sea stays transparent."""
    tints = np.array([to_rgb(TINTS[colour]) for colour in colours])
    picture = np.ones((*fine.shape, 4))
    picture[..., :3] = tints[np.clip(region, 0, None)]
    edge = ndimage.distance_transform_edt(_inside(region)) / ZOOM
    picture[..., :3] *= (1 - 0.10 * np.exp(-edge / 0.9))[..., None]  # colour gathers at the borders, as in a wash
    shade = LightSource(azdeg=315, altdeg=50).hillshade(ndimage.gaussian_filter(fine, ZOOM * 0.8), vert_exag=28)
    picture[..., :3] = np.clip(picture[..., :3] * (0.80 + 0.28 * shade[..., None]), 0, 1)
    picture[..., 3] = fine > 0
    axes.imshow(picture, extent=(0, 1, 0, TOP), interpolation="bilinear", zorder=2)


def _inside(region: np.ndarray) -> np.ndarray:
    """True where a pixel's right and lower neighbours are of its own region."""
    same = np.ones(region.shape, dtype=bool)
    same[:, :-1] &= region[:, :-1] == region[:, 1:]
    same[:-1] &= region[:-1] == region[1:]
    return same


def region_colours(region: np.ndarray, count: int) -> list[int]:
    """A tint for every region such that neighbours differ: greedy, most neighbours first."""
    touching: dict[int, set[int]] = {i: set() for i in range(count)}
    for one, other in ((region[:, :-4], region[:, 4:]), (region[:-4], region[4:])):
        border = (one != other) & (one >= 0) & (other >= 0)
        for pair in np.unique(one[border] * count + other[border]):
            i, j = divmod(int(pair), count)
            touching[i].add(j)
            touching[j].add(i)
    colours: dict[int, int] = {}
    for i in sorted(touching, key=lambda i: (-len(touching[i]), i)):
        used = [colours[j] for j in touching[i] if j in colours]
        rarest = sorted(range(len(TINTS)), key=lambda tint: (list(colours.values()).count(tint), tint))
        colours[i] = next(tint for tint in rarest if tint not in used)
    return [colours[i] for i in range(count)]


def draw_coast(axes: Axes, fine: np.ndarray, region: np.ndarray) -> None:
    """Coast in ink, fading water lines outside, dotted borders inside."""
    xs, ys = (np.arange(fine.shape[1]) + 0.5) / (WIDTH * ZOOM), TOP - (np.arange(fine.shape[0]) + 0.5) / (WIDTH * ZOOM)
    away = ndimage.gaussian_filter(ndimage.distance_transform_edt(fine <= 0) / ZOOM, ZOOM * 0.4)
    for distance, alpha in ((1.1, 0.75), (2.4, 0.5), (4.0, 0.32), (6.0, 0.2)):
        axes.contour(xs, ys, away, levels=[distance], colors=RIVER, linewidths=0.7, alpha=alpha, zorder=1)
    for i in range(region.max() + 1):
        mask = ndimage.gaussian_filter((region == i).astype(float), 2.0)
        mask[fine <= 0.004] = np.nan
        axes.contour(
            xs, ys, mask, levels=[0.5], colors=RUST, linewidths=0.9, linestyles=[(0, (2.5, 2))], alpha=0.5, zorder=3
        )
    axes.contour(xs, ys, fine, levels=[0.0], colors=INK, linewidths=1.1, zorder=4)


def smooth(path: Iterable[tuple[float, float]], rounds: int = 3) -> np.ndarray:
    """Chaikin's corner cutting; ends stay."""
    points = np.array(tuple(path))
    for _ in range(rounds if len(points) > 2 else 0):
        cut = np.stack([points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75], axis=1)
        points = np.concatenate([points[:1], cut.reshape(-1, 2), points[-1:]])
    return points


def draw_river(axes: Axes, path: np.ndarray, widest: float) -> None:
    """A line that grows from the source to `widest` points at the mouth."""
    pieces = np.stack([path[:-1], path[1:]], axis=1)
    widths = np.linspace(0.35, widest, len(pieces))
    axes.add_collection(LineCollection(pieces, linewidths=widths, colors=RIVER, capstyle="round", alpha=0.9, zorder=5))


def draw_mountains(axes: Axes, fine: np.ndarray, rng: random.Random, count: int) -> list:
    """Little peaks, lit from the left, on the highest ground, southern over northern ones; returns their feet."""
    order = np.argsort(-ndimage.gaussian_filter(fine, ZOOM), axis=None)
    chosen: list[tuple[float, float]] = []
    for flat in order[:: ZOOM * 2]:
        row, column = divmod(int(flat), fine.shape[1])
        x, y = column / (WIDTH * ZOOM) + rng.uniform(-0.004, 0.004), TOP - row / (WIDTH * ZOOM)
        if all(((x - a) / 0.022) ** 2 + ((y - b) / 0.015) ** 2 > 1 for a, b in chosen):
            chosen.append((x, y))
        if len(chosen) == count:
            break
    for x, y in sorted(chosen, key=lambda point: -point[1]):
        _peak(axes, x, y, rng.uniform(0.8, 1.25) * 0.011, rng)
    return chosen


def _peak(axes: Axes, x: float, y: float, size: float, rng: random.Random) -> None:
    top = (x + rng.uniform(-0.15, 0.15) * size, y + 1.35 * size)
    left, right, foot = (x - size, y), (x + size, y), (x + rng.uniform(-0.1, 0.25) * size, y)
    style = {"zorder": 6, "joinstyle": "round"}
    axes.add_patch(Polygon([left, top, right], closed=True, facecolor="#f6ecd4", edgecolor="none", **style))
    axes.add_patch(Polygon([top, foot, right], closed=True, facecolor="#b9a488", edgecolor="none", **style))
    axes.plot(*zip(left, top, right, strict=True), color=INK, linewidth=0.8, solid_joinstyle="round", zorder=6)


class Lettering:
    """Places labels so that they overlap neither one another nor reserved boxes; what finds no room is left out."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.renderer = axes.figure.canvas.get_renderer()
        self.boxes = [axes.get_window_extent(self.renderer)]
        self.frame = self.boxes.pop().padded(-14)

    def reserve(self, x: float, y: float, radius: float) -> None:
        """Keep a disc of `radius` pixels around the point free of letters."""
        px, py = self.axes.transData.transform((x, y))
        self.boxes.append(Bbox.from_extents(px - radius, py - radius, px + radius, py + radius))

    def is_free(self, x: float, y: float) -> bool:
        """True if the point lies under no label and on no reserved disc."""
        px, py = self.axes.transData.transform((x, y))
        return not any(box.padded(6).contains(px, py) for box in self.boxes)

    def place(self, text: str, spots: Iterable[tuple[float, float, str, str]], **style: object) -> Text | None:
        """Write `text` at the first free (x, y, horizontal, vertical alignment); returns it, or None."""
        for x, y, horizontal, vertical in spots:
            label = self.axes.text(
                x, y, text, ha=horizontal, va=vertical, family=FONT, path_effects=HALO, zorder=9, **style
            )
            box = label.get_window_extent(self.renderer)
            inside = (
                self.frame.x0 < box.x0 and box.x1 < self.frame.x1 and self.frame.y0 < box.y0 and box.y1 < self.frame.y1
            )
            if inside and not any(box.overlaps(other) for other in self.boxes):
                self.boxes.append(box.padded(1.5))
                return label
            label.remove()
        return None


def around(x: float, y: float, gap: float = 0.009) -> list[tuple[float, float, str, str]]:
    """Eight spots for the label of a point, right of it first."""
    return [
        (x + gap, y, "left", "center"),
        (x - gap, y, "right", "center"),
        (x, y + gap, "center", "bottom"),
        (x, y - gap, "center", "top"),
        (x + gap * 0.7, y + gap * 0.7, "left", "bottom"),
        (x + gap * 0.7, y - gap * 0.7, "left", "top"),
        (x - gap * 0.7, y + gap * 0.7, "right", "bottom"),
        (x - gap * 0.7, y - gap * 0.7, "right", "top"),
    ]


def draw_frame(axes: Axes) -> None:
    """Double neat line with the chequered degree bar of old atlases."""
    bar, across, down = 0.008, 30, 22
    cells = [(k / across, far, 1 / across, bar, k) for k in range(across) for far in (0.0, TOP - bar)]
    cells += [(far, k * TOP / down, bar, TOP / down, k) for k in range(down) for far in (0.0, 1 - bar)]
    for x, y, width, height, k in cells:
        colour = INK if k % 2 else PAPER
        patch = Rectangle((x, y), width, height, facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=12)
        axes.add_patch(patch).set_clip_on(False)
    for margin, width in ((0.0, 0.8), (bar, 1.4)):
        edge = Rectangle((margin, margin), 1 - 2 * margin, TOP - 2 * margin, fill=False, edgecolor=INK, linewidth=width)
        axes.add_patch(edge).set(clip_on=False, zorder=13)


def draw_compass(axes: Axes, x: float, y: float, size: float) -> None:
    """An eight-pointed rose, north up."""
    for k in (1, 3, 5, 7, 0, 2, 4, 6):
        angle, reach = math.pi / 4 * k, size * (1.0 if k % 2 == 0 else 0.55)
        tip = (x + reach * math.sin(angle), y + reach * math.cos(angle))
        for turn, colour in ((-1, PAPER), (1, INK)):
            side = angle + turn * math.pi / 8
            waist = (x + 0.22 * size * math.sin(side), y + 0.22 * size * math.cos(side))
            axes.add_patch(Polygon([tip, waist, (x, y)], facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=10))
    axes.text(x, y + 1.12 * size, "N", ha="center", va="bottom", family=FONT, fontsize=13, color=INK, zorder=10)


def draw_scale(axes: Axes, x: float, y: float, unit: str) -> None:
    """A bar of 100 units in two parts, its left end at (x, y)."""
    half = 50 / MAP_WIDTH
    for k, colour in enumerate((INK, PAPER)):
        axes.add_patch(
            Rectangle((x + k * half, y), half, 0.007, facecolor=colour, edgecolor=INK, linewidth=0.8, zorder=10)
        )
    axes.text(
        x + half, y + 0.012, f"100 {unit}s", ha="center", va="bottom", family=FONT, fontsize=13.5, color=INK, zorder=10
    )
