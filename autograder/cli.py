"""The command `autograder`: what an instructor types."""

import argparse
from collections.abc import Sequence

from autograder.sandbox.doctor import MEANING, examine
from autograder.sandbox.start import RUNGS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="autograder", description="Grades backpropkit courses.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser(
        "doctor", help="what isolation this machine can give to submissions, and what is missing"
    )
    command.set_defaults(run=doctor)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def doctor(options: argparse.Namespace) -> int:
    """Print what was examined; 1 where submissions would be refused."""
    rung, findings = examine()
    print(*findings, sep="\n")
    print(f"\nRung {RUNGS.index(rung) + 1} of {len(RUNGS)}, {rung}: {MEANING[rung]}.")
    return int(rung == RUNGS[-1])


if __name__ == "__main__":
    raise SystemExit(main())
