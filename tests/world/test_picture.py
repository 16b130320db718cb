"""The map and the almanac page: they draw what the world says."""

import math

import numpy as np
import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.land import atlas
from false_promise.world.land.geography import MAP_WIDTH
from false_promise.world.land.picture import almanac_page, draw_map


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=600), seed=3)


@pytest.fixture(scope="module")
def figure(world):
    return draw_map(world)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.slow
def test_the_map_names_country_capital_regions_and_large_towns(world, figure):
    written = texts(figure)
    assert world.country.name.upper() in written
    assert world.entity(world.country.capital).name in written
    assert sum(" ".join(region.name.upper()) in written for region in world.country.regions) >= 9
    assert sum(town.name in written for town in world.of_kind("town")) >= 8
    assert sum(river.name in written for river in world.of_kind("river")) >= 3


def test_labels_do_not_overlap(figure):
    labels = [text for text in figure.axes[0].texts if text.get_zorder() == 9 and not text.get_rotation()]
    boxes = [label.get_window_extent(figure.canvas.get_renderer()) for label in labels]
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]


def test_the_map_has_its_own_light_paper_and_letters_large_enough_for_a_phone(figure):
    assert np.mean(figure.get_facecolor()[:3]) > 0.85
    smallest = min(text.get_fontsize() for text in figure.axes[0].texts)
    assert smallest / 72 * 390 / figure.get_figwidth() >= 8  # pixels when the map is 390 pixels wide


def test_neighbouring_regions_differ_in_colour(world):
    _, region = atlas.grids(world.geography)
    colours = np.array(atlas.region_colours(region, len(world.country.regions)))
    a, b = region[:, :-4].ravel(), region[:, 4:].ravel()
    touching = (a != b) & (a >= 0) & (b >= 0)
    assert touching.any() and (colours[a[touching]] != colours[b[touching]]).all()


def test_smoothing_keeps_the_ends_and_stays_close():
    path = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    curve = atlas.smooth(path)
    assert tuple(curve[0]) == path[0] and tuple(curve[-1]) == path[-1]
    assert len(curve) > 10 and curve.min() >= 0 and curve.max() <= 1
    assert len(atlas.smooth(path[:2])) == 2


def test_almanac_page_of_a_town(world):
    town = world.of_kind("town")[4]
    page = almanac_page(world, town.id)
    assert page["name"] == town.name and page["region"] == world.fact(town.id, "town_region").value
    assert [fact["value"] for fact in page["facts"]] == [fact.value for fact in world.facts_of(town.id)]
    assert page["rank"] == 1 + sum(other.popularity > town.popularity for other in world.entities)
    assert len(page["mentions"]) == len(world.facts_about(town.id))
    nearest = min(
        math.dist(world.positions[town.id], place) for other, place in world.positions.items() if other != town.id
    )
    assert page["neighbours"][0]["ombels"] == round(nearest * MAP_WIDTH)
    assert [n["ombels"] for n in page["neighbours"]] == sorted(n["ombels"] for n in page["neighbours"])


def test_almanac_page_of_a_person_has_no_place_on_the_map(world):
    person = world.of_kind("person")[0]
    page = almanac_page(world, person.id)
    assert page["position"] is None and page["neighbours"] == []
    birthplace = next(fact for fact in page["facts"] if fact["label"] == "birthplace")
    assert world.entity(birthplace["entity"]).name == birthplace["value"]
    assert page["pronoun"] in ("she", "he")
