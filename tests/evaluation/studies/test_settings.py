"""Study files are typed: what each protocol may be asked, held against the studies there are."""

import tomllib
from pathlib import Path
from typing import get_args

import pytest

from tsgen.curation import WINDOW_BASELINES
from tsgen.errors import SettingsError
from tsgen.evaluation.studies import PROTOCOLS, read_study
from tsgen.evaluation.studies.audience_rows import ROWS
from tsgen.evaluation.studies.protocols.online_campaigns import WAYS
from tsgen.evaluation.studies.settings import StudySettings

STUDIES = sorted((Path(__file__).parents[3] / "evaluation" / "studies").glob("*.toml"))
COMMON = {"question": "?", "protocol": "totals", "data": "shop", "seeds": [1]}


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_of_the_repository_says_what_its_protocol_asks(path):
    if "forecasters" not in tomllib.loads(path.read_text()):  # of `tsgen evaluate forecast`
        assert read_study(path)["protocol"] in PROTOCOLS


@pytest.mark.parametrize(
    ("protocol", "field", "names"),
    [
        ("audience", "row", ROWS),
        ("online-campaigns", "way", WAYS),
        ("held-out", "baseline", WINDOW_BASELINES),
    ],
)
def test_names_that_an_arm_may_give_are_those_there_are(protocol, field, names):
    kind = PROTOCOLS[protocol].arm.model_fields[field].annotation
    choices = get_args(kind) if all(isinstance(c, str) for c in get_args(kind)) else [
        name for part in get_args(kind) for name in get_args(part)
    ]  # fmt: skip
    assert set(choices) == set(names)


def test_every_setting_of_every_protocol_says_what_it_is():
    for protocol in PROTOCOLS.values():
        for settings in (protocol.study, protocol.arm):
            assert all(field.description for field in settings.model_fields.values()), settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": []}, "seeds"),
        ({"seeds": [1.5]}, "seeds"),
        ({"seeds": ["1"]}, "seeds"),
        ({"metrics": "all"}, "metrics"),
        ({"metric": ["a"]}, "no setting 'metric'. Did you mean 'metrics'"),
    ],
)
def test_numbers_are_no_texts_and_unknown_keys_are_refused(change, message):
    assert StudySettings(**COMMON).seeds == [1]
    with pytest.raises(SettingsError, match=message):
        StudySettings(**COMMON | change)
