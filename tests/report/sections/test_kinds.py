"""Each kind of study has its section, and an unknown one the table."""

from study_results import audience_result, fidelity_result, weather_result
from tsgen.report.sections import kinds
from tsgen.report.sections.any import any_section
from tsgen.report.sections.kinds import section_of


def test_a_result_goes_to_the_section_of_its_kind(monkeypatch):
    for kind in kinds.KINDS:
        monkeypatch.setitem(kinds.KINDS, kind, lambda result, kind=kind: (kind, result))
    for result in (audience_result(), fidelity_result()):
        assert section_of(result) == (result.kind, result)


def test_an_unknown_kind_gives_its_table():
    assert section_of(weather_result()) == any_section(weather_result())
