"""What nb.Interact says to a front end, checked against ipywidgets itself.

usage: interact.py
"""

import sys

import ipywidgets
import nbformat
from ipywidgets.widgets.widget import _registry
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

CELL = '''import "fmt"
import "github.com/govidur/govidur/kernel/nb"
p := struct {
	N    int     `min:"0" max:"10"`
	X    float64 `min:"0" max:"2" unit:"s" usage:"how long"`
	Kind string  `choices:"a,b"`
	On   bool
	Name string
	M    int
	Y    float64
}{N: 4, Kind: "b"}
nb.Interact(&p, func() any { fmt.Println("run"); return p.N * 2 })
'''


def check(states):
    """Every model is one of ipywidgets', and its state is one that the model takes."""
    for model, state in states.items():
        kind = _registry.get(*[state[f"_{part}_{what}"] for part in ("model", "view") for what in ("module", "module_version", "name")])
        widget = kind()
        unknown = set(state) - set(widget.keys)
        assert not unknown, (model, unknown)
        plain = {k: v for k, v in state.items() if not k.startswith("_") and "IPY_MODEL_" not in str(v)}
        if "index" in plain:
            plain = {"options": state["_options_labels"], "index": plain["index"]}
        got = kind(**plain).get_state()
        for key, value in plain.items():
            assert key == "options" or got[key] == value, (key, value, got[key])
        for key in ("layout", "style", "children"):
            for reference in [state[key]] if isinstance(state.get(key), str) else state.get(key, []):
                assert reference[len("IPY_MODEL_"):] in states, reference


def idle(kc, request):
    """The messages that belong to a request."""
    out = []
    while True:
        m = kc.get_iopub_msg(timeout=30)
        if m["parent_header"].get("msg_id") != request:
            continue
        out.append((m["msg_type"], m["content"]))
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            return out


def live():
    manager, kc = start_new_kernel(kernel_name="vidur")
    try:
        first = idle(kc, kc.execute(CELL))
        states = {c["comm_id"]: c["data"]["state"] for kind, c in first if kind == "comm_open"}
        assert len(states) == 14, len(states)
        check(states)
        view, shown = [c for kind, c in first if kind == "display_data"]
        assert view["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] in states
        assert shown["data"]["text/plain"] == "run\n8", shown
        slider = next(i for i, s in states.items() if s.get("description") == "n")
        m = kc.session.msg("comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": 7}, "buffer_paths": []}})
        kc.shell_channel.send(m)
        moved = idle(kc, m["header"]["msg_id"])
        assert [kind for kind, _ in moved] == ["status", "comm_msg", "update_display_data", "status"], moved
        assert moved[1][1]["data"] == {"method": "echo_update", "state": {"value": 7}, "buffer_paths": []}
        assert moved[2][1]["data"]["text/plain"] == "run\n14"
        assert moved[2][1]["transient"] == shown["transient"]
        again = idle(kc, kc.execute(CELL))
        assert sum(kind == "comm_close" for kind, _ in again) == len(states)
    finally:
        kc.stop_channels()
        manager.shutdown_kernel(now=True)


def executed():
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(nb, kernel_name="vidur", timeout=60).execute()
    stored = nb.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert len(stored) == 14
    view, shown = nb.cells[0].outputs
    assert view["data"]["text/plain"].startswith("n = 4, x = 0 s, kind = b"), view
    assert shown["data"]["text/plain"] == "run\n8"
    return view


assert ipywidgets.__version__.startswith("8."), ipywidgets.__version__
live()
assert executed() == executed(), "two runs give two notebooks"
print("OK")
