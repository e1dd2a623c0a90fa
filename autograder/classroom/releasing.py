"""nbgrader's `generate_assignment`, which deletes the old release before it refuses a new one."""

import os
import shutil
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import is_grade, is_locked, is_solution, is_task, rmtree

from autograder.catalog.own import CatalogError, learners_file, read_folder
from autograder.classroom.kept import gradebook_at

_KINDS = {  # of the gradebook's cells -> which cells of a notebook they are
    "grade_cells": is_grade,
    "solution_cells": is_solution,
    "task_cells": is_task,
    "source_cells": lambda c: is_grade(c) or is_solution(c) or is_locked(c) or is_task(c),
}


class SafeGenerate(GenerateAssignment):  # type: ignore[misc]
    """Says what stands against a release before it touches one; the old one stays till the end."""

    def convert_notebooks(self) -> None:
        """Generate; what stood there comes back where that cannot be done."""
        place = Path(os.path.normpath(self._format_dest(self.coursedir.assignment_id, ".")))
        kept = place.with_name(f".{place.name}.before")
        if kept.exists():  # a run before was killed
            _put_back(kept, place)
        self._refuse_changes()
        if place.exists():
            shutil.copytree(place, kept)
        try:
            super().convert_notebooks()
            self._add_exercises(place)
        except BaseException:
            if kept.exists():
                _put_back(kept, place)
                self.log.error("%s is as it was.", place)
            raise
        if kept.exists():
            rmtree(str(kept))

    def _add_exercises(self, place: Path) -> None:
        """Put what `check` needs of the course's own exercises beside the released notebook."""
        assignment = self.coursedir.assignment_id
        try:
            text = learners_file(assignment, read_folder(Path(self.coursedir.root)))
        except CatalogError as error:
            self._refuse(str(error))
        if text is not None and place.is_dir():
            (place / f"{assignment}_exercises.py").write_text(text, encoding="utf-8")

    def _refuse_changes(self) -> None:
        """Refuse to add or drop cells once submissions have points for them."""
        if self.no_database:
            return
        with gradebook_at(self.coursedir.db_url, self.coursedir.course_id) as book:
            for path in (path for paths in self.assignments.values() for path in paths):
                self._refuse_changed(book, Path(path))

    def _refuse_changed(self, book: Gradebook, path: Path) -> None:
        assignment = self.coursedir.assignment_id
        try:
            known = book.find_notebook(path.stem, assignment)
        except MissingEntry:
            return
        if not (count := len(known.submissions)):
            return
        cells = nbformat.read(path, as_version=4).cells
        gone, new = set[str](), set[str]()
        for kind, is_one in _KINDS.items():
            before = {cell.name for cell in getattr(known, kind)}
            now = {cell.metadata.nbgrader.grade_id for cell in cells if is_one(cell)}
            gone, new = gone | (before - now), new | (now - before)
        if gone or new:
            what = [f"without {', '.join(sorted(gone))}"] if gone else []
            what += [f"with {', '.join(sorted(new))} added"] if new else []
            self._refuse(
                f"{assignment} is graded for {count} already, and cannot be released "
                f"{' and '.join(what)}. Nothing was changed. To count an exercise no longer, "
                "give its check 0 points."
            )

    def _refuse(self, reason: str) -> NoReturn:
        self.log.error(reason)
        raise NbGraderException(reason)


def _put_back(kept: Path, place: Path) -> Any:
    if place.exists():
        rmtree(str(place))
    return kept.rename(place)
