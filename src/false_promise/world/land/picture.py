"""The map of the country and the almanac page of an entity.

.venv/bin/python -m false_promise.world.land.picture map.png 99      (file, seed of the world)
"""

import random
import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from false_promise.world.country import Fact, World, WorldSettings, build_world
from false_promise.world.land import atlas
from false_promise.world.land.geography import MAP_WIDTH, point
from false_promise.world.land.relations import RELATION

TOWNS_SHOWN, TOWNS_NAMED, RIVERS_SHOWN, RIVERS_NAMED, PEAKS = 70, 15, 110, 7, 44


def draw_map(world: World) -> Figure:
    """An atlas page, 7.8 x 5.8 inches, on its own light paper; legible when shown 390 pixels wide."""
    figure = Figure(figsize=(7.8, 5.8), dpi=160, facecolor=atlas.PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axes.set(xlim=(0, 1), ylim=(0, atlas.TOP), xticks=[], yticks=[], facecolor=atlas.SEA, aspect="equal")
    fine, region = atlas.grids(world.geography)
    atlas.paint_land(axes, fine, region, atlas.region_colours(region, len(world.country.regions)))
    atlas.draw_coast(axes, fine, region)
    longest = sorted(world.courses, key=lambda river: (-_length(world, river), river))[:RIVERS_SHOWN]
    courses = {river: atlas.smooth(world.courses[river]) for river in longest}
    for river, path in courses.items():
        atlas.draw_river(axes, path, 0.6 + 2.2 * min(1.0, _length(world, river) / 350))
    peaks = atlas.draw_mountains(axes, fine, random.Random(f"{world.seed}/mountains"), PEAKS)
    axes.spines[:].set_visible(False)
    atlas.draw_frame(axes)
    _write_names(axes, world, fine, courses, peaks)
    return figure


def _length(world: World, river: int) -> int:
    return int(world.fact(river, "length").value.split()[0])


def _inhabitants(world: World, town: int) -> int:
    return int(world.fact(town, "population").value.replace(",", ""))


def _write_names(axes: Axes, world: World, fine: np.ndarray, courses: dict[int, np.ndarray], peaks: list) -> None:
    """Title, rose and scale in the emptiest corners, then capital, regions, towns by size, and the longest rivers."""
    lettering = atlas.Lettering(axes)
    _furnish(axes, lettering, world, fine)
    towns = sorted((town.id for town in world.of_kind("town")), key=lambda town: (-_inhabitants(world, town), town))
    for town in towns[:TOWNS_NAMED]:
        _draw_town(axes, lettering, world, town)
    _name_town(lettering, world, world.country.capital)
    for x, y in peaks:
        lettering.reserve(x, y + 0.006, 9)
    for index, centre in enumerate(world.geography.centres):
        _name_region(lettering, world.country.regions[index].name, *point(centre))
    for town in towns[:TOWNS_NAMED]:
        if town != world.country.capital:
            _name_town(lettering, world, town)
    for river in list(courses)[:RIVERS_NAMED]:
        _write_river(lettering, world.entity(river).name, courses[river])
    for town in towns[TOWNS_NAMED:TOWNS_SHOWN]:
        if lettering.is_free(*world.positions[town]):
            _draw_town(axes, lettering, world, town)


def _name_region(lettering: atlas.Lettering, name: str, x: float, y: float) -> None:
    steps = [(dx / 100, dy / 100) for dx in range(-8, 9, 2) for dy in range(-9, 10)]
    steps.sort(key=lambda step: (step[0] ** 2 + step[1] ** 2, step))
    spots = [(x + dx, y + dy, "center", "center") for dx, dy in steps]
    lettering.place(" ".join(name.upper()), spots, fontsize=12, color=atlas.RUST)


def _name_town(lettering: atlas.Lettering, world: World, town: int) -> None:
    capital = town == world.country.capital
    style = {"fontsize": 17 if capital else 14, "weight": "bold" if capital else "normal", "color": atlas.INK}
    spots = atlas.around(*world.positions[town], gap=0.017 if capital else 0.010)
    lettering.place(world.entity(town).name, spots, **style)


def _draw_town(axes: Axes, lettering: atlas.Lettering, world: World, town: int) -> None:
    x, y = world.positions[town]
    if town == world.country.capital:
        axes.plot(
            x, y, marker="*", markersize=15, color=atlas.RUST, markeredgecolor=atlas.INK, markeredgewidth=0.8, zorder=8
        )
        lettering.reserve(x, y, 12)
        return
    size = 3.0 + 4.5 * min(1.0, (_inhabitants(world, town) / 30_000) ** 0.5)
    axes.plot(
        x, y, marker="o", markersize=size, color=atlas.PAPER, markeredgecolor=atlas.INK, markeredgewidth=0.9, zorder=8
    )
    lettering.reserve(x, y, size)


def _write_river(lettering: atlas.Lettering, name: str, path: np.ndarray) -> None:
    """The name in italics along the course, at the first stretch that is free."""
    for share in (0.55, 0.4, 0.7, 0.25, 0.85):
        i = int(share * (len(path) - 1))
        (x0, y0), (x1, y1) = path[max(0, i - 14)], path[min(len(path) - 1, i + 14)]
        angle = np.degrees(np.arctan2(y1 - y0, x1 - x0))
        angle = (angle + 90) % 180 - 90
        x, y = path[i]
        normal = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))]) * 0.014
        spots = [(x + s * normal[0], y + s * normal[1], "center", "center") for s in (1, -1)]
        style = {"fontsize": 13, "style": "italic", "color": atlas.RIVER}
        if lettering.place(name, spots, rotation=angle, rotation_mode="anchor", **style):
            return


def _furnish(axes: Axes, lettering: atlas.Lettering, world: World, fine: np.ndarray) -> None:
    """Title in the corner with most sea, rose and scale in the next two."""
    boxes = {("left", "top"): (0.05, atlas.TOP - 0.05), ("right", "top"): (0.95, atlas.TOP - 0.05),
             ("left", "bottom"): (0.05, 0.05), ("right", "bottom"): (0.95, 0.05)}  # fmt: skip
    rows, columns = fine.shape
    corners = sorted(boxes, key=lambda corner: _land_in(fine, corner, rows // 4, columns // 3))
    title, rose, scale = corners[:3]
    _title(lettering, world, title, *boxes[title])
    x, y = boxes[rose]
    x, y = x + (0.04 if rose[0] == "left" else -0.04), y + (0.03 if rose[1] == "bottom" else -0.05)
    atlas.draw_compass(axes, x, y, 0.05)
    lettering.reserve(x, y, 75)
    x, y = boxes[scale]
    x, y = (x if scale[0] == "left" else x - 0.12), (y if scale[1] == "bottom" else y - 0.02)
    atlas.draw_scale(axes, x, y, world.country.units[0].large)
    lettering.reserve(x + 0.055, y, 75)


def _land_in(fine: np.ndarray, corner: tuple[str, str], rows: int, columns: int) -> int:
    vertical = slice(0, rows) if corner[1] == "top" else slice(-rows, None)
    horizontal = slice(0, columns) if corner[0] == "left" else slice(-columns, None)
    return int((fine[vertical, horizontal] > 0).sum())


def _title(lettering: atlas.Lettering, world: World, corner: tuple[str, str], x: float, y: float) -> None:
    top, small = (y, y - 0.052) if corner[1] == "top" else (y + 0.036, y)
    name = world.country.name.upper()
    lettering.place(name, [(x, top, corner[0], corner[1])], fontsize=25, color=atlas.INK, weight="bold")
    line = f"twelve regions, {len(world.of_kind('town'))} towns"
    lettering.place(line, [(x, small, corner[0], corner[1])], fontsize=13, style="italic", color=atlas.INK)


def almanac_page(world: World, entity_id: int) -> dict:
    """What the almanac says about an entity.

    Keys: name, kind, region, climate, pronoun, held_out, popularity, rank (1 is best known), facts (label, value,
    entity id or None), mentions (facts of others about it: label, name, entity), neighbours (nearest towns: name,
    entity, ombels; towns only), position ((x, y) in map widths; towns only).
    """
    entity, region = world.entity(entity_id), world.region_of(entity_id)
    rank = 1 + sum(other.popularity > entity.popularity for other in world.entities)
    facts = [{"label": _label(fact), "value": fact.value, "entity": fact.object} for fact in world.facts_of(entity_id)]
    mentions = [
        {"label": f"{_label(fact)} of", "name": world.entity(fact.subject).name, "entity": fact.subject}
        for fact in world.facts_about(entity_id)
    ]
    return {
        "name": entity.name,
        "kind": entity.kind,
        "region": region.name,
        "climate": region.climate,
        "pronoun": entity.pronoun,
        "held_out": entity.held_out,
        "popularity": entity.popularity,
        "rank": rank,
        "facts": facts,
        "mentions": mentions,
        "neighbours": _neighbours(world, entity_id),
        "position": world.positions.get(entity_id),
    }


def _label(fact: Fact) -> str:
    return RELATION[fact.relation].noun


def _neighbours(world: World, entity_id: int, count: int = 4) -> list[dict]:
    """The nearest towns of a town, with distances as the crow flies."""
    if entity_id not in world.positions:
        return []
    x, y = world.positions[entity_id]
    distances = sorted(
        (((x - a) ** 2 + (y - b) ** 2) ** 0.5, town) for town, (a, b) in world.positions.items() if town != entity_id
    )
    return [
        {"name": world.entity(town).name, "entity": town, "ombels": round(distance * MAP_WIDTH)}
        for distance, town in distances[:count]
    ]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    draw_map(build_world(WorldSettings(entities=7000), int(sys.argv[2]))).savefig(target)
