"""Other people's clients against the kernel of the tests: libzmq, jupyter_client,
nbclient, jupyter_kernel_test.

usage: conformance.py PART KERNEL DIRECTORY

PART is the name of a function here, KERNEL the binary and DIRECTORY an empty one.
"""

import atexit
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import unittest
from pathlib import Path

import zmq

PORTS = ["shell", "control", "stdin", "iopub", "hb"]
part, kernel, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def connection(transport):
    """Writes a connection file; ports are free ones."""
    info = {"transport": transport, "ip": "127.0.0.1", "key": "secret", "signature_scheme": "hmac-sha256"}
    held = []
    for i, name in enumerate(PORTS):
        if transport == "ipc":
            info["ip"], info[name + "_port"] = str(folder / "sock"), i + 1
            continue
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        held.append(s)
        info[name + "_port"] = s.getsockname()[1]
    for s in held:
        s.close()
    path = folder / f"{transport}.json"
    path.write_text(json.dumps(info))
    return info, path


def spawn(transport):
    info, path = connection(transport)
    process = subprocess.Popen([kernel, str(path)])
    atexit.register(process.kill)

    def address(name):
        port = info[name + "_port"]
        return f"ipc://{info['ip']}-{port}" if transport == "ipc" else f"tcp://{info['ip']}:{port}"

    return process, address


def libzmq():
    """The transport alone, over TCP and Unix sockets, with libzmq's heartbeats on."""
    context = zmq.Context()

    def connect(kind, where, identity=None):
        s = context.socket(kind)
        s.linger, s.rcvtimeo, s.heartbeat_ivl, s.heartbeat_timeout = 0, 30000, 50, 20000
        if identity:
            s.identity = identity
        s.connect(where)
        return s

    for transport in "tcp", "ipc":
        process, address = spawn(transport)
        beat = connect(zmq.REQ, address("hb"))
        for body in b"ping", b"", bytes(range(256)) * 200:  # 64 KiB at most
            beat.send(body)
            assert beat.recv() == body
        for parts in [[b"a", b"", b"c" * 300], [b""] * 100]:
            beat.send_multipart(parts)
            assert beat.recv_multipart() == parts
        dealer = connect(zmq.DEALER, address("hb"))  # libzmq lets a DEALER talk to a REP
        for i in range(2000):
            dealer.send_multipart([b"", b"%d" % i])
        for i in range(2000):
            assert dealer.recv_multipart() == [b"", b"%d" % i]
        sub = connect(zmq.SUB, address("iopub"))
        sub.subscribe(b"")
        welcome = sub.recv_multipart()
        assert welcome[0] == b"" and json.loads(welcome[3])["msg_type"] == "iopub_welcome", welcome
        sub.unsubscribe(b"")
        sub.subscribe(b"stat")
        while json.loads(sub.recv_multipart()[3])["msg_type"] != "iopub_welcome":
            pass
        time.sleep(0.3)  # heartbeats come and go
        wrong = connect(zmq.PUSH, address("shell"))
        try:  # whether it may send at all depends on how soon it is refused
            wrong.send(b"x", zmq.DONTWAIT)
        except zmq.Again:
            pass
        time.sleep(0.2)
        beat.send(b"alive")
        assert beat.recv() == b"alive"
        process.terminate()
        assert process.wait(10) == 0
    context.destroy(linger=0)


def install():
    spec = folder / "kernels" / "commands"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps(
            {
                "argv": [kernel, "{connection_file}"],
                "display_name": "commands",
                "language": "commands",
                "interrupt_mode": "message",
                "metadata": {},
            }
        )
    )
    os.environ["JUPYTER_PATH"] = str(folder)
    os.environ["JUPYTER_RUNTIME_DIR"] = str(folder / "runtime")
    return "commands"


def gather(client, code, **options):
    """Runs a cell and returns its reply and what it published."""
    out = []
    reply = client.execute_interactive(code, output_hook=out.append, timeout=30, **options)
    return reply, out


def client():
    """jupyter_client: starts, interrupts, restarts, questions, shutdown."""
    from jupyter_client.manager import KernelManager, start_new_kernel

    name = install()
    for transport in "tcp", "ipc":
        for _ in range(10):
            km = KernelManager(kernel_name=name, transport=transport)
            km.start_kernel()
            kc = km.blocking_client()
            kc.start_channels()
            kc.wait_for_ready(timeout=20)
            reply, out = gather(kc, "print one\nvalue 2")
            assert reply["content"]["status"] == "ok" and reply["content"]["execution_count"] == 1
            assert [m["msg_type"] for m in out if m["msg_type"] != "status"] == ["execute_input", "stream", "execute_result"]
            kc.stop_channels()
            km.shutdown_kernel()
            assert not km.is_alive()

    km, kc = start_new_kernel(startup_timeout=20, kernel_name=name)
    running = kc.execute("sleep 100000")
    time.sleep(0.2)
    km.interrupt_kernel()
    reply = kc.get_shell_msg(timeout=10)
    assert reply["parent_header"]["msg_id"] == running and reply["content"]["ename"] == "Interrupted"

    for _ in range(20):  # run all
        ids = [kc.execute("fail x")] + [kc.execute("print no") for _ in range(8)]
        states = [kc.get_shell_msg(timeout=10)["content"]["status"] for _ in ids]
        assert states == ["error"] + ["aborted"] * 8, states

    def answer(msg):
        kc.input("Ann")

    reply, out = gather(kc, "input name?", allow_stdin=True, stdin_hook=answer)
    assert "Ann\n" in [m["content"].get("text") for m in out], out
    reply, out = gather(kc, "input name?", allow_stdin=False)
    assert reply["content"]["status"] == "error"

    session = gather(kc, "print x")[0]["header"]["session"]
    km.restart_kernel()
    kc.wait_for_ready(timeout=20)
    reply, out = gather(kc, "print again")
    assert reply["content"]["execution_count"] == 1 and reply["header"]["session"] != session
    process = km.provisioner.process
    kc.shutdown()
    assert process.wait(10) == 0
    kc.stop_channels()
    km.shutdown_kernel(now=True)


def notebooks():
    """nbclient: outputs, updates of displays, allowed errors, times of cells."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    name = install()
    cells = [
        "print a\nerr b",
        "display id one",
        "update id two\nvalue 3",
        "fail it",
        "lines 1000",
        "display - gone\nclear\nprint new",
        "sleep 30",
    ]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nb.cells[3].metadata["tags"] = ["raises-exception"]
    nb.metadata["kernelspec"] = {"name": name, "display_name": name, "language": name}
    NotebookClient(nb, kernel_name=name, timeout=30, record_timing=True).execute()
    nbformat.validate(nb)
    outputs = [c.outputs for c in nb.cells]
    assert [(o.name, o.text) for o in outputs[0]] == [("stdout", "a\n"), ("stderr", "b\n")], outputs[0]
    assert outputs[1][0].data["text/plain"] == "two", outputs[1]
    assert outputs[2][-1].data["text/plain"] == "3" and outputs[2][-1].execution_count == 3
    assert outputs[3][0].ename == "Failed" and outputs[3][0].traceback == ["Failed: it"]
    assert outputs[4][0].text == "".join(f"{i}\n" for i in range(1000)) and len(outputs[4]) == 1
    assert [o.get("text") for o in outputs[5]] == ["new\n"], outputs[5]
    times = nb.cells[6].metadata.execution
    assert "." in times["iopub.execute_input"] and times["iopub.status.busy"] < times["shell.execute_reply"] <= times["iopub.status.idle"]
    nb.cells[3].metadata["tags"] = []
    try:
        NotebookClient(nb, kernel_name=name, timeout=30).execute()
    except CellExecutionError as err:
        assert err.ename == "Failed"
    else:
        raise AssertionError("an error was not noticed")


def suite():
    """jupyter_kernel_test: its whole suite, and every message through its schema."""
    import jupyter_kernel_test as jkt

    install()

    class Kernel(jkt.KernelTests):
        kernel_name = "commands"
        language_name = "go"
        file_extension = ".go"
        code_hello_world = "print hello, world"
        code_stderr = "err oops"
        completion_samples = [{"text": "pri", "matches": {"print"}}, {"text": "zzz", "matches": set()}]
        complete_code_samples = ["print x"]
        incomplete_code_samples = ["for {"]
        invalid_code_samples = ["what?"]
        code_page_something = "page help"
        code_generate_error = "fail x"
        code_execute_result = [{"code": "value 3", "result": "3"}]
        code_display_data = [{"code": "picture", "mime": "image/png"}, {"code": "picture", "mime": "image/svg+xml"}]
        code_history_pattern = "val*"
        supported_history_operations = ("tail", "range", "search")
        code_inspect_sample = "print"
        code_clear_output = "clear"

    class Welcome(jkt.IopubWelcomeTests):
        kernel_name = "commands"
        support_iopub_welcome = True

    load = unittest.defaultTestLoader.loadTestsFromTestCase
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.TestSuite([load(Kernel), load(Welcome)]))
    assert result.wasSuccessful() and not result.skipped


def measure():
    """Figures: a trivial cell, 100,000 lines, 400,000 messages to a slow subscriber."""
    from jupyter_client.manager import start_new_kernel

    km, kc = start_new_kernel(kernel_name=install())
    times = []
    for _ in range(3000):
        begin = time.perf_counter()
        kc.execute("value 1")
        kc.get_shell_msg(timeout=10)
        while kc.get_iopub_msg(timeout=10)["content"].get("execution_state") != "idle":
            pass
        times.append(1e3 * (time.perf_counter() - begin))
    times.sort()
    print(f"trivial cell: median {statistics.median(times):.2f} ms, p99 {times[int(0.99 * len(times))]:.2f} ms")
    begin = time.perf_counter()
    out = gather(kc, "lines 100000")[1]
    text = "".join(m["content"].get("text", "") for m in out)
    print(f"100,000 lines: {time.perf_counter() - begin:.3f} s, {len(out)} messages, {text.count(chr(10))} lines")

    slow = zmq.Context().socket(zmq.SUB)
    slow.rcvhwm = 100
    slow.subscribe(b"")
    slow.connect(f"tcp://{km.ip}:{km.iopub_port}")
    time.sleep(0.2)
    kc.iopub_channel.stop()
    begin = time.perf_counter()
    kc.execute("displays 400000")
    seen, nexts, kinds = 0, 0, {}
    while True:
        frames = slow.recv_multipart()
        seen += 1
        until = time.perf_counter() + 50e-6
        while time.perf_counter() < until:
            pass
        kind = frames[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind == b"display_data":
            assert json.loads(frames[6])["data"]["text/plain"] == str(nexts)
            nexts += 1
        if b'"idle"' in frames[6] and nexts:
            break
    print(f"400,000 displays to a subscriber that takes 50 µs for each: {nexts} came in order, then idle; {time.perf_counter() - begin:.1f} s")
    km.shutdown_kernel(now=True)


globals()[part]()
print("ok", part)
