"""The workflow for a repository of GitHub Classroom: its own steps, run in order."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.classroom.begin import begin
from tools.a_class import EXERCISES, POINTS, RIGHT

# what changes the machine is not done here, only asked for: it is written down
NOT_HERE = ("sudo", "pip")


def workflow(course: Path) -> dict:
    return yaml.safe_load((course / "github" / "judge.yml").read_text(encoding="utf-8"))


def repository(place: Path) -> Path:
    """What a student pushes: one answer is right, the others are not there yet."""
    place.mkdir()
    notebook = json.loads((EXERCISES / "release/ps6/ps6.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "quad_grad":
            cell["source"] = RIGHT["quad_grad"][0]
    (place / "ps6.ipynb").write_text(json.dumps(notebook))
    return place


@pytest.mark.slow
def test_the_steps_judge_what_was_pushed(machine, tmp_path):
    begin(tmp_path / "course", empty=True, github=True)
    (job,) = workflow(tmp_path / "course")["jobs"].values()
    tools, asked, summary = tmp_path / "tools", tmp_path / "asked", tmp_path / "summary.md"
    tools.mkdir()
    for name in NOT_HERE:
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {asked}\n')
        (tools / name).chmod(0o755)
    repo = repository(tmp_path / "repo")
    path = f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    about = {"PATH": path, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTOR": "ada"}
    assert job["defaults"]["run"]["shell"] == "bash"
    said = ""
    for step in job["steps"]:
        if "run" in step:  # as GitHub runs a step whose shell is bash
            shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(
                shell, cwd=repo, env=os.environ | about, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{step['name']}\n{done.stdout}{done.stderr}"
            said += done.stdout
    full = POINTS["quad_grad"]
    assert f"ps6.quad_grad: right, {full:g} of {full:g} points" in summary.read_text()
    assert f"{full:g} of {sum(POINTS.values()):g} points, isolation: " in summary.read_text()
    assert summary.read_text().strip() in said
    assert asked.read_text().splitlines()[0] == "pip install backpropkit[instructor]"
    assert "sudo apt-get install -y bubblewrap" in asked.read_text()


def test_it_asks_for_nothing_that_it_does_not_need(tmp_path):
    begin(tmp_path / "course", empty=True, github=True)
    found = workflow(tmp_path / "course")
    assert found["permissions"] == {"contents": "read"}
    steps = found["jobs"]["judge"]["steps"]
    assert [step["uses"].split("@")[0] for step in steps if "uses" in step] == [
        *("actions/checkout", "actions/setup-python"),
    ]
