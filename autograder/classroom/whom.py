"""Why there is nothing of a student whom a command was told of, and who may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from autograder.classroom.course import Course

MOST = 3  # names that a sentence lists


def nothing_of(course: Course, student: str, assignment: str) -> str:
    """Why there is no verdict on a student in a set, as a sentence."""
    if assignment not in course.sets():
        return course.no_set(assignment)
    if student in course.handed_in(assignment):
        before = course.folder("autograded", assignment, student).is_dir()
        return (
            f"{student} handed in {assignment}, and there is no verdict yet"
            + ": stock nbgrader and backpropkit 0.1 kept none" * before
            + f". Run: autograder grade {assignment}"
        )
    if reason := course.misplaced(assignment).get(student):
        return f"There is no verdict on {student} in {assignment}: {reason}."
    place = course.folder("submitted", assignment, student).relative_to(course.root)
    handed_in = f"{student} has handed in nothing for {assignment}: there is no {place}."
    return nobody(course, student) or handed_in


def nobody(course: Course, student: str) -> str:
    """That nobody is called so, and who is; "" of somebody enrolled or who handed in something."""
    handed_in = {each for name in course.sets() for each in course.handed_in(name)}
    known = {each.casefold(): each for each in sorted(course.enrolled() | handed_in)}
    if student in known.values():
        return ""
    near = [known[one] for one in get_close_matches(student.casefold(), known, MOST)]
    if near:
        return f"Nobody is called {student} here. Did you mean {' or '.join(near)}?"
    return f"Nobody is called {student} here. {some(known.values())}"


def some(names: Iterable[str]) -> str:
    """The first of some names, as a sentence.

    >>> some(["cy", "ada", "dan", "bob"]), some([])
    ('There are ada, bob, cy … 4 in all.', 'There are no students yet.')
    """
    known = sorted(names)
    more = f" … {len(known)} in all" * (len(known) > MOST)
    return f"There are {', '.join(known[:MOST]) or 'no students yet'}{more}."
