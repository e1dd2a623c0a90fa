"""A course's own exercises: made by `init`, tried, released, graded; and their mistakes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import warm
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearSolutions

from autograder import catalog, evaluate, practice
from autograder.catalog.own import CatalogError, learners_file, read_folder, use
from autograder.classroom.begin import TEMPLATE, begin
from autograder.classroom.trying import without_drill
from autograder.cli import main
from autograder.drills.choosing import NothingTells, drilled
from autograder.drills.record import LearnerRecord
from autograder.judge.misconceptions import MISCONCEPTIONS
from backpropkit.lab import material

EXAMPLE = {"catalog/example.py": (TEMPLATE / "catalog" / "example.py").read_text("utf-8")}


@pytest.fixture(autouse=True)
def the_kits_alone_afterwards():
    before = catalog.ids(), list(MISCONCEPTIONS)
    yield
    use({})
    assert (catalog.ids(), list(MISCONCEPTIONS)) == before


def test_own_exercises_and_ideas_are_judged_like_the_kits():
    use(EXAMPLE)
    wrong = evaluate("ps8.log_score", lambda w, x: (1 / w, 1 / x))
    assert wrong.points == 1 and wrong.misconceptions == ["log-of-each"]
    right = evaluate("ps8.log_score", lambda w, x: (x / (w @ x), w / (w @ x)))
    assert right.passed and right.points == 2
    kits = evaluate("ps8.log_score", lambda w, x: (x, w))
    assert kits.misconceptions == ["no-upstream"]
    use({})
    assert "ps8.log_score" not in catalog.ids() and "log-of-each" not in MISCONCEPTIONS


def test_mere_transforms_stay_last():
    use(EXAMPLE)
    order = [idea.general for idea in MISCONCEPTIONS.values()]
    assert order == sorted(order) and not MISCONCEPTIONS["log-of-each"].general


def test_a_course_replaces_and_leaves_out():
    text = """
from dataclasses import replace
from autograder.catalog.ps6 import quad_grad
EXERCISES = (replace(quad_grad, points=6, credit=(4, 2)),)
WITHOUT = ("ps3", "ps6.dD_dW")
"""
    use({"catalog/mine.py": text})
    assert catalog["ps6.quad_grad"].points == 6
    assert not [id for id in catalog.ids() if id.startswith("ps3.") or id == "ps6.dD_dW"]


HEAD = """from autograder.judge.exercise import Exercise, normal
from autograder.judge.misconceptions import Misconception
import backpropkit as bp
"""
ONE = """
EXERCISES = (Exercise(id="ps8.f", points=2, signature="f(x)", task="t",
    inputs=lambda r, trial: {{"x": normal(r, 3)}},
    forward=lambda x: bp.sum(x * x){forward}, wrt=("{wrt}",), ideas=({names}), credit=({credit})),)
"""


def one(forward: str = "", wrt: str = "x", names: str = "", credit: str = "") -> str:
    return HEAD + ONE.format(forward=forward, wrt=wrt, names=names, credit=credit)


BEHAVES = """
from autograder.judge.behaviour import Behaviour, Ask

EXERCISES = (Behaviour(id="ps8.G", points=2, signature="class G", task="t",
    checks={{"forward": 2}},
    script=lambda r: [Ask("G()", {{}}, "g"),
                      Ask("g.forward(1.0)", {{}}, None, {{"{counts}": 2.0}}, {{"{idea}": -2.0}})],
),)
"""
IDEA = f"""{HEAD}from backpropkit.ideas.table import rules
MISCONCEPTIONS = (Misconception(id="mine", name="n", message="m", changes={{}}),)
"""
MISTAKES = {
    "syntax": (HEAD + "EXERCISES = (\n", "catalog/a.py, line 4: '(' was never closed"),
    "import": ("\nimport nowhere_at_all\n", "catalog/a.py, line 2: ModuleNotFoundError"),
    "no exercise": ("EXERCISES = (3,)", "EXERCISES holds 3, no Exercise"),
    "no idea": (
        one(names='"recip-mins",'),
        "line 5: ps8.f: there is no misconception 'recip-mins'",
    ),
    "forward": (one(forward=" + undefined"), "NameError: name 'undefined' is not defined (line 7)"),
    "wrt": (one(wrt="y"), "'y' in `wrt` is neither an input nor the name of a node"),
    "credit": (one(credit="1.5,"), "line 5: ps8.f: its parts earn 1.5, not its points"),
    "id": (one().replace("ps8.f", "f"), "an id is a set and the answer's name"),
    "kit's idea": (
        HEAD + 'MISCONCEPTIONS = (Misconception(id="sign", name="n", message="m"),)',
        "line 4: there is a misconception 'sign' in the kit",
    ),
    "one change": (
        IDEA.format("rules(abs=lambda g, y, a: (g,))"),
        "line 5: mine: changes holds each way to have the idea, in parentheses and with a comma",
    ),
    "no such gate": (
        IDEA.format("(rules(abss=lambda g, y, a: (g,)),)"),
        "line 5: mine: changes has a rule of 'abss', and there is no such gate; did you mean 'abs'",
    ),
    "without": (
        'WITHOUT = (\n    "ps66",\n)',
        "catalog/a.py, line 2: WITHOUT names 'ps66', which the kit does not have; did you mean",
    ),
    "without's comma": ('WITHOUT = ("ps3")', "a.py, line 1: WITHOUT is 'ps3'; put it in paren"),
    "comma": (one().replace("),)", "))"), "line 5: EXERCISES is Exercise(id='ps8.f'"),
    "negative": (one().replace("points=2", "points=-2"), "line 5: ps8.f: it earns -2 points"),
    "no number": (one().replace("points=2", 'points="2"'), "line 5: ps8.f: TypeError"),
    "infinite": (one().replace("points=2", "points=1e999"), "ps8.f: it earns inf points"),
    "costs": (
        one(credit="-1, 3").replace('("x",)', '("x", "x"), returns=("a", "b")'),
        "ps8.f: a earns -1 points; none may cost any",
    ),
    "two of one name": (
        one(credit="1, 1").replace('("x",)', '("x", "x")'),
        "ps8.f: two of its parts are called 'dx'",
    ),
    "keyword": (one().replace("ps8.f", "ps8.lambda"), "an id is a set and the answer's name"),
    "one text": (
        one().replace("ideas=()", 'ideas="scale"'),
        'ps8.f: ideas is one text; put it in parentheses, with a comma: ideas=("scale",)',
    ),
    "one text, again": (one().replace('("x",)', '"x"'), "ps8.f: wrt is one text"),
    "signature": (one().replace('"f(x)"', '"g(x)"'), "ps8.f: its signature does not name f,"),
    "alone": (
        one(credit="1, 1").replace('("x",)', '("x", "x"), returns=("a", "b"), form="alone"'),
        'ps8.f: form="alone" is of one part, and it has a, b; leave form out',
    ),
    "form": (one().replace("points=2", 'points=2, form="list"'), "there are tuple, dict, alone"),
    "tolerance": (one().replace("points=2", "points=2, tolerance=0"), "its tolerance is 0"),
    "several results": (
        one().replace("bp.sum(x * x)", "x * x"),
        "ps8.f: forward ends in numbers of shape (3,), not in one; sum them",
    ),
    "not finite": (
        one().replace("bp.sum(x * x)", "bp.log(-bp.sum(x * x))"),
        "ps8.f: forward gives no finite number on inputs that it draws",
    ),
    "its own chance": (
        one().replace("normal(r, 3)", "normal(__import__('numpy').random.default_rng(), 3)"),
        "ps8.f: its inputs are others each time; draw them with the generator",
    ),
    "no id": (one().replace('"ps8.f"', "8"), "a.py, line 5: 8: TypeError"),
    "no such argument": (one().replace("wrt=", "by="), "a.py, line 5: TypeError"),
    "it ends": ("import sys\nsys.exit(3)", "a.py, line 2: SystemExit: 3"),
    "NUL": ("x = 1\0", "catalog/a.py"),
    "too deep": ("x = " + "-" * 100_000 + "1", "catalog/a.py"),
    "eval": ('x = eval("1 +")', "catalog/a.py, line 1: invalid syntax"),
    "twice in one file": (
        one() + "EXERCISES += EXERCISES\n",
        "catalog/a.py, line 5: 'ps8.f' stands in catalog/a.py, line 5, too",
    ),
    "no such idea in a step": (
        BEHAVES.format(counts="forward", idea="sing"),
        "ps8.G: there is no misconception 'sing'; did you mean 'sign'?",
    ),
    "a check of nobody's": (
        BEHAVES.format(counts="backward", idea="sign"),
        "ps8.G: a step counts for 'backward', which is none of its checks",
    ),
    "a check for nothing": (
        BEHAVES.format(counts="forward", idea="sign").replace(
            '"forward": 2}', '"a": 1, "forward": 1}'
        ),
        "ps8.G: no step counts for its check 'a', which everybody would pass",
    ),
    "checks": (
        BEHAVES.format(counts="forward", idea="sign").replace("points=2", "points=3"),
        "ps8.G: its parts earn 2, not its points, 3",
    ),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.values(), ids=MISTAKES)
def test_an_authors_mistake_is_said_with_file_and_line(text: str, said: str):
    before = catalog.ids()
    with pytest.raises(CatalogError) as error:
        use({"catalog/a.py": text})
    assert said in str(error.value) and str(error.value).startswith("catalog/a.py")
    assert "\n" not in str(error.value)
    assert catalog.ids() == before  # what was in use stays so


def test_one_id_in_two_files_is_said():
    with pytest.raises(CatalogError, match=r"catalog/b.py, line 5: 'ps8.f' stands in catalog/a.py"):
        use({"catalog/a.py": one(), "catalog/b.py": one()})


def test_a_set_in_two_files_is_not_released():
    texts = {
        "catalog/a.py": one(),
        "catalog/b.py": one().replace("ps8.f", "ps8.g").replace("f(x)", "g(x)"),
    }
    with pytest.raises(CatalogError, match=r"ps8 stand in catalog/a.py and catalog/b.py"):
        learners_file("ps8", texts)
    assert learners_file("ps1", texts) is None


def test_a_file_that_is_no_text_is_said(tmp_path: Path):
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "a.py").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogError, match=r"catalog/a.py cannot be read"):
        read_folder(tmp_path)


def test_a_set_whose_file_needs_another_one_is_not_released():
    idea = HEAD + 'MISCONCEPTIONS = (Misconception(id="mine", name="n", message="m"),)\n'
    texts = {"catalog/a.py": one(names='"mine",'), "catalog/b.py": idea}
    use(texts)
    with pytest.raises(CatalogError, match=r"line 5: ps8.f: .* 'mine'.*into this one"):
        learners_file("ps8", texts)
    assert "mine" in MISCONCEPTIONS  # the course's own judge still has both


def test_a_file_with_a_byte_order_mark_and_a_set_with_a_hyphen(tmp_path: Path):
    (tmp_path / "catalog").mkdir()
    text = "\ufeff" + one().replace("ps8.f", "hw-1.f")
    (tmp_path / "catalog" / "a.py").write_text(text, "utf-8")
    use(read_folder(tmp_path))
    assert evaluate("hw-1.f", lambda x: (2 * x,)).passed


def test_what_a_course_leaves_out_is_said_to_be_left_out():
    use({"catalog/a.py": 'X = 1\nWITHOUT = ("ps3",)'})
    with pytest.raises(KeyError, match=r"leaves 'ps3.AddGate' out \(catalog/a.py, line 2\)"):
        catalog["ps3.AddGate"]
    use({})
    assert catalog["ps3.AddGate"].points == 1


def test_a_set_called_like_the_kits_is_more_of_it():
    texts = {"catalog/a.py": one().replace("ps8.f", "ps3.f")}
    use(texts)
    assert "ps3.AddGate" in catalog.ids() and catalog["ps3.f"].points == 2
    assert learners_file("ps3", texts) == texts["catalog/a.py"]


def test_check_finds_the_file_beside_the_notebook(tmp_path: Path):
    (tmp_path / "ps8_exercises.py").write_text(EXAMPLE["catalog/example.py"], "utf-8")
    code = """
from autograder import check, catalog
print(check("ps8.log_score", lambda w, x: (1 / w, 1 / x)))
print(check("ps6.quad_grad", lambda A, x: ((A + A.T) @ x, x[:, None] * x)))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "is the log of their sum the sum of their logs?" in run.stdout
    assert run.stdout.rstrip().endswith("3.0")


def test_practice_finds_it_too_on_a_day_on_which_nothing_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "ps8_exercises.py").write_text(EXAMPLE["catalog/example.py"], "utf-8")
    (tmp_path / "ps9_exercises.py").write_text(one().replace("ps8.f", "ps9.f"), "utf-8")
    monkeypatch.chdir(tmp_path)
    use({})
    drill = practice("log-of-each", seed=1)
    assert drill.evaluate(lambda w, x: (1 / w, 1 / x)).misconceptions == ["log-of-each"]
    use({})
    record = LearnerRecord.here()
    record.wrong("log-of-each", "log-of-each", first=True)
    record.write()
    assert practice().idea == "log-of-each"


def test_a_drill_is_set_only_for_an_idea_that_has_one():
    use({"catalog/a.py": IDEA.format("(rules(sign=lambda g, y, a: (g,)),)")})
    assert not drilled("mine") and not drilled("an-idea-that-went") and drilled("sign")
    with pytest.raises(NothingTells, match="no exercise has it in ideas="):
        practice("mine", seed=1)
    [found] = without_drill()  # as `autograder try` says it
    assert found.good and found.text.startswith("'mine' has no drill: ")
    use(EXAMPLE)
    assert drilled("log-of-each") and list(without_drill()) == []


# --- a whole course, by its commands ---


class Commands:
    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, *words: str, status: int = 0) -> str:
        return warm.run(*words, cwd=self.root, status=status)

    def submit(self, student: str, answer: str) -> None:
        notebook = nbformat.read(self.root / "release/ps8/ps8.ipynb", 4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = answer
        folder = self.root / "submitted" / student / "ps8"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ps8.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")

    def scores(self) -> dict[str, float]:
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as book:
            return {s.student_id: s.score for s in book.assignment_submissions("ps8")}


RIGHT = "def log_score(w, x):\n    s = np.sum(w * x)\n    return x / s, w / s"
OWN_IDEA = "def log_score(w, x):\n    return 1 / w, 1 / x"


@pytest.fixture
def course(tmp_path: Path) -> Commands:
    run = Commands(tmp_path)
    run("autograder.cli", "init", "course", "--empty")
    run.root = tmp_path / "course"
    run("nbgrader", "generate_assignment", "ps8")
    return run


@pytest.mark.slow
def test_a_course_of_ones_own_from_init_to_feedback(course: Commands):
    assert "Nothing to mend" in course("autograder.cli", "try", "ps8", "--seeds", "20")
    beside = course.root / "release" / "ps8" / "ps8_exercises.py"
    assert "forward=" in beside.read_text() and "BEGIN SOLUTION" not in beside.read_text()
    course.submit("ada", RIGHT)
    course.submit("bob", OWN_IDEA)
    course("autograder.cli", "grade", "ps8")
    assert course.scores() == {"ada": 2.0, "bob": 1.0}
    assert "The log of a sum taken for the sum of the logs" in course(
        "autograder.cli", "report", "ps8"
    )
    assert "is the log of their sum" in course(
        "autograder.cli", "explain", "ps8", "bob", "log_score"
    )
    assert "2 unchanged" in course("autograder.cli", "grade", "ps8")
    course("nbgrader", "generate_feedback", "ps8")
    page = (course.root / "feedback" / "bob" / "ps8" / "ps8.html").read_text()
    assert "is the log of their sum the sum of their logs?" in page

    # what a learner does to the file beside the notebook is not what judges
    (course.root / "submitted" / "bob" / "ps8" / "ps8_exercises.py").write_text("EXERCISES = ()")
    # another tolerance judges again, by both roads to the same gradebook
    path = course.root / "catalog" / "example.py"
    path.write_text(path.read_text().replace("points=2,", "points=2, tolerance=1e-5,"))
    assert "2 judged" in course("autograder.cli", "grade", "ps8")
    path.write_text(path.read_text().replace("tolerance=1e-5", "tolerance=2e-5"))
    course("nbgrader", "autograde", "ps8")
    assert course.scores() == {"ada": 2.0, "bob": 1.0}
    assert "The log of a sum taken" in course("autograder.cli", "report", "ps8")


@pytest.mark.slow
def test_mistakes_are_said_before_anything_is_graded(course: Commands):
    course.submit("ada", RIGHT)
    path = course.root / "catalog" / "example.py"
    whole = path.read_text()
    path.write_text(whole.replace("EXERCISES = (log_score,)", "EXERCISES = ()"))
    assert "there is no exercise 'ps8.log_score'" in course(
        "autograder.cli", "grade", "ps8", status=2
    )
    more = whole.replace(
        "EXERCISES = (log_score,)",
        "from dataclasses import replace\n"
        'EXERCISES = (log_score, replace(log_score, id="ps8.more", signature="more(w, x)"))',
    )
    path.write_text(more)
    said = course("autograder.cli", "grade", "ps8", status=2)
    line = more[: more.index("ps8.more")].count("\n") + 1
    assert f"catalog/example.py, line {line}: no graded cell of ps8 checks 'ps8.more'" in said
    path.write_text(whole.replace('"no-upstream"', '"no-upstrem"'))
    said = course("nbgrader", "autograde", "ps8", status=1)
    assert "there is no misconception 'no-upstrem'" in said
    assert not (course.root / "autograded").exists()


@pytest.mark.slow
def test_every_command_says_an_authors_mistake_in_one_sentence(course: Commands):
    course.submit("ada", RIGHT)
    path = course.root / "catalog" / "example.py"
    path.write_text(path.read_text().replace("bp.log(", "bp.lgo("))
    notebook = "submitted/ada/ps8/ps8.ipynb"
    (course.root / "grades.csv").write_text("x\n")
    for words, status in (
        ("autograder.cli grade ps8", 2),
        ("autograder.cli report ps8", 2),
        ("autograder.cli explain ps8 ada log_score", 2),
        ("autograder.cli try ps8", 2),
        ("autograder.cli collect ps8 submitted", 2),
        ("autograder.cli export ps8 --csv", 2),
        ("autograder.cli forget ada", 2),
        (f"autograder.cli judge {notebook} --course .", 2),
        ("autograder.table .", 2),
        ("nbgrader autograde ps8", 1),
        ("nbgrader generate_assignment ps8", 1),
    ):
        said = course(*words.split(), status=status)
        assert "catalog/example.py, line 14: ps8.log_score: AttributeError" in said, words
        assert "'lgo' (line 24)" in said
        assert "Traceback" not in said, f"{words}\n{said}"
    assert not (course.root / "autograded").exists() and not (course.root / "ledger").exists()
    assert (course.root / "release/ps8/ps8.ipynb").is_file()


@pytest.mark.slow
def test_one_notebook_is_judged_with_and_without_a_course(course: Commands, tmp_path: Path):
    course.submit("bob", OWN_IDEA)
    theirs = "submitted/bob/ps8/ps8.ipynb"
    said = course("autograder.cli", "judge", theirs, "--course", ".")
    assert "1 of 2 points, isolation: nested" in said and "sum of their logs?" in said
    results = tmp_path / "out" / "results.json"
    course("autograder.cli", "judge", theirs, "--course", ".", "--gradescope", str(results))
    found = json.loads(results.read_text())
    assert found["score"] == 1 and found["tests"][0]["max_score"] == 2
    assert "isolation: nested" in found["output"]
    said = course("autograder.cli", "judge", theirs, status=2)
    assert "There is no set 'ps8'; the kit has ps1" in said
    release = Path(__file__).parents[3] / "exercises" / "release" / "ps6" / "ps6.ipynb"
    assert "0 of 13 points" in course("autograder.cli", "judge", str(release))


def test_init_writes_over_nothing(tmp_path: Path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "mine").write_text("x")
    run = Commands(tmp_path)
    assert "is not empty" in run("autograder.cli", "init", "course", status=2)
    assert [path.name for path in (tmp_path / "course").iterdir()] == ["mine"]


@pytest.mark.slow
def test_a_source_that_is_broken_is_something_to_mend(course: Commands):
    path = course.root / "source/ps8/ps8.ipynb"
    whole = path.read_text()

    def tried(solution: str = RIGHT, check: str = "log_score", status: int = 1) -> str:
        notebook = nbformat.reads(whole, 4)
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                cell.source = solution
            if about.get("grade"):
                cell.source = f'check("ps8.{check}", log_score)'
        path.write_text(nbformat.writes(notebook))
        said = course("autograder.cli", "try", "ps8", "--seeds", "2", status=status)
        assert "Traceback" not in said
        return said

    for solution, error in (
        ("raise NotImplementedError('later')", "NotImplementedError: later"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("def log_score(w, x)", "SyntaxError: expected ':'"),
    ):
        assert f"✗ The source: a cell ends with {error}" in tried(solution)
    assert "✗ The source: ps8.ipynb, graded cell 'check_log_score': there is no" in tried(check="x")
    path.write_text(whole[:100])
    for command in ("try", "cells"):
        said = course("autograder.cli", command, "ps8", status=2)
        assert "source/ps8/ps8.ipynb is no notebook" in said and "Traceback" not in said


def test_the_kits_sets_are_released_from_a_course_as_the_kit_releases_them(tmp_path: Path):
    """Marks say where solutions stand: without them names and shapes were cleared, too."""
    begin(tmp_path / "course")
    for place, file in material().items():
        if place.startswith("exercises/") and place.endswith(".ipynb"):
            source = nbformat.read(tmp_path / "course" / place.replace("exercises", "source"), 4)
            cleared, _ = ClearSolutions().preprocess(source, {})
            released = nbformat.reads(file.read_text(encoding="utf-8"), 4)
            assert [c.source for c in cleared.cells] == [c.source for c in released.cells]


@pytest.mark.slow
def test_a_set_without_solutions_is_called_that(tmp_path: Path):
    """As init brings the kit's: once, and not as a solution of each exercise that earns nothing."""
    run = Commands(tmp_path)
    run("autograder.cli", "init", "course")
    run.root = tmp_path / "course"
    run("nbgrader", "generate_assignment", "ps6")
    said = run("autograder.cli", "try", "ps6", "--seeds", "2", status=1)
    assert "✗ ps6: the source holds no solution, so there is none to try." in said
    assert "1 to mend" in said and "earns 0" not in said


@pytest.mark.slow
def test_of_one_of_anything_no_command_speaks_as_of_many(course: Commands):
    """One set of one exercise, worth one point, and one student."""
    example = course.root / "catalog" / "example.py"
    example.write_text(example.read_text().replace("points=2", "points=1"))
    source = course.root / "source/ps8/ps8.ipynb"
    source.write_text(source.read_text().replace('"points": 2', '"points": 1'))
    course("nbgrader", "generate_assignment", "ps8", "--force")
    course.submit("ada", OWN_IDEA)
    (course.root / "grades.csv").write_text("Student,ID,ps8\nAda,ada,\n")
    said = ""
    for words in (
        "try ps8 --seeds 1",
        "grade ps8 --workers 1",
        "report ps8 --html one.html",
        "report --all --html all.html",
        "alike ps8",
        "explain ada",
        "explain ada ps8",
        "judge submitted/ada/ps8/ps8.ipynb --course .",
        "export ps8 --canvas grades.csv",
        "forget ada",
    ):
        said += course("autograder.cli", *words.split())
    for page in ("one.html", "all.html"):
        said += re.sub(r"<title>|</?b>", "", (course.root / page).read_text())
    assert "the solution earns full marks in 1 exercise (" in said
    assert not re.findall(r".*\b1 (?:[a-z]+ )?[a-z]+[^s\W]s\b.*", said)


@pytest.mark.slow
def test_a_verdict_on_an_exercise_that_was_edited_since_is_explained(course: Commands):
    course.submit("ada", OWN_IDEA)
    course("autograder.cli", "grade", "ps8", "--workers", "1")
    path = course.root / "catalog" / "example.py"
    edited = (
        "from dataclasses import replace\nlog_score = replace(log_score, trials=3)\nEXERCISES ="
    )
    path.write_text(path.read_text().replace("EXERCISES =", edited))
    said = course("autograder.cli", "explain", "ada", "ps8", "log_score")
    assert "asks something else now" in said and "1 of 2 points" in said


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path, capsys):
    assert main(["judge", str(tmp_path / "ps6.ipynb")]) == 2
    assert "There is no file ps6.ipynb" in capsys.readouterr().err
