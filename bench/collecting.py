"""A class in and out: collect, grade, report, alike and export, one command after the other.

    python -m bench.collecting [N]

N submissions of ps6 come as Moodle ships them, with a roster; scores go back into a worksheet of
Moodle's. Everything but the archive is new: no student is known, nothing is graded.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

from bench.classroom import KINDS, run
from tools.a_class import SET, make_course

COMMANDS = {
    "collect": ("collect", SET, "moodle.zip", "--roster", "roster.csv"),
    "grade, 2 workers": ("grade", SET, "--workers", "2"),
    "report": ("report", SET, "--html", "report.html"),
    "alike": ("alike", SET),
    "export --csv": ("export", SET, "--csv", "scores.csv"),
    "export --moodle": ("export", SET, "--moodle", "sheet.csv", "--roster", "roster.csv"),
}


def as_moodle_ships(root: Path) -> None:
    """Pack what the class handed in, and write the roster and the worksheet of its people."""
    people = sorted(path.name for path in (root / "submitted").iterdir())
    with (
        zipfile.ZipFile(root / "moodle.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        open(root / "roster.csv", "w", newline="") as roster,
        open(root / "sheet.csv", "w", newline="") as sheet,
    ):
        csv.writer(roster).writerow(["id", "name", "participant"])
        csv.writer(sheet).writerow(["Identifier", "Full name", "Grade", "Maximum Grade"])
        for number, student in enumerate(people):
            participant, name = 10_000 + number, f"Person {number:05}"
            folder = root / "submitted" / student / SET
            when = datetime.strptime((folder / "timestamp.txt").read_text(), "%Y-%m-%d %H:%M:%S %Z")
            place = f"{name}_{participant}_assignsubmission_file_/{SET}.ipynb"
            info = zipfile.ZipInfo(place, when.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, (folder / f"{SET}.ipynb").read_bytes())
            csv.writer(roster).writerow([student, name, participant])
            csv.writer(sheet).writerow([f"Participant {participant}", name, "", "13"])
    shutil.rmtree(root / "submitted")


def main(count: int = 200) -> None:
    print(f"| {count} submissions of {SET} | s | ms each | memory MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "course"
        make_course(root, count, kinds=KINDS)
        as_moodle_ships(root)
        for name, words in COMMANDS.items():
            done = run(root, "-m", "autograder.cli", *words)
            each = 1000 * done.seconds / count
            print(f"| {name} | {done.seconds:.1f} | {each:.1f} | {done.memory:.0f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
