"""What other tools make of a notebook: the metadata and the structure that each of them writes.

Each takes a notebook as JupyterLab has it, with a learner's answers, and returns it as the tool
saves it. None of these tools is needed here: what they write is known.
"""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import nbformat

Notebook = dict[str, Any]


def vs_code(notebook: Notebook) -> bytes:
    """Keeps ids and drops what it does not know."""
    for cell in notebook["cells"]:
        cell["metadata"] = {"vscode": {"languageId": "python"}} if _code(cell) else {}
        cell["source"] = cell["source"].splitlines(keepends=True)
    notebook["metadata"] = {
        "kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"},
        "language_info": {
            "file_extension": ".py",
            "name": "python",
            "nbconvert_exporter": "python",
        },
    }
    return _json(notebook, indent=1)


def colab(notebook: Notebook) -> bytes:
    """Ids of its own in the metadata, a banner, and pictures in the text itself."""
    chance = random.Random(1)
    for cell in notebook["cells"]:
        cell.pop("id")
        name = "".join(chance.choices("ABCdef123", k=12))
        cell["metadata"] = {"id": name}
        if _code(cell):
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": name}
        for file, bundle in cell.pop("attachments", {}).items():
            data = f"data:image/png;base64,{bundle['image/png']}"
            cell["source"] = cell["source"].replace(f"attachment:{file}", data)
        cell["source"] = cell["source"].splitlines(keepends=True)
    link = '<a href="https://colab.research.google.com/github/x"><img src="badge.svg"/></a>'
    banner = {"id": "view-in-github", "colab_type": "text"}
    notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": banner, "source": [link]})
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    return _json(notebook | {"nbformat_minor": 0}, indent=2)


def kaggle(notebook: Notebook) -> bytes:
    """Times of execution for metadata, and a cell that greets and looks for data."""
    greeting = "# This Python 3 environment comes with many helpful analytics libraries\n"
    greeting += "import numpy as np\nimport pandas as pd\nimport os\n"
    greeting += "for name, _, files in os.walk('/kaggle/input'):\n    print(files)"
    first = {"cell_type": "code", "source": greeting, "execution_count": None, "outputs": []}
    notebook["cells"].insert(0, first)
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {
            "_uuid": "8f2839f25d086af736a60e9eeb907d3b93b6e0e5",
            "execution": {
                "iopub.execute_input": "2026-11-01T10:00:00.000000Z",
                "shell.execute_reply": "",
            },
            "trusted": True,
        }
    return _json(notebook | {"nbformat_minor": 4})


def deepnote(notebook: Notebook) -> bytes:
    """Blocks: every paragraph that is typed becomes a cell; and a banner at the end."""
    cells = []
    for cell in notebook["cells"]:
        about = {"cell_id": "0123", "source_hash": "ab12", "deepnote_cell_type": cell["cell_type"]}
        paragraphs = [cell["source"]]
        if not _code(cell) and "nbgrader" in cell["metadata"]:
            paragraphs = cell["source"].split("\n\n")
            about |= {"deepnote_cell_type": "text-cell-p", "formattedRanges": []}
        for number, text in enumerate(paragraphs):
            more = deepcopy(cell) if number == 0 else {"cell_type": "markdown"}
            cells.append(more | {"source": text, "metadata": dict(about), "block_group": "x"})
    banner = {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"}
    text = "<a href='https://deepnote.com?utm_source=x'>Created in <span>Deepnote</span></a>"
    cells.append({"cell_type": "markdown", "metadata": banner, "source": text})
    for cell in cells:
        cell.pop("id", None)
    about = {"deepnote_notebook_id": "1", "deepnote_execution_queue": []}
    return _json(notebook | {"cells": cells, "metadata": about, "nbformat_minor": 0})


def pycharm(notebook: Notebook) -> bytes:
    """A marker atop every cell, and the line ends of Windows."""
    for cell in notebook["cells"]:
        marker = "#%%\n" if _code(cell) else "#%% md\n"
        cell["source"] = (marker + cell["source"]).replace("\n", "\r\n")
        cell["metadata"] = {"collapsed": False, "pycharm": {"name": marker, "is_executing": False}}
        cell.pop("id")
    return _json(notebook | {"nbformat_minor": 1})


def classic(notebook: Notebook) -> bytes:
    """The old Notebook: no ids, and all metadata."""
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] |= {"collapsed": True, "scrolled": False, "trusted": True}
    return _json(notebook | {"nbformat_minor": 2})


def format_3(notebook: Notebook) -> bytes:
    """As IPython 2 has written it: worksheets, inputs, headings."""
    cells = []
    for cell in notebook["cells"]:
        if _code(cell):
            more = {"input": cell["source"], "language": "python", "prompt_number": 1}
            cells.append({"cell_type": "code", "metadata": {}, "outputs": []} | more)
        elif cell["source"].startswith("## ") and "\n" not in cell["source"]:
            more = {"level": 2, "source": cell["source"][3:]}
            cells.append({"cell_type": "heading", "metadata": {}} | more)
        else:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": cell["source"]})
    sheet = {"cells": cells, "metadata": {}}
    return _json(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    )


def converted_from_3(notebook: Notebook) -> bytes:
    """What `jupyter nbconvert` makes of the one before."""
    return nbformat.writes(nbformat.reads(format_3(notebook).decode(), as_version=4)).encode()


def jupytext(notebook: Notebook) -> bytes:
    """Back from a script: no metadata, other ids, and no spaces at ends of lines."""
    for number, cell in enumerate(notebook["cells"]):
        text = "\n".join(line.rstrip() for line in cell["source"].splitlines())
        cell |= {"id": f"b7f0{number:04}", "metadata": {}, "source": text}
    text = {"formats": "ipynb,py:percent", "cell_metadata_filter": "-all"}
    return _json(notebook | {"metadata": {"jupytext": text}})


def lines_without_ends(notebook: Notebook) -> bytes:
    """Scripts that split a text into lines and forget their ends."""
    for cell in notebook["cells"]:
        cell |= {"metadata": {}, "source": cell["source"].split("\n")}
    return _json(notebook)


def utf_16(notebook: Notebook) -> bytes:
    """What Windows' shell makes of a file that is sent through it."""
    return json.dumps(notebook, ensure_ascii=False).encode("utf-16")


TOOLS: dict[str, Callable[[Notebook], bytes]] = {
    tool.__name__.replace("_", "-"): tool
    for tool in (
        *(vs_code, colab, kaggle, deepnote, pycharm, classic, format_3, converted_from_3),
        *(jupytext, lines_without_ends, utf_16),
    )
}


def saved_by(tool: str, notebook: Any) -> bytes:
    """`notebook` as `tool` saves it."""
    return TOOLS[tool](json.loads(json.dumps(notebook)))


def _code(cell: dict[str, Any]) -> bool:
    return bool(cell["cell_type"] == "code")


def _json(notebook: Notebook, indent: int | None = None) -> bytes:
    return json.dumps(notebook, indent=indent, ensure_ascii=False).encode()
