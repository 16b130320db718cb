"""The lie of the land: coast, heights, regions, rivers that run downhill, and places along them.

A height field on a grid is drained to the sea by priority flooding (Barnes et al. 2014), which gives every land cell
the neighbour its water runs to; a river follows these from its source to the sea or to a river that was there before.
Only + - * / and square roots are used, which IEEE arithmetic makes the same on every machine.
"""

import heapq
import math
import random
from dataclasses import dataclass

WIDTH, HEIGHT = 150, 110
REGION_COUNT = 12
ROUGHNESS = 0.3
MAP_WIDTH = 900.0  # ombels from the western to the eastern edge of the map
Cell = int  # row * WIDTH + column


@dataclass(frozen=True)
class Geography:
    """Grids are row-major, WIDTH x HEIGHT; `downhill` is -1 in the sea and the sea cell's own index at the shore."""

    height: tuple[float, ...]  # above 0 on land
    region: tuple[int, ...]  # index of the region, -1 in the sea
    downhill: tuple[int, ...]
    centres: tuple[Cell, ...]  # one cell in the middle of each region


def build_geography(rng: random.Random) -> Geography:
    """Draw one connected land of about half the map, divided into REGION_COUNT regions."""
    height = _heights(rng)
    downhill = _drain(rng, height)
    centres = _spread(rng, [cell for cell in range(WIDTH * HEIGHT) if height[cell] > 0], REGION_COUNT)
    return Geography(tuple(height), tuple(_regions(rng, height, centres)), tuple(downhill), tuple(centres))


def point(cell: Cell) -> tuple[float, float]:
    """Map coordinates in the cell: x in 0-1 eastwards, y in 0-HEIGHT/WIDTH northwards.

    A fixed offset per cell, up to a third of its width, hides the grid.
    """
    dx, dy = (cell * 7919 % 101) / 101 - 0.5, (cell * 6271 % 103) / 103 - 0.5
    return (cell % WIDTH + 0.5 + 0.66 * dx) / WIDTH, (HEIGHT - cell // WIDTH - 0.5 - 0.66 * dy) / WIDTH


def neighbours(cell: Cell) -> list[Cell]:
    row, column = divmod(cell, WIDTH)
    steps = [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    inside = [(row + r, column + c) for r, c in steps if 0 <= row + r < HEIGHT and 0 <= column + c < WIDTH]
    return [r * WIDTH + c for r, c in inside]


def _noise(rng: random.Random, spacing: int) -> list[float]:
    """Value noise in [-1, 1]: random heights on a lattice, interpolated smoothly between."""
    columns, rows = WIDTH // spacing + 2, HEIGHT // spacing + 2
    lattice = [[rng.random() * 2 - 1 for _ in range(columns)] for _ in range(rows)]
    field = []
    for row in range(HEIGHT):
        i, v = divmod(row, spacing)
        v = _ease(v / spacing)
        for column in range(WIDTH):
            j, u = divmod(column, spacing)
            u = _ease(u / spacing)
            top = lattice[i][j] * (1 - u) + lattice[i][j + 1] * u
            bottom = lattice[i + 1][j] * (1 - u) + lattice[i + 1][j + 1] * u
            field.append(top * (1 - v) + bottom * v)
    return field


def _ease(t: float) -> float:
    return t * t * (3 - 2 * t)


def _heights(rng: random.Random) -> list[float]:
    """An island: noise of four grains on a dome; lesser islands are drowned."""
    grains = [(_noise(rng, spacing), weight) for spacing, weight in ((40, 0.38), (20, 0.24), (10, 0.13), (5, 0.07))]
    height = []
    for cell in range(WIDTH * HEIGHT):
        row, column = divmod(cell, WIDTH)
        dx, dy = (column + 0.5) / WIDTH * 2 - 1, (row + 0.5) / HEIGHT * 2 - 1
        edge = max(abs(dx), abs(dy))
        dome = 0.55 - 0.75 * (dx * dx + dy * dy) - (4.0 * (edge - 0.9) if edge > 0.9 else 0.0)
        height.append(dome + sum(field[cell] * weight for field, weight in grains))
    mainland = _mainland(height)
    return [value if cell in mainland else min(value, -0.02) for cell, value in enumerate(height)]


def _mainland(height: list[float]) -> set[Cell]:
    """The largest connected land (by shared edges and corners)."""
    unseen, largest = {cell for cell, value in enumerate(height) if value > 0}, set()
    while unseen:
        part, frontier = set(), [min(unseen)]
        unseen.discard(frontier[0])
        while frontier:
            part.add(cell := frontier.pop())
            new = [other for other in neighbours(cell) if other in unseen]
            unseen.difference_update(new)
            frontier += new
        largest = max(largest, part, key=len)
    return largest


def _drain(rng: random.Random, height: list[float]) -> list[int]:
    """Where the water of every land cell runs: priority flooding from the sea, lowest cell first.

    Rough ground (white noise on the heights) makes the courses wind and meet.
    """
    downhill = [-1] * len(height)
    rough = [value + ROUGHNESS * rng.random() for value in height]
    queue = [(height[cell], cell) for cell in range(len(height)) if height[cell] <= 0]
    heapq.heapify(queue)
    while queue:
        level, cell = heapq.heappop(queue)
        for other in neighbours(cell):
            if height[other] > 0 and downhill[other] < 0:
                downhill[other] = cell
                heapq.heappush(queue, (max(level, rough[other]), other))
    return downhill


def _spread(rng: random.Random, cells: list[Cell], count: int) -> list[Cell]:
    """`count` cells far from one another: each the best of 30 random candidates."""
    chosen = [rng.choice(cells)]
    while len(chosen) < count:
        chosen.append(max(rng.sample(cells, 30), key=lambda cell: min(distance(cell, other) for other in chosen)))
    return chosen


def distance(a: Cell, b: Cell) -> float:
    """Straight-line distance in cells."""
    return math.sqrt((a % WIDTH - b % WIDTH) ** 2 + (a // WIDTH - b // WIDTH) ** 2)


def _regions(rng: random.Random, height: list[float], centres: list[Cell]) -> list[int]:
    """Voronoi areas with crooked borders: distances are measured from points shifted by noise."""
    shift_x, shift_y, fine_x, fine_y = _noise(rng, 16), _noise(rng, 16), _noise(rng, 5), _noise(rng, 5)
    region = []
    for cell, value in enumerate(height):
        x = cell % WIDTH + 5.0 * shift_x[cell] + 1.5 * fine_x[cell]
        y = cell // WIDTH + 5.0 * shift_y[cell] + 1.5 * fine_y[cell]
        squares = [(x - centre % WIDTH) ** 2 + (y - centre // WIDTH) ** 2 for centre in centres]
        region.append(squares.index(min(squares)) if value > 0 else -1)
    return region


def trace_rivers(geography: Geography, count: int) -> list[list[Cell]]:
    """Courses of `count` rivers, longest first; the last cell is at the sea or on the river joined.

    Each source is the free cell whose water has the longest way to the sea or to an earlier river.
    """
    way = {cell: _way_to_sea(geography, cell) for cell, value in enumerate(geography.height) if value > 0}
    order = sorted(way, key=lambda cell: (-way[cell], cell))
    taken: set[Cell] = set()
    blocked: set[Cell] = set()
    courses: list[list[Cell]] = []
    for minimum in (40, 30, 22, 16, 12, 9, 7, 5, 4, 3, 2):
        for source in order:
            if len(courses) == count:
                return courses
            if source in blocked:
                continue
            course = _follow(geography, source, taken)
            if len(course) > minimum:
                courses.append(course)
                taken.update(course)
                blocked.update(course, *(neighbours(cell) for cell in course))
    raise ValueError(f"the map has room for {len(courses)} rivers, not {count}; ask for fewer entities")


def _way_to_sea(geography: Geography, cell: Cell) -> int:
    steps = 0
    while geography.height[cell] > 0:
        cell, steps = geography.downhill[cell], steps + 1
    return steps


def _follow(geography: Geography, source: Cell, taken: set[Cell]) -> list[Cell]:
    """Cells from the source to the sea (last cell on land) or to the first cell of a river already there."""
    course = [source]
    while course[-1] not in taken and geography.height[geography.downhill[course[-1]]] > 0:
        course.append(geography.downhill[course[-1]])
    return course


def course_length(course: list[Cell]) -> int:
    """Length in ombels, bends included."""
    steps = sum(distance(a, b) for a, b in zip(course, course[1:], strict=False))
    return max(3, round(steps * MAP_WIDTH / WIDTH * 1.15))
