"""Commands of cells through jupyter_client, of the kernel "vidur" that is installed."""

from jupyter_client.manager import start_new_kernel

km, kc = start_new_kernel(startup_timeout=20, kernel_name="vidur")


def run(code):
    """Runs a cell: its reply and its outputs as text."""
    out = []
    reply = kc.execute_interactive(code, timeout=60, output_hook=out.append)["content"]
    shown = [m["content"] for m in out if m["msg_type"] not in ("status", "execute_input")]
    return reply, [c.get("text") or c.get("data", {}).get("text/plain", "") for c in shown]


try:
    reply, out = run("x := 1\n\nfunc f() int { return x }")
    assert reply["status"] == "ok", reply
    reply, out = run("?strings.ToUpper")
    assert out[0].startswith("func strings.ToUpper"), out
    reply, out = run("%time f()")
    assert out[0].startswith("wall ") and out[1] == "1", out
    reply, out = run("//vidur:whos\n")
    assert "In[1]:1" in out[0], out
    reply, out = run("%tme f()")
    assert reply["ename"] == "syntax error" and "near: time" in reply["evalue"], reply

    done = kc.complete("%ti", 3, reply=True, timeout=10)["content"]
    assert done["matches"] == ["%time"] and (done["cursor_start"], done["cursor_end"]) == (0, 3), done
    done = kc.complete("%env A=é\n%time strings.ToUpp", 29, reply=True, timeout=10)["content"]
    assert done["matches"] == ["ToUpper", "ToUpperSpecial"] and done["cursor_start"] == 23, done
    seen = kc.inspect("%time x", 7, reply=True, timeout=10)["content"]
    assert seen["found"] and "var x int" in seen["data"]["text/plain"], seen
    for code, status in (("%%time\nx", "incomplete"), ("%%time\nx\n", "complete"), ("%whos", "complete")):
        kc.is_complete(code)
        assert kc.get_shell_msg(timeout=10)["content"]["status"] == status, code

    count = run("x")[0]["execution_count"]
    reply, out = run("%reset\ny := 2\ny")
    assert "reset" in out[0] and out[1] == "2" and reply["execution_count"] == count + 1, (reply, out)
    assert run("x")[0]["ename"] == "compile error"
finally:
    kc.stop_channels()
    km.shutdown_kernel(now=True)
