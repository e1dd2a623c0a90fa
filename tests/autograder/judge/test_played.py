"""Answers of played students who never saw the table: named, paid and refused as was read once.

Each was written from the statements alone, with the idea in words; `named` and `points` are what
the judge said when every message was read.
"""

import pytest
from played import BY_EXERCISE, PLAYED, verdict_on


@pytest.mark.slow
@pytest.mark.parametrize("id", BY_EXERCISE)
def test_a_played_answer_is_named_and_paid_as_was_read(id):
    for one in BY_EXERCISE[id]:
        for seed in range(1, 1 + one.get("seeds", 1)):  # more where it once hung on the draw
            verdict = verdict_on(id, one["code"], seed)
            said = f"{one['idea']}, seed {seed}\n{verdict.message}"
            assert verdict.passed == ("right" in one), said
            if "right" not in one:
                assert verdict.misconceptions[:1] == one["named"], said
                assert verdict.points == pytest.approx(one["points"], abs=1e-3), said
                assert "hold it beside" not in said
                assert "?." not in said


def test_most_played_answers_have_a_name():
    wrong = [one for one in PLAYED["answers"] if "right" not in one]
    assert len(wrong) > 330 and len(PLAYED["answers"]) - len(wrong) >= 48
    assert sum(bool(one["named"]) for one in wrong) > 0.7 * len(wrong)
