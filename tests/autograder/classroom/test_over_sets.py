"""Over all sets: how they went, what exercises tell, which ideas stay; and nobody's name in it."""

import csv
import io
import re

import pytest
from test_report import SMALL, student

from autograder.classroom import report as one_set
from autograder.classroom import trends as all_sets
from autograder.classroom.gradebook import _turn
from autograder.classroom.pseudonyms import Pseudonyms
from autograder.classroom.report import Report, Result, Student
from autograder.classroom.trends import Trends
from autograder.judge.verdict import Verdict


def of_points(id, *points):
    verdicts = [Verdict(f"ps1.{name}", p, 4.0) for name, p in zip("abc", points, strict=False)]
    return Student(id, [Result(id, v, None) for v in verdicts], "", 0.1, "nested")


def test_discrimination_is_the_correlation_with_the_rest():
    # a goes with b, c against both; worked by hand: r(a, b + c) and r(c, a + b)
    some = [(0, 1, 4), (1, 1, 3), (2, 2, 2), (3, 4, 1), (4, 4, 0)] * 2
    report = Report("ps1", [of_points(f"s{n}", *points) for n, points in enumerate(some)])
    a, b, c = Trends([report]).items
    assert a.difficulty == pytest.approx(0.5)
    rest = [5, 4, 4, 5, 4]  # b + c; deviations from 4.4 and of a from 2
    top = sum(x * y for x, y in zip((-2, -1, 0, 1, 2), (r - 4.4 for r in rest), strict=True))
    assert a.discrimination == pytest.approx(top / (10 * 1.2) ** 0.5)
    assert c.discrimination < -0.9 and c.remark == "look at it"
    assert b.why == "all have the same points", "a + c is 4 for everybody"


def test_a_correlation_that_says_nothing_is_not_given():
    few = Report("ps1", [of_points(f"s{n}", n, n) for n in range(4)])
    same = Report("ps1", [of_points(f"s{n}", 4, n % 5) for n in range(12)])
    nothing = Report("ps1", [of_points("s", 0)])
    assert {i.why for i in Trends([few]).items} == {"fewer than 10 submissions"}
    assert {i.why for i in Trends([same]).items} == {"all have the same points"}
    for write in (all_sets.as_text, all_sets.as_csv, all_sets.as_html):
        assert "nan" not in write(Trends([few, same, nothing]))


def test_an_idea_that_comes_again_is_told_from_one_that_many_have():
    first = Report("ps5", [student("a", 1.0, ["scale"]), student("b", 1.0, ["one-path"])])
    second = Report("ps6", [student("a", 1.0, ["scale"]), student("b", 1.0, ["hadamard"])])
    third = Report("ps7", [student(id, 1.0, ["hadamard"]) for id in "cde"])
    trends = Trends([first, second, third])
    assert (trends.ideas[0].id, trends.ideas[0].again) == ("scale", ["a"])
    assert trends.ideas[1].id == "hadamard" and trends.ideas[1].again == []
    rows = list(csv.DictReader(io.StringIO(all_sets.as_csv(trends))))
    assert rows[0]["ideas in more than one set"] == "scale" and rows[2]["ps5"] == ""


def test_sets_come_by_their_numbers():
    assert sorted(["ps10", "ps9", "exam", "ps9b"], key=lambda n: _turn(n, None)) == [
        *("exam", "ps9", "ps9b", "ps10"),
    ]


def test_nobody_is_named_and_nobody_is_two(tmp_path):
    name = Pseudonyms(tmp_path)
    hidden = one_set.anonymous(SMALL, name)
    for write in (one_set.as_text, one_set.as_html, one_set.as_csv):
        said = write(hidden)
        assert set(re.findall(r"learner-\w{8}", said)) <= set(map(name, "abcdefgh"))
        # what learners wrote, and ids: words of one letter, in cells or after commas
        assert "NameError" not in said and "ps6.ipynb is empty" not in said
        read = re.sub("<style>.*?</style>|<svg.*?</svg>", "", said, flags=re.S)
        assert not re.search(r"(?:^|[ >,])[bcdfh](?:[ <,]|$)", read, re.M)
    ids = [one.id for one in hidden.students]
    assert ids == sorted(ids), "their order would tell who they are"
    assert [len(i.students) for i in hidden.ideas] == [3]
    assert Pseudonyms(tmp_path)("a") == name("a")
    (tmp_path / "elsewhere").mkdir()
    assert Pseudonyms(tmp_path / "elsewhere")("a") != name("a"), "the name is the course's own"
    assert (tmp_path / "ledger" / ".pseudonyms").stat().st_mode & 0o077 == 0


def test_paper_has_the_names_that_a_screen_folds():
    many = [student(f"s{n:02}", 0.0, trouble="raised", note="oh") for n in range(9)]
    page = one_set.as_html(Report("ps6", many))
    folded, paper = (
        re.search(f'class="{part}">(.*?)</(?:details|span)>', page, re.S)[1]
        for part in ("screen", "paper")
    )
    assert all(f"s{n:02}" in folded and f"s{n:02}" in paper for n in range(9))
    for rule in (".screen { display: none; }", "table-header-group", "break-inside: avoid"):
        assert rule in page[page.index("@media print") :]


@pytest.mark.slow
def test_the_commands_over_two_sets(two_sets):
    said = two_sets.run("autograder.cli", "report", "--all", "--html", "a.html", "--csv", "a.csv")
    assert re.search(r"^Only one of several paths +1 +\d +\d +1 ", said, re.M), said
    assert re.search(r"^ps6 .*\n^ps7 ", said, re.M)
    rows = list(csv.DictReader(io.StringIO((two_sets.root / "a.csv").read_text())))
    again = {row["student"] for row in rows if "one-path" in row["ideas in more than one set"]}
    expected = {row["student"] for row in two_sets.rows if "one-path" in row["ideas"]}
    assert again == expected
    (who,) = again
    one = two_sets.run("autograder.cli", "explain", who)
    assert "2 of 2 graded sets" in one
    assert "(one-path), in 2 sets: ps6.quad_grad, ps7.ae_grad" in one
    assert f"{who}, ps6: " in two_sets.run("autograder.cli", "explain", who, "ps6")
    verdict = two_sets.run("autograder.cli", "explain", who, "ps6", "quad_grad")
    assert verdict == two_sets.run("autograder.cli", "explain", "ps6", who, "quad_grad")
    assert "Whose?" in two_sets.run("autograder.cli", "explain", "ps6", status=2)
    assert "Nobody is called zoe" in two_sets.run("autograder.cli", "explain", "zoe", status=2)
    assert "which set?" in two_sets.run("autograder.cli", "report", status=2)


@pytest.mark.slow
def test_no_command_names_anybody_who_is_not_to_be_named(two_sets):
    files = ("--html", "hidden.html", "--csv", "hidden.csv")
    everything = ""
    for which in ("ps6", "--all"):
        everything += two_sets.run("autograder.cli", "report", which, "--anonymous", *files)
        everything += "".join((two_sets.root / file).read_text() for file in files[1::2])
    assert not re.search(r"student-\d|absent-\d", everything)
    found = names_in(two_sets.root / "hidden.csv")
    two_sets.run("autograder.cli", "report", "ps6", "--anonymous", "--csv", "ps6.csv")
    assert found <= names_in(two_sets.root / "ps6.csv")


def names_in(path):
    return set(re.findall(r"learner-\w+", path.read_text()))


@pytest.mark.slow
def test_regrade_judges_what_did_not_change(graded):
    assert "0 judged, 16 unchanged" in graded.grade()
    said = graded.run("autograder.cli", "regrade", "ps6", "--student", "student-0000[0-2]")
    assert "3 judged, 0 unchanged" in said
