"""The program inside the sandbox: runs cells in IPython, then answers questions about them.

It reads frames from a socket and sends frames back. Nothing that it sends is believed: a learner's
code runs in this process and may say anything, so the other side checks the form of every frame,
and the judge every number.
"""

import re
import socket
import sys
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from autograder.asking.ask import AFTER_ERROR, MAX_TEXT, NOT_HANDED_IN, Answer, Question, answers
from autograder.asking.wire import NotPlain, Plain, WireError, dumps
from autograder.sandbox.confine import confine, step_down
from autograder.sandbox.frames import receive, send
from autograder.sandbox.limits import Limits
from autograder.sandbox.shell import Shell, make_shell, note


def main() -> None:
    """Serve the socket whose number is the first argument, until it closes."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)
    order: Any = receive(sock)
    step_down(order["uid"])
    limits = Limits(**order["limits"])
    confine(limits, order["system_calls"])
    shell = make_shell()
    send(sock, "ready")
    serve(sock, shell, limits)


def serve(sock: socket.socket, shell: Shell, limits: Limits) -> None:
    """Do what the frames ask: ``{"run": source, "output": bytes}`` or ``{"ask": questions}``.

    Of a cell that ended another child, and is not run, ``{"lost": source, "with": what it ended
    with}`` tells.
    """
    while True:
        order: Any = receive(sock)
        if "lost" in order:
            shell.lose(order["lost"], f"{AFTER_ERROR}{order['with']}")
            send(sock, [])
        elif "run" in order:
            outputs: Any = shell.run(order["run"], limits.cell_seconds, order["output"])
            try:
                send(sock, outputs)
            except (NotPlain, WireError) as error:
                send(sock, [note(f"output dropped: {error}")])
        else:
            questions = [Question(**question) for question in order["ask"]]
            known = shell.user_ns.keys() | {question.keep for question in questions}
            for answer in answers(shell.user_ns, questions, limits.answer_seconds):
                send(sock, as_plain(explained(answer, shell.lacking, known)))


def explained(answer: Answer, lacking: Mapping[str, str], known: Set[str | None]) -> Answer:
    """An answer that lacks a name, with what its cell ended with before the name was defined, or
    that no cell came to define it; `known` are defined, or kept by a question."""
    undefined = re.match(r"NameError: name '(\w+)' is not defined", answer.text)
    names = {"missing": answer.text, "raised": undefined[1] if undefined else ""}
    name = names.get(answer.trouble or "", "")
    if not name or name in known:
        return answer
    return replace(answer, text=f"{answer.text}{lacking.get(name, NOT_HANDED_IN)}"[:MAX_TEXT])


def as_plain(answer: Answer) -> Plain:
    """Return the answer as plain data that fits into a frame."""
    try:
        dumps(answer.value)
    except WireError as error:
        answer = Answer(None, "not plain", f"an answer of {error}")
    return {"value": answer.value, "trouble": answer.trouble, "text": answer.text}


if __name__ == "__main__":
    main()
