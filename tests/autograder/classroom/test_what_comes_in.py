"""A course as instructors really change it, through the real commands: cells of asserts, points
from the toolbar, magics, dates that move, and people who go back."""

import csv
import io
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import nbformat
import pytest
from graded_class import Classroom
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader_course import RIGHT, Course, release

from autograder.cli import main

pytestmark = pytest.mark.slow
HALF = "def quad_grad(A, x):\n    return 2 * A @ x, np.outer(x, x)"
ASSERTS = """assert quad_grad(np.eye(2), np.ones(2))[1].shape == (2, 2)
### BEGIN HIDDEN TESTS
assert np.allclose(quad_grad(np.eye(2), np.ones(2))[0], 2), "dx"
### END HIDDEN TESTS"""
MAGICS = {
    "quad_grad": f"!pip install -q numpy\n%matplotlib widget\n{RIGHT['ps6']['quad_grad']}",
    "dD_dW": f"%%time\n{RIGHT['ps6']['dD_dW']}",
}
NOISY = "import warnings\nwarnings.warn('careful')\n" + RIGHT["ps6"]["quad_grad"]
WRONG = "def quad_grad(A, x):\n    return A @ x, np.outer(x, x)"


@pytest.fixture(scope="module")
def once(machine, tmp_path_factory):
    """A course whose quad_grad counts 6, with a timed check and a cell of asserts; graded."""
    course = release("ps6", tmp_path_factory.mktemp("changed"))
    path = course.root / "source/ps6/ps6.ipynb"
    notebook = nbformat.read(path, 4)
    check = next(cell for _, cell in course.exercises(notebook).values() if "quad" in cell.source)
    check.metadata.nbgrader.points = 6
    check.source = f"%%time\n{check.source}"
    about = dict(check.metadata.nbgrader, grade_id="shapes", points=4)
    asserts = new_code_cell(ASSERTS, metadata={"nbgrader": about}, id="shapes")
    notebook.cells.insert(notebook.cells.index(check) + 1, asserts)
    nbformat.write(notebook, path)
    course.nbgrader("generate_assignment", "ps6")
    right = RIGHT["ps6"]
    for student, answers in {
        "a-right": right,
        "b-magics": right | MAGICS,
        "c-half": right | {"quad_grad": HALF},
        "d-wrong": right | {"quad_grad": WRONG},
        "e-noisy": right | {"quad_grad": NOISY},
        "f-empty": {},
    }.items():
        course.submit(student, solved(course, answers))
    Classroom(course.root).grade("--workers", "1")
    course.nbgrader("generate_feedback", "ps6")
    return course


@pytest.fixture
def course(once, tmp_path):
    """A copy of it, to change."""
    return Course(Path(shutil.copytree(once.root, tmp_path / "course")), "ps6")


def solved(course, answers):
    notebook = course.release
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


def scores(course):
    """{student: (quad_grad, the cell of asserts)} as the gradebook has them."""
    return {
        student: tuple(
            score for name, score, *_ in state["grades"] if name in ("check_quad_grad", "shapes")
        )
        for student, state in Classroom(course.root).state().items()
    }


def report(course, *words):
    return Classroom(course.root).run("autograder.cli", "report", "ps6", *words)


def rows(course):
    path = course.root / "report.csv"
    report(course, "--csv", str(path))
    return {row["student"]: row for row in csv.DictReader(io.StringIO(path.read_text()))}


SCORES = {
    "a-right": (6.0, 4.0),
    "b-magics": (6.0, 4.0),
    "c-half": (4.0, 4.0),
    "d-wrong": (4.0, 0.0),
    "e-noisy": (6.0, 4.0),
    "f-empty": (0.0, 0.0),
}


def test_points_of_the_toolbar_and_cells_of_asserts_count(once):
    assert scores(once) == SCORES


def test_nbgraders_own_command_says_the_same(course):
    before = Classroom(course.root).state(), rows(course)
    shutil.rmtree(course.root / "autograded")
    shutil.rmtree(course.root / "ledger")
    (course.root / "gradebook.db").unlink()
    course.nbgrader("generate_assignment", "ps6")  # the gradebook knows the hidden tests again
    course.nbgrader("autograde", "ps6")
    again = rows(course)
    for row in [*before[1].values(), *again.values()]:
        del row["seconds"]
    assert (Classroom(course.root).state(), again) == before


def test_points_are_the_same_in_feedback_report_and_explanation(once):
    assert "ps6.quad_grad: 4 of 6 points" in once.words("c-half")
    assert "of 20 points" in report(once)
    assert rows(once)["c-half"]["ps6.quad_grad"] == "4.0"
    said = Classroom(once.root).run("autograder.cli", "explain", "ps6", "c-half", "quad_grad")
    assert "4 of 6 points" in said and "the same verdict" in said


def test_what_a_cell_of_asserts_says_is_marked_and_its_hidden_tests_stay_hidden(once):
    said = report(once, "--html", str(once.root / "report.html"))
    assert "shapes (self-reported)" in said and "self-reported: what cells of the course" in said
    assert "(self-reported)" in (once.root / "report.html").read_text()
    (record,) = (once.root / "ledger/ps6/d-wrong").glob("*.json")
    judged = json.loads(record.read_text())["judged"]["ps6"]["judged"]
    assert [one["exercise"] for one in judged if one["self_reported"]] == ["shapes"]
    words = once.words("d-wrong")
    assert "AssertionError: dx" in words and "Self-reported" in words
    assert "HIDDEN" not in words and "allclose" not in words


def test_magics_are_left_out_and_named(once):
    words = once.words("b-magics")
    for line in ("!pip install -q numpy", "%matplotlib widget", "%%time"):
        assert f"left out while grading: {line}" in words


def test_whoever_goes_back_is_where_they_were(course):
    """Wrong, right, and wrong again: gradebook, report, spreadsheet and explanation agree."""
    for answers, points in ((HALF, 4.0), (RIGHT["ps6"]["quad_grad"], 6.0), (HALF, 4.0)):
        course.submit("a-right", solved(course, RIGHT["ps6"] | {"quad_grad": answers}))
        Classroom(course.root).grade("--workers", "1")
        assert scores(course)["a-right"][0] == points
        assert rows(course)["a-right"]["ps6.quad_grad"] == str(points)
        explained = Classroom(course.root).run(
            "autograder.cli", "explain", "ps6", "a-right", "quad_grad"
        )
        assert f"{points:g} of 6 points" in explained


def test_feedback_follows_resubmission_manual_mark_and_due_date(course):
    def made():
        return course.nbgrader("generate_feedback", "ps6").count("is made anew")

    assert made() == 0
    course.submit("a-right", solved(course, RIGHT["ps6"] | {"quad_grad": HALF}))
    Classroom(course.root).grade("--workers", "1")
    assert made() == 1 and "4 of 6 points" in course.words("a-right")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "backpropkit") as book:
        book.find_grade("check_quad_grad", "ps6", "ps6", "c-half").manual_score = 5.0
        book.db.commit()
    assert made() == 1


def test_feedback_is_released_to_whoever_can_fetch_it(course):
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write(f"c.Exchange.root = {str(course.root / 'exchange')!r}\n")
    (course.root / "exchange").mkdir()
    for student in ("b-magics", "f-empty"):
        folder = course.root / "feedback" / student / "ps6"
        (folder / "timestamp.txt").write_text("2027-02-01 12:00 UTC")
        (folder / "submission_secret.txt").write_text(student.encode().hex())
    said = course.nbgrader("release_feedback", "ps6")
    assert "through the exchange: a-right, c-half, d-wrong, e-noisy." in said
    pages = list((course.root / "exchange/backpropkit/feedback").glob("*.html"))
    assert len(pages) == 2


def test_a_due_date_that_moves_changes_the_penalty_and_judges_nothing(course):
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    (course.root / "submitted/a-right/ps6/timestamp.txt").write_text("2027-03-09 12:00:00 UTC")
    for day, penalty in (("2027-03-10", 0), ("2027-03-01", 20.0), ("2027-03-10", 0)):
        course.nbgrader("db", "assignment", "add", "ps6", f"--duedate={day} 12:00")
        assert "0 judged, 6 unchanged" in Classroom(course.root).grade("--workers", "1")
        assert (Classroom(course.root).state()["a-right"]["penalty"] or 0) == penalty


def test_a_time_that_is_none_costs_nobody_anything(course):
    path = course.root / "submitted/a-right/ps6/timestamp.txt"
    path.write_text("the day before yesterday")
    assert "0 failed" in Classroom(course.root).grade("--workers", "1")
    course.nbgrader("autograde", "ps6", "--force", "--student", "a-right")
    assert scores(course) == SCORES
    formgrader = (
        "from nbgrader.apps import NbGraderAPI, NbGrader\n"
        "app = NbGrader(); app.initialize([])\n"
        "api = NbGraderAPI(config=app.config)\n"
        "assert api.get_submissions('ps6') and api.get_autograded_students('ps6')\n"
    )
    (course.root / "formgrader_pages.py").write_text(formgrader)
    Classroom(course.root).run("formgrader_pages")


def test_one_student_and_by_force(course):
    classroom = Classroom(course.root)
    assert "0 judged, 1 unchanged" in classroom.grade("--student", "a-right", "--workers", "1")
    said = classroom.grade("--student", "a-right", "--force", "--workers", "1")
    assert "1 judged, 0 unchanged" in said
    said = classroom.grade("--student", "a-rigth", status=2)
    assert "Did you mean a-right?" in said and "Traceback" not in said
    assert scores(course) == SCORES


def test_whoever_is_forgotten_is_gone_from_everything(course):
    classroom = Classroom(course.root)
    said = classroom.run("autograder.cli", "forget", "a-right")
    assert "removed: ledger/ps6" in said and "left: submitted/a-right/ps6" in said
    for step in ("autograded", "feedback", "ledger/ps6"):
        assert not (course.root / step / "a-right").exists()
    assert "a-right" not in classroom.state()
    assert rows(course)["a-right"]["state"] == "not graded"
    assert "Nobody is called" in classroom.run("autograder.cli", "forget", "nobody", status=2)
    course.nbgrader("db", "student", "remove", "c-half", "--force")
    assert rows(course)["c-half"]["state"] == "not graded"  # as the gradebook has it


def test_cells_of_a_graded_set_stay_and_so_does_its_release(course):
    source = course.root / "source/ps6/ps6.ipynb"
    released = (course.root / "release/ps6/ps6.ipynb").read_bytes()
    notebook = nbformat.read(source, 4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if "quad_grad" not in cell.metadata.get("nbgrader", {}).get("grade_id", "")
    ]
    nbformat.write(notebook, source)
    said = course.nbgrader("generate_assignment", "ps6", status=1)
    assert "cannot be released without check_quad_grad, quad_grad" in said
    assert "Nothing was changed" in said
    assert (course.root / "release/ps6/ps6.ipynb").read_bytes() == released
    source.write_text("{}")  # whatever else goes wrong, too
    course.nbgrader("generate_assignment", "ps6", status=1)
    assert (course.root / "release/ps6/ps6.ipynb").read_bytes() == released


def test_an_unknown_check_is_refused_by_both_commands(course):
    path = course.root / "release/ps6/ps6.ipynb"
    path.write_text(path.read_text().replace("ps6.linear_backward", "ps6.linear_bakward"))
    before = Classroom(course.root).state()
    for said in (
        Classroom(course.root).grade(status=2),
        course.nbgrader("autograde", "ps6", status=1),
    ):
        assert "graded cell 'check_linear_backward'" in said
        assert "'ps6.linear_bakward'; did you mean 'ps6.linear_backward'?" in said
    assert Classroom(course.root).state() == before


@pytest.mark.parametrize("package", ["scipy", "scikit-nothing"])
def test_a_course_says_what_may_be_imported(course, package):
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write(f"c.RunAndJudge.packages = [{package!r}]\n")
    answer = "import scipy.linalg\n" + RIGHT["ps6"]["quad_grad"]
    course.submit("a-right", solved(course, RIGHT["ps6"] | {"quad_grad": answer}))
    if package == "scipy":
        Classroom(course.root).grade("--workers", "1", "--student", "a-right")
        assert scores(course) == SCORES
    else:
        said = Classroom(course.root).grade(status=2)
        assert "'scikit-nothing', which is not installed here" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "ps6", "--db", "sqlite:////nowhere/x.db"), "cannot be opened: unable to open"),
        (("report", "ps6", "--db", "nonsense"), "cannot be opened: "),
        (("grade", "ps6", "--db", "sqlite:////nowhere/x.db"), "cannot be opened: unable to open"),
        (("report", "ps6", "--html", "/nowhere/x.html"), "/nowhere/x.html cannot be written"),
        (("explain", "ps6", "a-right", "x", "--db", "nonsense"), "cannot be opened: "),
        (("export", "ps6", "--csv", "x.csv", "--db", "nonsense"), "cannot be opened: "),
        (("extend", "ps6", "a-right", "--days", "1", "--db", "nonsense"), "cannot be opened: "),
        (("collect", "ps6", "submitted", "--db", "nonsense"), "cannot be opened: "),
        (("forget", "a-right", "--db", "nonsense"), "cannot be opened: "),
    ],
)
def test_what_cannot_be_done_is_one_sentence(once, words, said):
    printed = Classroom(once.root).run("autograder.cli", *words, status=2)
    assert said in printed and "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("grade", "ps6", "--workers", "1"),
        ("report", "ps6"),
        ("explain", "a-right"),
        ("export", "ps6", "--csv", "x.csv"),
        ("extend", "ps6", "a-right", "--days", "1"),
        ("collect", "ps6", "submitted"),
        ("forget", "a-right"),
    ],
    ids=lambda words: words[0],
)
def test_a_gradebook_that_another_program_writes_to_is_one_sentence(once, words):
    with sqlite3.connect(once.root / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        url = f"sqlite:///{once.root / 'gradebook.db'}?timeout=0.1"
        printed = Classroom(once.root).run("autograder.cli", *words, "--db", url, status=2)
        other.execute("ROLLBACK")
    assert "is locked. Another program writes to it" in printed and "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1


def test_feedback_of_before_is_not_given_back(course, tmp_path, capsys):
    """The zip held a page that said 16 of 18, while the gradebook said 0."""
    archive = tmp_path / "in.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        text = nbformat.writes(solved(course, RIGHT["ps6"] | {"quad_grad": HALF}))
        packed.writestr(zipfile.ZipInfo("a-right/ps6.ipynb", (2030, 1, 1, 0, 0, 0)), text)
    where = ("--course", str(course.root))
    assert main(["collect", "ps6", str(archive), *where]) == 0
    Classroom(course.root).grade("--workers", "1")
    export = ["export", "ps6", "--feedback", str(tmp_path / "out.zip"), *where]
    assert main(export) == 1
    assert "feedback page of a-right is of before" in capsys.readouterr().err
    assert zipfile.ZipFile(tmp_path / "out.zip").namelist() == []
    course.nbgrader("generate_feedback", "ps6")
    assert main(export) == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        page = packed.getinfo("a-right/ps6.html")
        assert "4 of 6 points" in packed.read(page).decode()
        assert page.compress_size < page.file_size / 3


def test_points_that_a_release_changed_are_the_gradebooks(course):
    """16 of 15, and "Score: 6.0 / 3.0": cells were compared by their names alone."""
    path = course.root / "release/ps6/ps6.ipynb"
    notebook = nbformat.read(path, 4)
    about = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    check = next(one for one in about if one.get("grade_id") == "check_quad_grad")
    assert check.points == 6
    check.points = 12
    nbformat.write(notebook, path)
    Classroom(course.root).grade("--workers", "1")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "backpropkit") as book:
        graded = book.find_grade("check_quad_grad", "ps6", "ps6", "a-right")
        assert (graded.score, graded.max_score) == (12, 12)
        assert book.find_grade("check_quad_grad", "ps6", "ps6", "c-half").score == 8
