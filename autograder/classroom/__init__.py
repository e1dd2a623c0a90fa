"""Grades a class: workers judge, a ledger keeps each verdict, one writer fills the gradebook.

::

    submitted/ ─> Work ─> workers (any Executor) ─> ledger/, a file a verdict ─> writer ─> gradebook
                                                                             └─> report, explain
"""
