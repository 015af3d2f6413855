"""A notebook that tries everything, run twice by nbclient and once by papermill.

usage: torture.py NOTEBOOK DIRECTORY

The metadata of a cell say what it must show: "expect" are texts that its outputs
have, "only" is all their text, "kinds" are their types. DIRECTORY is an empty one.
"""

import json
import re
import sys
import time
from pathlib import Path

import nbformat

KERNEL = "vidur"
notebook, folder = Path(sys.argv[1]), Path(sys.argv[2])


def plain(outputs):
    """All text of outputs, as a reader sees it."""
    parts = []
    for o in outputs:
        parts.append(o.get("text") or o.get("data", {}).get("text/plain") or "\n".join(o.get("traceback", [])))
    return re.sub(r"\x1b\[[0-9;]*m", "", "".join(parts))


def problems(cell):
    """What a cell does not show that it must, or shows that it must not."""
    meta, text = cell.metadata, plain(cell.outputs)
    everything = text + json.dumps([o.get("data", {}) for o in cell.outputs], ensure_ascii=False)
    for want in meta.get("expect", []):
        if want not in everything:
            yield f"has no {want!r}"
    if "only" in meta and text != meta["only"]:
        yield f"is not {meta['only']!r}"
    kinds = [o.output_type for o in cell.outputs]
    if "kinds" in meta and kinds != meta["kinds"]:
        yield f"has outputs of the types {kinds}"
    if ("error" in kinds) != ("raises-exception" in meta.get("tags", [])):
        yield "fails, or does not"


def check(nb):
    nbformat.validate(nb)
    code = [c for c in nb.cells if c.cell_type == "code"]
    wrong = [f"{c.source}\n  {p}: {plain(c.outputs)[-500:]!r}" for c in code for p in problems(c)]
    assert not wrong, "\n".join(wrong)
    return code


def comparable(cells):
    """The outputs, without what is new each time: names of files, where text was cut to
    be sent, and how stdout and stderr stand to each other, which are two pipes."""
    joined = []
    for c in cells:
        outputs = []
        for o in c.outputs:
            if o.output_type == "stream" and outputs and "stream" in outputs[-1]:
                streams = outputs[-1]["stream"]
                streams[o.name] = streams.get(o.name, "") + o.text
            else:
                outputs.append({"stream": {o.name: o.text}} if o.output_type == "stream" else dict(o))
        joined.append(outputs)
    return re.sub(r"govidur-output-\d+", "govidur-output", json.dumps(joined, sort_keys=True))


def by_nbclient():
    from nbclient import NotebookClient

    nb = nbformat.read(notebook, as_version=4)
    begun = time.perf_counter()
    NotebookClient(nb, kernel_name=KERNEL, timeout=120).execute()
    print(f"nbclient: {len(nb.cells)} cells, {time.perf_counter() - begun:.1f} s")
    return comparable(check(nb))


def by_papermill():
    import papermill

    target = folder / "out.ipynb"
    begun = time.perf_counter()
    try:
        papermill.execute_notebook(str(notebook), str(target), kernel_name=KERNEL, progress_bar=False)
    except papermill.PapermillExecutionError:
        pass  # at the end, for errors that are meant to be, too
    print(f"papermill: {time.perf_counter() - begun:.1f} s")
    return comparable(check(nbformat.read(target, as_version=4)))


first = by_nbclient()
for name, outputs in (("nbclient", by_nbclient()), ("papermill", by_papermill())):
    if outputs != first:
        at = next(i for i, (a, b) in enumerate(zip(first, outputs)) if a != b)
        sys.exit(f"{name} gives other outputs: {outputs[at - 100 : at + 100]!r}, not {first[at - 100 : at + 100]!r}")
