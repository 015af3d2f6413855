"""Front ends that others wrote, against the kernel "vidur" that is installed.

usage: kernel_test.py PART DIRECTORY

PART is the name of a module, below that of a function; DIRECTORY is an empty one.
"""

import os
import signal
import statistics
import sys
import time
import unittest
from pathlib import Path

KERNEL = "vidur"
part, folder = sys.argv[1], Path(sys.argv[2])


def gather(kc, code, **more):
    """Runs a cell and returns its reply and its outputs."""
    out = []
    reply = kc.execute_interactive(code, timeout=60, output_hook=out.append, **more)
    return reply["content"], [(m["msg_type"], m["content"]) for m in out if m["msg_type"] not in ("status", "execute_input")]


def texts(out):
    """The text of outputs, in order."""
    return [c.get("text") or c.get("data", {}).get("text/plain") for _, c in out]


def children(pid):
    """Processes that a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(p) for text in lists for p in text.read_text().split()]


def runs(pid):
    """Whether a process is there, and not only for its parent to ask how it ended."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def jupyter_client():
    """Cells, interrupts, a process that dies, signals, the time of a small cell."""
    from jupyter_client.manager import start_new_kernel

    begun = time.perf_counter()
    km, kc = start_new_kernel(startup_timeout=20, kernel_name=KERNEL)
    print(f"start until ready: {time.perf_counter() - begun:.3f} s")
    code = 'import ("fmt"; "time"; "os")\nfmt.Println("é", len(os.Args))\nx := 41\nfunc f() int { return 6 }\nx + 1'
    reply, out = gather(kc, code)
    assert reply["status"] == "ok", reply
    assert texts(out) == ["é 1\n", "42"], out

    reply, out = gather(kc, "func g() int { return x }; y := g() +\nnosuch")
    assert reply["ename"] == "compile error" and "In[2]:2:1" in "".join(reply["traceback"]), reply

    for code, kept in (("for {\n}", True), ("time.Sleep(time.Hour)", None)):
        running = kc.execute(code)
        time.sleep(0.3)
        km.interrupt_kernel()
        reply = kc.get_shell_msg(timeout=10)
        assert reply["parent_header"]["msg_id"] == running and reply["content"]["ename"] == "interrupted", reply
        reply, out = gather(kc, "f()")
        assert texts(out) == ["6"], reply
        if kept:
            assert texts(gather(kc, "x")[1]) == ["41"]

    front = km.provisioner.process.pid
    cells = children(front)
    assert len(cells) == 1, cells
    reply, out = gather(kc, "z := 1")
    running = kc.execute("for {\n}")
    time.sleep(0.3)
    os.kill(cells[0], signal.SIGKILL)
    reply = kc.get_shell_msg(timeout=10)["content"]
    assert reply["ename"] == "died" and "lost: " in "".join(reply["traceback"]), reply
    while kc.get_iopub_msg(timeout=10)["content"].get("execution_state") != "idle":
        pass
    assert texts(gather(kc, "f()")[1]) == ["6"]

    asked = []

    def answer(msg):
        asked.append(msg["content"]["prompt"])
        kc.input("Ann")

    code = 'var name string\nfmt.Print("who? ")\nfmt.Scanln(&name)\nname'
    if sys.platform == "linux":
        reply, out = gather(kc, code, allow_stdin=True, stdin_hook=answer)
        assert len(asked) == 1 and "".join(asked + texts(out)) == "who? Ann", (out, asked)  # once: asked, or printed
        reply, out = gather(kc, code, allow_stdin=False)
        assert "does not allow input" in str(out), out

    reply, out = gather(kc, "1", user_expressions={"a": "f()", "b": "nosuch"})
    assert reply["user_expressions"]["a"]["data"]["text/plain"] == "6"
    assert reply["user_expressions"]["b"]["status"] == "error"

    os.kill(front, signal.SIGINT)  # an interrupt, never the end
    time.sleep(0.3)  # else it may come after the next cell
    time.sleep(0.3)  # for the signal to come before the next cell, which it would end
    assert texts(gather(kc, "f()")[1]) == ["6"]
    times = []
    for _ in range(500):
        begun = time.perf_counter()
        reply, out = gather(kc, "1")
        times.append(1e3 * (time.perf_counter() - begun))
        assert texts(out) == ["1"]
    times.sort()
    print(f"cell of one number: median {statistics.median(times):.2f} ms, p99 {times[494]:.2f} ms")
    begun = time.perf_counter()
    reply, out = gather(kc, "for i := range 100_000 { fmt.Println(i) }")
    assert "".join(c["text"] for _, c in out) == "".join(f"{i}\n" for i in range(100_000))
    print(f"100,000 lines: {time.perf_counter() - begun:.2f} s")

    cells = children(front)
    os.kill(front, signal.SIGKILL)
    for _ in range(100):
        if not any(map(runs, cells)):
            break
        time.sleep(0.05)
    else:
        raise AssertionError("the process of the cells outlives the kernel")
    kc.stop_channels()
    km.shutdown_kernel(now=True)

    km, kc = start_new_kernel(startup_timeout=20, kernel_name=KERNEL)
    cells = children(km.provisioner.process.pid)
    kc.stop_channels()
    km.shutdown_kernel()
    assert not km.is_alive() and cells and not any(map(runs, cells))


CELLS = [
    'import ("fmt"; "github.com/govidur/govidur/kernel/nb"; "github.com/govidur/govidur/vidur/frames"; "github.com/govidur/govidur/vidur/spec")',
    "requests := 100",
    "e := spec.Default()\ne.Requests = requests\nrun, err := e.Build()\nnb.Check(err)\nstore, err := run.Simulate(nb.Context())\nnb.Check(err)",
    "frames.Summary(store.Summary())",
    'fmt.Println("a")\nnb.Display(nb.HTML("<b>b</b>"))\nfmt.Println("c")\nrequests',
]


def notebook():
    import nbformat

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    nb.cells[1].metadata["tags"] = ["parameters"]
    nb.metadata["kernelspec"] = {"name": KERNEL, "display_name": KERNEL, "language": "go"}
    return nb


def check(nb, last):
    import nbformat

    nbformat.validate(nb)
    outputs = [c.outputs for c in nb.cells if c.cell_type == "code"]
    assert "text/html" in outputs[-2][0].data, outputs[-2]
    kinds = [o.output_type for o in outputs[-1]]
    assert kinds == ["stream", "display_data", "stream", "execute_result"], outputs[-1]
    assert outputs[-1][3].data["text/plain"] == last, outputs[-1]


def nbclient():
    """A notebook with a simulation, twice: the same outputs."""
    from nbclient import NotebookClient

    runs = []
    for _ in range(2):
        nb = notebook()
        begun = time.perf_counter()
        NotebookClient(nb, kernel_name=KERNEL, timeout=60).execute()
        print(f"a notebook of {len(nb.cells)} cells: {time.perf_counter() - begun:.2f} s")
        check(nb, "100")
        runs.append([c.outputs for c in nb.cells])
    assert runs[0] == runs[1]


def papermill():
    """The same with papermill. It has no translator for Go, so a parameter is a cell
    that is written here."""
    import nbformat
    import papermill as pm
    from papermill.translators import Translator, papermill_translators

    class Go(Translator):
        @classmethod
        def codify(cls, parameters, comment=""):
            return "\n".join(f"{name} = {cls.translate(value)}" for name, value in parameters.items())

    papermill_translators.register("go", Go)
    source, target = folder / "in.ipynb", folder / "out.ipynb"
    nbformat.write(notebook(), source)
    pm.execute_notebook(str(source), str(target), parameters={"requests": 50}, progress_bar=False)
    check(nbformat.read(target, as_version=4), "50")


def jupyter_kernel_test():
    """Its whole suite, and every message through its schema."""
    import jupyter_kernel_test as jkt

    class Kernel(jkt.KernelTests):
        kernel_name = KERNEL
        language_name = "go"
        file_extension = ".go"
        code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
        code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "oops")'
        completion_samples = [
            {"text": "strin", "matches": {"string", "strings"}},
            {"text": "strings.TrimSuf", "matches": {"TrimSuffix"}},
        ]
        complete_code_samples = ["x := 1", "func f() {\n}", 'import "fmt"']
        incomplete_code_samples = ["func f() {", "f(", "x := `a"]
        invalid_code_samples = ["x := )", "}"]
        code_generate_error = 'panic("no")'
        code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"a" + "b"', "result": "ab"}]
        code_display_data = [
            {"code": 'import "github.com/govidur/govidur/kernel/nb"\nnb.Display(nb.HTML("<b>x</b>"))', "mime": "text/html"},
            {"code": 'import "github.com/govidur/govidur/kernel/nb"\nnb.Display(nb.SVG("<svg/>"))', "mime": "image/svg+xml"},
        ]
        supported_history_operations = ("tail", "range", "search")
        code_history_pattern = "6 * 7*"
        code_inspect_sample = "strings.TrimSuffix"
        code_clear_output = 'import "github.com/govidur/govidur/kernel/nb"\nnb.ClearOutput(false)'

    tests = [unittest.defaultTestLoader.loadTestsFromTestCase(Kernel)]
    if hasattr(jkt, "IopubWelcomeTests"):
        welcome = type("Welcome", (jkt.IopubWelcomeTests,), {"kernel_name": KERNEL, "support_iopub_welcome": True})
        tests.append(unittest.defaultTestLoader.loadTestsFromTestCase(welcome))
    result = unittest.TextTestRunner(stream=sys.stdout).run(unittest.TestSuite(tests))
    assert result.wasSuccessful()
    skipped = [str(test) for test, _ in result.skipped]
    assert len(skipped) < 2 and all("test_pager" in name for name in skipped), skipped  # help is a display here


# The parts have the names of modules that they import.
globals()[part]()
