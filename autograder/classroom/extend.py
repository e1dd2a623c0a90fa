"""`autograder extend`: more time for one student, in the gradebook, as nbgrader counts it."""

from __future__ import annotations

from datetime import timedelta

from nbgrader.api import MissingEntry

from autograder.classroom.course import Course, CourseError
from autograder.classroom.kept import gradebook_at
from autograder.classroom.whom import nobody


def extend(course: Course, assignment: str, student: str, days: float) -> str:
    """Give an extension, in the place of one that there is; none at all for 0 days.

    nbgrader keeps extensions with submissions: who has handed in nothing yet can have none.
    Raises `CourseError`.
    """
    with gradebook_at(course.directory.db_url, course.directory.course_id) as book:
        try:
            book.grant_extension(assignment, student, days=days)
            due = book.find_assignment(assignment).duedate
        except MissingEntry:
            no_set = "" if assignment in course.sets() else course.no_set(assignment)
            raise CourseError(
                no_set
                or nobody(course, student)
                or f"The gradebook has nothing of {student} in {assignment}: an extension is kept "
                f"with a submission. Once it is graded (autograder grade {assignment}), extend, "
                "and grade again."
            ) from None
    until = f"{due + timedelta(days=days):%Y-%m-%d %H:%M} UTC" if due else "any time: no due date"
    return f"{student} has until {until}. Now: autograder grade {assignment}"
