"""Scale files: each one that ships is valid, and each mistake in one is named with its way out."""

import pytest
import yaml

from false_promise.paths import SCALES
from false_promise.scales import ScaleError, available_scales, load_scale


@pytest.mark.parametrize("name", available_scales())
def test_shipped_scales_are_valid(name):
    scale = load_scale(name)
    assert scale.name == name
    assert {size.stands_for for size in scale.base_sizes} >= {"7B", "13B"}


def test_every_scale_of_the_design_ships():
    assert set(available_scales()) == {"smoke", "pilot", "thousandth", "tenth", "paper"}


def changed(tmp_path, **values):
    text = yaml.safe_load((SCALES / "smoke.yaml").read_text())
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(text | values))
    return str(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"contxt": 512}, "mine.yaml:\n  contxt: unknown key; did you mean 'context'"),
        ({"context": "512"}, "context: .*valid integer.*'512'"),
        ({"world": {"entities": 240, "sed": 1}}, "world.sed: unknown key; did you mean 'seed'"),
        ({"world": None}, "needs evaluation.questions"),
        ({"base_sizes": []}, "base_sizes: .*at least 1"),
        ({"context": 100}, "tuning.block 512 exceeds the context of 100"),
    ],
)
def test_mistakes_name_key_and_value(tmp_path, values, message):
    with pytest.raises(ScaleError, match=message):
        load_scale(changed(tmp_path, **values))


def test_unknown_scale_names_the_nearest_and_bad_yaml_its_file(tmp_path):
    with pytest.raises(ScaleError, match="'smokee': did you mean 'smoke'"):
        load_scale("smokee")
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: [")
    with pytest.raises(ScaleError, match="broken.yaml is not valid YAML"):
        load_scale(str(broken))


def test_unknown_base_size():
    with pytest.raises(ScaleError, match="'7m' is not in scale smoke: it has 0.04m, 0.1m, 0.2m"):
        load_scale("smoke").base("7m")
