"""The answers of played students, by exercise, and the verdict on one."""

import json
from collections import defaultdict
from pathlib import Path

from autograder import catalog
from autograder.asking.ask import ask
from autograder.judge.judge import judge

PLAYED = json.loads(Path(__file__).with_name("played_answers.json").read_text("utf-8"))
BY_EXERCISE = defaultdict(list)
for one in PLAYED["answers"]:
    BY_EXERCISE[one["exercise"]].append(one)


def verdict_on(id, code, seed):
    names = {"__name__": "__main__"}
    exec(PLAYED["before"] + code, names)
    questions = catalog[id].questions(seed)
    return judge(catalog[id], questions, ask(names, questions))
