"""What makes a scene move in a browser: plain ES modules here, bundled into one file beside them.

After a change to a module: python -m backpropkit.explore.page
"""

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MODULES = ("engine", "format", "bind", "controls", "stage")  # each needs only those before it
ASKING = ("format", "ask")
BUNDLE = HERE / "bundle.js"

HEAD = "// Made of the modules beside it by python -m backpropkit.explore.page: change those.\n"


def bundled(modules: tuple[str, ...] = MODULES) -> str:
    """The modules as one text: no imports between them, no exports, no comments, no indentation.

    Raises ValueError where two modules use the same name at their top.
    """
    parts, owners = [], dict[str, str]()
    for name in modules:
        text = (HERE / f"{name}.js").read_text(encoding="utf-8")
        for made in re.findall(r"^(?:export )?(?:const|let|class|function\*?) (\w+)", text, re.M):
            if made in owners:
                raise ValueError(
                    f"{made} is made in {owners[made]}.js and in {name}.js: rename one"
                )
            owners[made] = name
        text = re.sub(r"^import .*\n", "", text, flags=re.M)
        text = re.sub(r"^export ", "", text, flags=re.M)
        text = re.sub(r"/\*\*.*?\*/", "", text, flags=re.S)
        text = re.sub(r"(^|\s)// .*$", "", text, flags=re.M)
        parts.append("\n".join(line.strip() for line in text.splitlines() if line.strip()))
    return HEAD + "\n".join(parts) + "\n"


@cache
def forwards() -> frozenset[str]:
    """The ops a page can compute: the names in the table of engine.js."""
    script = BUNDLE.read_text(encoding="utf-8")
    table = script.partition("\nconst FORWARDS = {\n")[2].partition("\n};\n")[0]
    return frozenset(re.findall(r"^(\w+)[:,]", table, re.M))


def as_widget() -> str:
    """The bundle as anywidget takes it."""
    return BUNDLE.read_text(encoding="utf-8") + "export default { render };\n"


def as_script() -> str:
    """The bundle as a page runs it."""
    return BUNDLE.read_text(encoding="utf-8") + "boot();\n"


@cache
def asking() -> str:
    """What a question to be answered in a page runs."""
    return bundled(ASKING) + "ask();\n"


def of_the_site() -> str:
    """What moves everything on a site's pages, once for all of them.

    A plain script: a browser refuses modules to a page that was opened from a folder.
    """
    return f"(() => {{\n{bundled((*MODULES, 'ask'))}boot();\nask();\n}})();\n"
