"""docs/teach.md from its first line to its last: every command, in order, in one shell."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import warm
from pages import ROOT, blocks

from tools.a_class import IDEAS, RIGHT

PAGE = ROOT / "docs" / "teach.md"
# what changes the machine, or waits for a person
NOT_HERE = ("make", "git", "jupyter", ".")
# said in passing on the page, and run by another test, or there is one for what it stands for
ELSEWHERE = {
    "autograder cells ps8": "tests/docs/test_walk_of_ones_own.py",
    "autograder judge NOTEBOOK": "tests/autograder/classroom/test_own_catalog.py",
    "autograder init DIR --github": "tests/autograder/classroom/test_github.py",
    "nbgrader export": "nbgrader's own",
}
BEN = """
mkdir ben
cp nbgrader_config.py ben/
cd ben
nbgrader fetch_assignment ps6 --course backpropkit
cp ../ben.ipynb ps6/ps6.ipynb
nbgrader submit ps6 --course backpropkit --student ben
cd ..
"""


def answered(name: str, path: Path) -> bytes:
    """What somebody hands in: all right, but for one idea of ada's."""
    notebook = json.loads(path.read_text())
    answers = {exercise: ways[0] for exercise, ways in RIGHT.items()}
    if name == "ada":
        answers["quad_grad"] = IDEAS["quad_grad"][0][2]
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(grade_id, cell["source"])
    return json.dumps(notebook).encode()


def prepare(place: Path) -> Path:
    """A clone's course, and the files that an instructor has from elsewhere; its folder."""
    course, release = place / "exercises", ROOT / "exercises" / "release" / "ps6" / "ps6.ipynb"
    shutil.copytree(ROOT / "exercises" / "source" / "ps6", course / "source" / "ps6")
    settings = (ROOT / "exercises" / "nbgrader_config.py").read_text(encoding="utf-8")
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    named = f"\nc.Exchange.root = {str(exchange)!r}\n"
    (course / "nbgrader_config.py").write_text(settings + named, encoding="utf-8")
    with zipfile.ZipFile(course / "submissions.zip", "w") as archive:
        hand_in = "Ada Lovelace_77_assignsubmission_file_/ps6.ipynb"
        archive.writestr(
            zipfile.ZipInfo(hand_in, (2026, 10, 1, 12, 0, 0)), answered("ada", release)
        )
    (course / "ben.ipynb").write_bytes(answered("ben", release))
    tables = {
        "students.csv": "id,first_name,last_name,email\nben,Ben,Wu,\ncleo,Cleo,Ray,\n",
        "roster.csv": "id,name,participant\nada,Ada Lovelace,77\nben,Ben Wu,78\n",
        "grades.csv": "Student,ID,SIS Login ID,Section,ps6 (7)\n    Points Possible,,,,15\n"
        '"Lovelace, Ada",1,ada,One,\n"Wu, Ben",2,ben,One,\n',
        "worksheet.csv": "Identifier,Full name,Grade,Maximum Grade\n"
        "Participant 77,Ada Lovelace,,15.00\nParticipant 78,Ben Wu,,15.00\n",
    }
    for name, text in tables.items():
        (course / name).write_text(text, encoding="utf-8")
    return course


def lines() -> list[str]:
    return [line for b in blocks(PAGE) if b.language == "sh" for line in b.text.splitlines()]


def test_what_is_said_in_passing_is_run_somewhere() -> None:
    text = re.sub(r"^```.*?^```", "", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    said = set(re.findall(r"`((?:autograder|nbgrader) [^`]*)`", text))
    run_here = {words for words in said if any(line.startswith(words) for line in lines())}
    assert said - run_here <= set(ELSEWHERE)
    for test in ELSEWHERE.values():
        assert test == "nbgrader's own" or (ROOT / test).exists()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
def test_every_command_of_the_page_in_its_order(tmp_path: Path) -> None:
    course = prepare(tmp_path)
    script = ["set -e"]
    for line in lines():
        if line.split()[0] not in NOT_HERE:
            script += [f"echo '+ {line}'", line]
            script += [BEN] if line.startswith("nbgrader release_assignment") else []
    about = {
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "none"),
        "PATH": f"{warm.path()}:{Path(sys.executable).parent}",
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=os.environ | about,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    said = done.stdout
    assert done.returncode == 0, said[-3000:]
    assert "Nothing to mend" in said.split("+ autograder try ps8")[1].split("\n+ ")[0]
    for words in (
        "1 brought in",
        "2 judged, 0 unchanged, 0 failed",
        "ada has until 2027-03-03 12:00 UTC",
        "2Ax for (A + Aᵀ)x",
        "Nothing submitted: cleo",
        "0 pairs to look at, of 2 submissions",
        "ada: 1 of 1 graded set",
        "2 scores in grades.csv",
        "2 scores in worksheet.csv",
        "1 feedback page in feedback.zip",
    ):
        assert words in said, words
    rows = {row["student"]: row for row in csv.DictReader((course / "scores.csv").open())}
    assert rows["ben"]["score"] == "13" and rows["ada"]["score"] == "12"
    assert '"Wu, Ben",2,ben,One,13' in (course / "grades.csv").read_text()
    assert "</html>" in (course / "course.html").read_text()
    assert not list((course / "autograded").glob("ada*")), "forgotten at the end"
