"""What vidur nb run writes, against what nbclient and papermill do with the kernel.

usage: nb_test.py IN.ipynb OUT.ipynb [NAME=VALUE ...]

OUT.ipynb is what vidur nb run has made of IN.ipynb with integer parameters.
"""

import copy
import sys

import nbformat
from nbclient import NotebookClient

source, ran, params = sys.argv[1], sys.argv[2], dict(p.split("=") for p in sys.argv[3:])
nb, ours = (nbformat.read(f, as_version=4) for f in (source, ran))
nbformat.validate(ours)
with open(ran, encoding="utf-8") as f:
    assert f.read() == nbformat.writes(ours) + "\n", "not as nbformat writes it"

if params:
    import papermill.translators
    from papermill.parameterize import parameterize_notebook

    class GoTranslator(papermill.translators.Translator):
        @classmethod
        def assign(cls, name, value):
            return f"{name} = {value}"

        @classmethod
        def comment(cls, text):
            return f"// {text}"

    papermill.translators.papermill_translators.register("go", GoTranslator)
    from papermill.iorw import load_notebook_node

    nb = parameterize_notebook(load_notebook_node(source), {k: int(v) for k, v in params.items()})
    places = [[i for i, c in enumerate(n.cells) if "injected-parameters" in c.metadata.get("tags", [])] for n in (nb, ours)]
    assert places[0] == places[1] and len(places[0]) == 1, places
    i = places[0][0]
    assert nb.cells[i].source.strip() == ours.cells[i].source.strip(), (nb.cells[i].source, ours.cells[i].source)


def merged(outputs):
    """Outputs with the text between two displays stream by stream."""
    out, text = [], {}

    def flush():
        out.extend(("stream", name, text[name]) for name in ("stdout", "stderr") if name in text)
        text.clear()

    for o in copy.deepcopy(outputs):
        if o.output_type == "stream":
            text[o.name] = text.get(o.name, "") + o.text
        else:
            flush()
            out.append(o)
    flush()
    return out


# A cell of a few seconds may take a minute on a busy machine; one that hangs takes for ever.
client = NotebookClient(nb, kernel_name="vidur", timeout=600, record_timing=False)
try:
    client.execute()
except Exception as e:  # the last cell of some notebooks fails
    print("nbclient:", type(e).__name__)
for i, (theirs, mine) in enumerate(zip(nb.cells, ours.cells, strict=True)):
    assert theirs.source.strip() == mine.source.strip(), (i, theirs.source, mine.source)
    if theirs.cell_type == "code":
        a, b = merged(theirs.outputs), merged(mine.outputs)
        assert a == b, f"cell {i}:\n{a}\n{b}"
        assert theirs.execution_count == mine.execution_count, i
print("same", len(nb.cells))
