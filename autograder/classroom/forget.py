"""Forgets a student: what was graded goes from gradebook, ledger and folders, and what they
handed in stays theirs to take away.
"""

from contextlib import ExitStack, suppress

from nbgrader.api import Student
from nbgrader.utils import rmtree
from sqlalchemy import delete, select

from autograder.asking.counted import counted
from autograder.classroom.course import Course, CourseError
from autograder.classroom.kept import database_as_said, open_gradebook
from autograder.classroom.rows import WrittenFrom
from autograder.classroom.whom import nobody


def forget(course: Course, student: str) -> list[str]:
    """Forget a student; what was removed, and what was not.

    Raises `CourseError` where there is nothing of that student, and `Busy` while somebody grades.
    """
    if "/" in student or student in ("", ".", ".."):
        raise CourseError(f"{student!r} is no student's name.")
    directory = course.directory
    said: list[str] = []
    sets = {path.name for path in (course.root / "ledger").glob("*/")}
    with ExitStack() as locks:
        book = open_gradebook(directory.db_url, directory.course_id)
        locks.callback(book.end)
        locks.enter_context(database_as_said(directory.db_url))
        sets |= {assignment.name for assignment in book.assignments}
        for name in sets:
            locks.enter_context(course.ledger(name).alone())
        if entry := book.db.scalars(select(Student).where(Student.id == student)).one_or_none():
            ids = [submission.id for submission in entry.submissions]
            book.db.execute(delete(WrittenFrom).where(WrittenFrom.submission_id.in_(ids)))
            book.remove_student(student)
            book.commit()
            said.append(f"gradebook: {counted(len(ids), 'submission')}")
        for name in sorted(sets):
            if course.ledger(name).forget(student):
                said.append(f"ledger/{name}")
            for step in ("autograded", "feedback"):
                folder = course.folder(step, name, student)
                if folder.is_dir():
                    rmtree(str(folder))
                    said.append(str(folder.relative_to(course.root)))
                    with suppress(OSError):  # others of this student are in it
                        folder.parent.rmdir()
    if not said:
        raise CourseError(nobody(course, student) or f"Nothing is kept of {student}.")
    left = [course.folder("submitted", name, student) for name in sorted(sets)]
    kept = [str(folder.relative_to(course.root)) for folder in left if folder.exists()]
    if kept:
        kept = [f"left: {', '.join(kept)}; what is there is graded again by the next `grade`"]
    return [*(f"removed: {one}" for one in said), *kept]
