"""The command `autograder`: what an instructor types."""

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.asking.counted import counted
from autograder.asking.shown import shown

MOST_DAYS = 3650  # of an extension
NO_PAGE = "No feedback page of {}: run nbgrader generate_feedback {} first."
OLD_PAGE = (
    "The feedback page of {} is of before, of other answers or points than there are now, and is "
    "left out: run nbgrader generate_feedback {} again."
)


@dataclass(frozen=True)
class Command:
    """One subcommand: what it runs, what it says of itself, and {argument: how it is read}."""

    run: Callable[[argparse.Namespace], int]
    help: str
    arguments: dict[str, dict[str, Any]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="autograder", description="Grades backpropkit courses.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.help, description=command.help)
        for argument, how in command.arguments.items():
            one.add_argument(argument, **how)
        one.set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    from autograder.classroom import quick  # noqa: F401 (before all that is slow)

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, as by 2>&-
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):  # a terminal may know few characters
            with suppress(OSError):
                stream.reconfigure(errors="backslashreplace")
    try:
        status = int(options.run(options))
    except BrokenPipeError:  # whoever reads it, such as `head`, has seen enough
        status = 0
    except OSError as error:  # a disk that is full, or what may not be written
        status = _say(error)
    try:
        sys.stdout.flush()
    except OSError as error:  # at its end Python would try once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else _say(error)
    return status


def grade(options: argparse.Namespace) -> int:
    """Grade a class; 1 where somebody has no verdict, 2 where grading could not go on."""
    from autograder.classroom import workers

    if options.scheduler and options.workers:
        return _say(
            "--workers says how many processes work on this machine, and --scheduler has those of "
            "a cluster work: leave one of them out"
        )
    if options.scheduler:
        made = workers.cluster(options.scheduler)
    else:
        made = workers.local(options.workers or os.cpu_count() or 1)
    # nbgrader takes a second or two to import, and so long the workers get ready
    from autograder.classroom.course import Course, CourseError
    from autograder.classroom.grade import GradingError
    from autograder.classroom.grade import grade as grade_class
    from autograder.classroom.ledger import Busy

    try:
        course = Course.at(options.course, options.db, options.trust_submissions)
        outcome = grade_class(course, options.assignment, made, options.student, options.force)
    except (GradingError, workers.NoWorkers, Busy, CourseError) as error:
        return _say(error)
    except KeyboardInterrupt:
        return _say("Stopped at once. What was judged is kept; the same command goes on.")
    for student, reason in outcome.failed.items():
        _print(f"No verdict on {student}: {reason}", file=sys.stderr)
    _print(
        f"{outcome.judged} judged, {outcome.unchanged} unchanged, {len(outcome.failed)} failed "
        f"in {outcome.seconds:.1f} s."
        + f" {outcome.unreadable} unreadable, which is a verdict of 0; the report says why."
        * bool(outcome.unreadable)
        + " Stopped before the end; the same command goes on." * outcome.stopped
    )
    return int(bool(outcome.failed or outcome.stopped))


def collect(options: argparse.Namespace) -> int:
    """Bring in what was handed in elsewhere; 1 where something found no student, or no place."""
    from autograder.classroom import collect as collecting
    from autograder.classroom.archives import NoArchive
    from autograder.classroom.course import Course, CourseError
    from autograder.classroom.roster import NoRoster

    try:
        course = Course.at(options.course, options.db)
    except CourseError as error:
        return _say(error)
    directory = course.directory
    release = course.folder("release", options.assignment)
    notebooks = sorted(path.stem for path in release.glob("*.ipynb"))
    if options.assignment not in course.sets():
        return _say(course.no_set(options.assignment))
    if not notebooks:
        return _say(
            f"{options.assignment} is not released here: {release} holds no notebook. "
            f"Run: nbgrader generate_assignment {options.assignment}"
        )
    submitted = Path(directory.root, directory.submitted_directory)
    try:
        roster = collecting.who_is_who(options.roster, directory.db_url)
        plans = collecting.plan(submitted, options.assignment, notebooks, options.archives, roster)
    except (NoArchive, NoRoster, CourseError) as error:
        return _say(error)
    _print(collecting.as_table(plans))
    try:
        if not options.dry_run:
            collecting.write(plans, submitted, options.assignment, notebooks)
    except CourseError as error:
        return _say(error)
    except OSError as error:
        return _say(
            f"Nothing can be written any more: {error}. Make room or give access, and run "
            "the same command again; what was brought in is there."
        )
    written = sum(one.writes for one in plans.plans)
    _print(
        f"{written} to bring in; nothing is written yet."
        if options.dry_run
        else f"{written} brought in, {len(plans.plans) - written} left as they are."
    )
    if plans.unknown:
        _print(
            f"{len(plans.unknown)} without a student: name a roster with --roster FILE.csv, or "
            "enter the students in the gradebook.",
            file=sys.stderr,
        )
    return int(bool(plans.unknown) or plans.blocked)


def export(options: argparse.Namespace) -> int:
    """Bring scores and feedback out; 1 where a platform's file lacks somebody."""
    from autograder.classroom import export as exporting
    from autograder.classroom.collect import who_is_who
    from autograder.classroom.course import Course, CourseError
    from autograder.classroom.roster import NoRoster, Roster

    if not (options.csv or options.canvas or options.moodle or options.feedback):
        return _say("what is to be exported? --csv, --canvas FILE, --moodle FILE or --feedback ZIP")
    if options.column and not options.canvas:
        return _say(
            "--column says what Canvas calls the set, and no file of Canvas's is to be filled in: "
            "add --canvas FILE, or leave it out"
        )
    if options.roster and not (options.canvas or options.moodle):
        return _say(
            "--roster says who is who in a platform's file, and none is to be filled in: add "
            "--canvas FILE or --moodle FILE, or leave it out"
        )
    missing = 0
    try:
        directory = Course.at(options.course, options.db).directory
        found = exporting.scores(directory.db_url, options.assignment)
        if options.csv == "-":
            print(exporting.as_csv(found), end="")
        elif options.csv:
            _write(Path(options.csv), exporting.as_csv(found))
        roster = who_is_who(options.roster, directory.db_url) or Roster({})
        for path, platform in (
            (options.canvas, exporting.CANVAS),
            (options.moodle, exporting.MOODLE),
        ):
            if path:
                column = options.column if platform is exporting.CANVAS else None
                called = column or options.assignment
                filled = exporting.fill(path, platform, called, found, roster)
                _keep(path, filled.text)
                _write(path, filled.text)
                _print(*filled.said, f"{counted(filled.count, 'score')} in {path}.", sep="\n")
                missing += len(filled.missing)
                for student in filled.missing:
                    _print(f"{student} has a score, and no line in {path}", file=sys.stderr)
        if options.feedback:
            pages, count, *lacking = exporting.feedback_archive(directory, options.assignment)
            _write(options.feedback, pages)
            _print(f"{counted(count, 'feedback page')} in {options.feedback}.")
            for students, what in zip(lacking, (NO_PAGE, OLD_PAGE), strict=True):
                missing += len(students)
                if students:
                    said = what.format(", ".join(students), options.assignment)
                    _print(said, file=sys.stderr)
    except (exporting.CannotExport, NoRoster, CourseError, OSError) as error:
        return _say(error)
    return int(bool(missing))


def _keep(path: Path, new: str) -> None:
    """Keep a file that is about to be written anew, beside what was kept of it before."""
    data, count = path.read_bytes(), 1
    kept = path.with_name(f"{path.name}.before")
    while kept.exists() and kept.read_bytes() != data:
        count += 1
        kept = path.with_name(f"{path.name}.before-{count}")
    if data != new.encode("utf-8"):
        kept.write_bytes(data)


def _write(path: Path, text: str | bytes) -> None:
    """Write a file wholly or not at all, byte for byte; a pipe or a device gets it as it comes.

    Raises ``OSError`` with a sentence that names the file.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        place = path.resolve()  # where it is a link, that stays one
        aside = place.with_name(f".{place.name}.new")
        try:
            aside.write_bytes(data)
            if place.exists():
                shutil.copymode(place, aside)
            aside.replace(place)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror}") from error


def init(options: argparse.Namespace) -> int:
    """Make a course."""
    from autograder.classroom.begin import begin

    try:
        said = begin(options.folder, options.empty, options.gradescope, options.github)
    except OSError as error:
        return _say(error)
    _print(*said, f"A course stands in {options.folder}. Go there, and read its README.md.",
          sep="\n")  # fmt: skip
    return 0


def cells(options: argparse.Namespace) -> int:
    """Add the cells of exercises that a set's notebook lacks."""
    from autograder.classroom.cells import add_cells
    from autograder.classroom.course import Course, CourseError

    try:
        path, added = add_cells(Course.at(options.course), options.assignment)
    except (CourseError, OSError) as error:
        return _say(error)
    if not added:
        return _say(
            f"nothing to add: every exercise of {options.assignment} in catalog/ has its cells, or "
            "there is none"
        )
    _print(f"{path}: cells of {', '.join(added)}. Write the solutions between the marks there.")
    return 0


def attempt(options: argparse.Namespace) -> int:
    """Try a set; 1 where a class would stumble."""
    from autograder.classroom import trying
    from autograder.classroom.course import Course, CourseError
    from autograder.sandbox import SandboxError

    bad = 0
    try:
        course = Course.at(options.course, trust_submissions=options.trust_submissions)
        for found in trying.attempt(course, options.assignment, options.seeds):
            _print(trying.as_text(found), flush=True)
            bad += not found.good
    except (CourseError, SandboxError) as error:
        return _say(error)
    _print(f"{bad} to mend." if bad else "Nothing to mend.")
    return int(bool(bad))


def judge(options: argparse.Namespace) -> int:
    """Judge one notebook."""
    from autograder.classroom import one
    from autograder.classroom.course import CourseError
    from autograder.sandbox import SandboxError

    try:
        record = one.judge_notebook(
            options.notebook,
            options.course,
            options.set,
            options.trust_submissions,
            options.student,
        )
        if options.gradescope:
            options.gradescope.parent.mkdir(parents=True, exist_ok=True)
            _write(options.gradescope, one.for_gradescope(record))
    except (CourseError, SandboxError, OSError) as error:
        return _say(error)
    _print(one.as_text(record))
    return 0


def report(options: argparse.Namespace) -> int:
    """Print what a class knows, of one set or over all, and write it where asked."""
    from autograder.classroom import report as one_set
    from autograder.classroom import trends as all_sets
    from autograder.classroom.course import CourseError
    from autograder.classroom.pseudonyms import Pseudonyms

    if options.all == bool(options.assignment):
        return _say("which set? autograder report ps6, or --all for all of them")
    pages = all_sets if options.all else one_set
    wanted = {options.html: pages.as_html, options.csv: pages.as_csv}
    wanted.pop(None, None)
    found: Any
    try:
        name = Pseudonyms(options.course) if options.anonymous else None
        if options.all:
            found = all_sets.read_trends(options.course, options.db, name)
        else:
            found = one_set.read_report(options.course, options.assignment, options.db)
            found = one_set.anonymous(found, name) if name else found
        for path, write in wanted.items():
            _write(path, write(found))
    except (CourseError, OSError) as error:
        return _say(error)
    _print(pages.as_text(found), *(f"Written: {path}" for path in wanted), sep="\n")
    return 0 if found.students else 1


def alike(options: argparse.Namespace) -> int:
    """Print pairs of submissions to look at."""
    from autograder.classroom.alike import as_text, read_alike
    from autograder.classroom.course import CourseError
    from autograder.classroom.pseudonyms import Pseudonyms

    try:
        name = Pseudonyms(options.course) if options.anonymous else None
        found = read_alike(options.course, options.assignment, options.db)
    except (CourseError, OSError) as error:
        return _say(error)
    _print(as_text(found, name, options.most))
    return 0


def explain(options: argparse.Namespace) -> int:
    """Print one verdict with its inputs, answers and reasons; one set; or a learner over all."""
    from autograder.classroom import explain as explaining
    from autograder.classroom.course import CourseError

    root, db = options.course, options.db
    try:
        words = (options.student, options.assignment, options.exercise)
        student, assignment, exercise = explaining.in_order(root, words, db)
        if assignment is None:
            _print(explaining.explain_student(root, student, db))
        elif exercise is None:
            _print(explaining.explain_set(root, assignment, student, db))
        else:
            _print(explaining.explain(root, assignment, student, exercise, db))
    except (explaining.NotJudged, CourseError) as error:
        return _say(error)
    return 0


def extend(options: argparse.Namespace) -> int:
    """Give a student more time."""
    from autograder.classroom.course import Course, CourseError
    from autograder.classroom.extend import extend as extend_student

    try:
        course = Course.at(options.course, options.db)
        _print(extend_student(course, options.assignment, options.student, options.days))
    except CourseError as error:
        return _say(error)
    return 0


def forget(options: argparse.Namespace) -> int:
    """Remove what is kept of a student; 2 where there is nothing."""
    from autograder.classroom.course import Course, CourseError
    from autograder.classroom.forget import forget as forget_student
    from autograder.classroom.ledger import Busy

    try:
        _print(*forget_student(Course.at(options.course, options.db), options.student), sep="\n")
    except (CourseError, Busy) as error:
        return _say(error)
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Print what was examined; 1 where submissions would be refused."""
    from autograder.sandbox.doctor import MEANING, examine
    from autograder.sandbox.start import RUNGS

    rung, findings = examine()
    _print(*findings, sep="\n")
    _print(f"\nRung {RUNGS.index(rung) + 1} of {len(RUNGS)}, {rung}: {MEANING[rung]}.")
    return int(rung == RUNGS[-1])


def _print(*texts: object, **how: Any) -> None:
    """Print what may be a stranger's: names, sources, errors."""
    print(*(shown(str(text)) for text in texts), **how)


def _say(reason: object) -> int:
    _print(f"autograder: {reason}", file=sys.stderr)
    return 2


def _count(text: str) -> int:
    """A number of workers.

    >>> _count("4")
    4
    """
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: how many workers? A number from 1 on.")
    return int(text)


def _days(text: str) -> float:
    """So many days more.

    >>> _days("0.5")
    0.5
    """
    with suppress(ValueError):
        if 0 <= (days := float(text)) <= MOST_DAYS:
            return days
    raise argparse.ArgumentTypeError(f"{text}: how many days? A number from 0 to {MOST_DAYS:,}.")


def _course(text: str) -> Path:
    """The folder of a course.

    >>> _course("/")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: / is no course: nbgrader_config.py is not in it
    """
    root = Path(text).resolve()
    if not (root / "nbgrader_config.py").is_file():
        raise argparse.ArgumentTypeError(f"{root} is no course: nbgrader_config.py is not in it")
    return root


_ASSIGNMENT: dict[str, dict[str, Any]] = {"assignment": {"help": "the problem set, such as ps6"}}
_COURSE: dict[str, dict[str, Any]] = {
    "--course": {
        "metavar": "DIR",
        "type": _course,
        "default": ".",
        "help": "the course, with nbgrader_config.py and submitted/ in it (default: here)",
    }
}
_TRUST = {
    "action": "store_true",
    "help": "where nothing isolates them, run submissions with all your own rights",
}
_DB: dict[str, dict[str, Any]] = {
    "--db": {
        "metavar": "URL",
        "help": "the gradebook, such as postgresql+psycopg://host/name (default: the course's)",
    }
}

_ANONYMOUS: dict[str, dict[str, Any]] = {
    "--anonymous": {
        "action": "store_true",
        "help": "call students by names of this course's own, the same each time",
    }
}
_GRADE: dict[str, dict[str, Any]] = {
    "--workers": {
        "metavar": "N",
        "type": _count,
        "help": "processes on this machine (default: one a core)",
    },
    "--student": {
        "metavar": "ID",
        "default": "*",
        "help": "one student, or those whose names match a pattern (default: all)",
    },
    "--force": {
        "action": "store_true",
        "help": "judge again what is neither new nor changed",
    },
    "--scheduler": {
        "metavar": "ADDRESS",
        "help": "judge on a dask.distributed cluster instead, such as tcp://host:8786",
    },
    "--trust-submissions": _TRUST,
}

COMMANDS = {
    "grade": Command(
        grade,
        "Judge every submission that is new or changed, and write gradebook and autograded/.",
        _ASSIGNMENT | _COURSE | _GRADE | _DB,
    ),
    "regrade": Command(
        lambda options: grade(argparse.Namespace(**vars(options) | {"force": True})),
        "Judge every submission again, on fresh inputs: grade --force.",
        _ASSIGNMENT | _COURSE | {k: v for k, v in _GRADE.items() if k != "--force"} | _DB,
    ),
    "collect": Command(
        collect,
        "Bring in archives of Moodle, Canvas or Gradescope, or folders, by name and time.",
        _ASSIGNMENT
        | {"archives": {"metavar": "ARCHIVE", "nargs": "+", "type": Path, "help": "zip or folder"}}
        | _COURSE
        | {
            "--roster": {
                "metavar": "CSV",
                "type": Path,
                "help": "who is who: ids, names, addresses (default: the gradebook's students)",
            },
            "--dry-run": {"action": "store_true", "help": "only say what would go where"},
        }
        | _DB,
    ),
    "export": Command(
        export,
        "Bring final scores and feedback out, in the form a platform takes back.",
        _ASSIGNMENT
        | {
            "--csv": {
                "metavar": "FILE",
                "nargs": "?",
                "const": "-",
                "help": "a line a student, a column an exercise (default: printed)",
            },
            "--canvas": {
                "metavar": "FILE",
                "type": Path,
                "help": "fill in the gradebook that Canvas exported (kept as FILE.before)",
            },
            "--column": {
                "metavar": "NAME",
                "help": "with --canvas: what Canvas calls the set, where that is not its name here",
            },
            "--moodle": {
                "metavar": "FILE",
                "type": Path,
                "help": "fill in Moodle's offline grading worksheet (kept as FILE.before)",
            },
            "--feedback": {
                "metavar": "ZIP",
                "type": Path,
                "help": "the feedback pages, named as the platform named what was handed in",
            },
            "--roster": {
                "metavar": "CSV",
                "type": Path,
                "help": "with --canvas or --moodle: who is who, as for collect",
            },
        }
        | _COURSE
        | _DB,
    ),
    "init": Command(
        init,
        "Make a course of one's own: settings, sources, and a catalog with an example.",
        {
            "folder": {"metavar": "DIR", "type": Path, "help": "a new folder"},
            "--empty": {"action": "store_true", "help": "without the kit's sets"},
            "--gradescope": {"action": "store_true", "help": "with what Gradescope runs"},
            "--github": {"action": "store_true", "help": "with what GitHub Classroom runs"},
        },
    ),
    "cells": Command(
        cells,
        "Add the cells of exercises of your catalog/ that the notebook of a set does not have yet.",
        _ASSIGNMENT | _COURSE,
    ),
    "try": Command(
        attempt,
        "Try a set before a class does: solution, stub, points, 200 seeds, ideas, messages.",
        _ASSIGNMENT
        | _COURSE
        | {
            "--seeds": {"metavar": "N", "type": _count, "default": 200, "help": "default: 200"},
            "--trust-submissions": _TRUST,
        },
    ),
    "judge": Command(
        judge,
        "Judge one notebook, and print the reports.",
        {
            "notebook": {"type": Path, "help": "a notebook with answers"},
            "--set": {
                "metavar": "NAME",
                "default": "",
                "help": "its set (default: the one that its checks name)",
            },
            "--course": {
                "metavar": "DIR",
                "type": _course,
                "help": "the course it belongs to (default: the kit's own sets)",
            },
            "--student": {
                "metavar": "ID",
                "default": "",
                "help": "whose it is, where the set holds a drill of each student's own",
            },
            "--gradescope": {"metavar": "FILE", "type": Path, "help": "write results.json"},
            "--trust-submissions": _TRUST,
        },
    ),
    "report": Command(
        report,
        "Say what the class knows, and which wrong ideas it holds: in one set, or over all.",
        {"assignment": {"nargs": "?", "help": "the problem set, such as ps6"}}
        | {"--all": {"action": "store_true", "help": "how all sets went, and which ideas stay"}}
        | _ANONYMOUS
        | _COURSE
        | {
            "--html": {"metavar": "FILE", "type": Path, "help": "write it as a page"},
            "--csv": {"metavar": "FILE", "type": Path, "help": "write one line a student"},
        }
        | _DB,
    ),
    "explain": Command(
        explain,
        "Show one learner over all sets, one set, or one verdict with its inputs and reasons.",
        {
            "student": {"help": "whose"},
            "assignment": {"nargs": "?", "help": "the problem set, such as ps6"},
            "exercise": {"nargs": "?", "help": "such as quad_grad"},
        }
        | _COURSE
        | _DB,
    ),
    "alike": Command(
        alike,
        "List pairs of submissions to look at: what they share and few others do.",
        _ASSIGNMENT
        | {"--most": {"metavar": "N", "type": _count, "default": 40, "help": "default: 40 pairs"}}
        | _ANONYMOUS
        | _COURSE
        | _DB,
    ),
    "extend": Command(
        extend,
        "Give a student more time for a set, in the place of an extension that there is.",
        _ASSIGNMENT
        | {
            "student": {"help": "whose"},
            "--days": {
                "type": _days,
                "required": True,
                "help": "2 or 0.5; 0 takes it back",
            },
        }
        | _COURSE
        | _DB,
    ),
    "forget": Command(
        forget,
        "Remove what gradebook, ledger, autograded/ and feedback/ hold of a student.",
        {"student": {"help": "whose"}} | _COURSE | _DB,
    ),
    "doctor": Command(
        doctor, "Say what isolation this machine can give to submissions, and what is missing.", {}
    ),
}


if __name__ == "__main__":
    raise SystemExit(main())
