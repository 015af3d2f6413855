"""The measuring agent of "vidur profile run". It needs Python 3.8 and PyTorch 1.13, or later ones, and nothing else.

It reads a plan, one JSON document, from standard input or --plan FILE, measures its points in their order, and writes a
JSON object a line to standard output: {"hello": {...}}, one for each point as it is done, {"bye": true}. Standard error
is a log. Times are ms. Collectives need a process per device: the same file under torch.distributed.run, where rank 0
reports. The operators are in agent_kernels.py, beside it.

How a time is measured. After warm-up runs, each run stands between two CUDA events; the device sleeps while the host
enqueues a batch of them, so that the time to launch a kernel is not in its time. On a CPU the clock is perf_counter.
--cache cold writes a buffer larger than the last-level cache before every run; warm repeats on the same tensors, whose
weights and keys then may come from that cache. Tensors hold random numbers: zeros let a GPU clock higher.

Kernels of vLLM, FlashInfer and flash-attn are used where they can be imported and, on a small case at the start, give
what PyTorch gives. Each point says which kernel ran for each operator.
"""
import argparse, ctypes, datetime, json, math, os, platform, random, statistics, sys, time
from types import SimpleNamespace as Case

OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is log, not protocol

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch
import torch.nn.functional as F
from agent_kernels import LIBRARIES, act_case, attention_case, choose, norm_case, rope_case, save_case, shard

LEAST, LIMIT = 5, 2.0  # runs of an operator: at least so many, no more after so many seconds
AHEAD = 10  # runs that the host enqueues while the device sleeps
SLEEP = 4_000_000  # cycles: 2 to 3 ms
ALIGN = 256  # values that weights begin at multiples of, as in allocations of their own: cuBLAS chooses kernels by alignment


def say(line):
    """Writes a line of the protocol. Without a reader there is nothing left to do."""
    try:
        OUT.write(json.dumps(line, allow_nan=False) + "\n")
        OUT.flush()
    except BrokenPipeError:
        os._exit(1)


class Bench:
    """A device, and how times are taken on it."""

    def __init__(self, args, plan):
        self.cuda, self.cold, self.seed = args.device == "cuda", args.cache == "cold", plan.get("seed", 0)
        if self.cuda and not torch.cuda.is_available():
            sys.exit("PyTorch %s sees no CUDA device: --device cpu measures the CPU" % torch.__version__)
        self.repeat, self.warm_up = args.repeat or plan.get("repeat") or 20, plan.get("warm_up") or 3
        index = int(os.environ.get("LOCAL_RANK", 0))
        self.device = torch.device("cuda", index) if self.cuda else torch.device("cpu")
        if self.cuda:
            torch.cuda.set_device(index)
        self.dtype = getattr(torch, args.dtype or (plan.get("dtype", "bfloat16") if self.cuda else "float32"))
        self.l2 = last_level_cache(self)
        self.flush = torch.empty(2 * (self.l2 or 128 << 20), dtype=torch.int8, device=self.device) if self.cold else None
        self.gen, self.pool = torch.Generator(self.device).manual_seed(self.seed), None
        self.kernels, self.refused = {}, {}

    def rand(self, *shape, dtype=None):
        return torch.randn(shape, generator=self.gen, device=self.device, dtype=dtype or self.dtype)

    def ints(self, high, *shape):
        return torch.randint(high, shape, generator=self.gen, device=self.device)

    def sync(self):
        if self.cuda:
            torch.cuda.synchronize()

    def survive(self):
        """Ends the process if the device is of no more use to it, as after an illegal access: another one goes on."""
        try:
            self.sync()
        except Exception as e:
            sys.exit(said(e))

    def time(self, run, fixed=False, begin=lambda: None):
        """Times of run in ms, as the protocol has them. fixed does all runs, however long they take, and begin comes
        before each batch of them: the ranks of a collective must do the same."""
        for _ in range(self.warm_up):
            run()
        ms, begun = [], time.perf_counter()
        while len(ms) < self.repeat and (fixed or len(ms) < LEAST or time.perf_counter() - begun < LIMIT):
            self.sync()
            begin()
            ms += self.on_gpu(run, min(AHEAD, self.repeat - len(ms))) if self.cuda else [self.wall_once(run)]
        return summary(ms)

    def on_gpu(self, run, n):
        torch.cuda._sleep(SLEEP)
        pairs = []
        for _ in range(n):
            if self.cold:
                self.flush.fill_(1)
            pair = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
            pair[0].record()
            run()
            pair[1].record()
            pairs.append(pair)
        torch.cuda.synchronize()
        return [a.elapsed_time(b) for a, b in pairs]

    def wall_once(self, run):
        if self.cold:
            self.flush.fill_(1)
            self.sync()
        begun = time.perf_counter()
        run()
        self.sync()
        return (time.perf_counter() - begun) * 1e3

    def wall(self, run):
        """As time, by the host's clock: for what the host does."""
        for _ in range(self.warm_up):
            run()
        return summary([self.wall_once(run) for _ in range(self.repeat)])

    def best(self, op, case):
        """The callable of the first kernel for op, and the kernel's name."""
        name, make = self.kernels[op][0]
        run = make(case)
        return run, getattr(case, "kernel", name)


def summary(ms):
    return {"min": min(ms), "max": max(ms), "mean": statistics.fmean(ms), "median": statistics.median(ms),
            "std": statistics.pstdev(ms), "n": len(ms)}


# Points, by kind.

def layer(b, m):
    """The weights of a layer's shard: parts of one pool, which all degrees of parallelism share, as a plan changes between them often."""
    qkv = (m.q + 2 * m.kv) * m.head
    shapes = {"qkv": (qkv, m.hidden), "bias": (qkv if m.bias else 0,), "out": (m.hidden, m.q * m.head),
              "up": (m.mlp * (2 if m.gated else 1), m.hidden), "down": (m.hidden, m.mlp), "vocab": (m.vocab, m.hidden)}
    sizes = {name: math.prod(shape) for name, shape in shapes.items()}
    room = sum(-(-n // ALIGN) * ALIGN for n in sizes.values())
    if b.pool is None or b.pool.numel() < room:
        b.pool = None
        b.pool = b.rand(room)
    w, at = Case(), 0
    for name, shape in shapes.items():
        setattr(w, name, b.pool[at:at + sizes[name]].view(shape) if sizes[name] else None)
        at += -(-sizes[name] // ALIGN) * ALIGN
    return w


def token(b, m, p):
    n, w = p["tokens"], layer(b, m)

    def gemm(weight, bias=None):
        x = b.rand(n, weight.shape[1])
        return lambda: F.linear(x, weight, bias)

    def embed():
        ids = b.ints(m.all, n)
        if m.tp == 1:
            return lambda: F.embedding(ids, w.vocab)

        def run():  # of the part of the vocabulary that this rank has
            away = ids >= m.vocab
            return F.embedding(ids.masked_fill(away, 0), w.vocab).masked_fill_(away[:, None], 0)
        return run

    def add():
        x, y, z = b.rand(n, m.hidden), b.rand(n, m.hidden), b.rand(n, m.hidden)
        return (lambda: x + y + z) if m.parallel else (lambda: x + y)
    gemms = {"attn_pre_proj": (w.qkv, w.bias), "attn_post_proj": (w.out,), "mlp_up_proj": (w.up,), "mlp_down_proj": (w.down,), "lm_head": (w.vocab,)}
    for op, weight in gemms.items():
        yield op, gemm(*weight), "torch linear"
    yield "emb", embed(), "torch embedding"
    yield ("attn_rope", *b.best("attn_rope", rope_case(b, m, n)))
    yield ("mlp_act", *b.best("mlp_act", act_case(b, m, n)))
    fused = b.kernels["fused_norm"][0][0] != "torch"
    for op in ["input_layernorm"] + ["post_attention_layernorm"] * (not m.parallel):
        run, kernel = b.best("fused_norm" if fused else "norm", norm_case(b, m, n))
        yield op, run, kernel + ", residual add in it" if fused else kernel
    if not fused:
        yield "add", add(), "torch add"


def attention(b, m, p):
    new, batch, cached = p.get("chunk", 1), p.get("batch", 1), p.get("cached", 0)
    op = "attn_" + p["kind"]
    yield (op, *b.best(op, attention_case(b, m, batch, new, cached)))
    yield ("attn_kv_cache_save", *b.best("attn_kv_cache_save", save_case(b, m, batch * new)))


def host(b, m, p):
    """What the host does for a batch, as far as it can be done without a serving engine."""
    n, logits = p["batch"], b.rand(p["batch"], m.all)
    heat = torch.full((n, 1), 0.8, device=b.device)

    def sample():
        return torch.multinomial(torch.softmax(logits.float() / heat, -1), 1).flatten().tolist()
    rng = random.Random(b.seed)
    lengths = [rng.randrange(1, 2048) for _ in range(n)]
    tables = [[rng.randrange(1 << 16) for _ in range(-(-l // m.block))] for l in lengths]

    def prepare():
        ids, places = [l % m.all for l in lengths], [l - 1 for l in lengths]
        slots = [t[p // m.block] * m.block + p % m.block for t, p in zip(tables, places)]
        widest = max(map(len, tables))
        rows = [t + [0] * (widest - len(t)) for t in tables]
        return [torch.tensor(x, device=b.device) for x in (ids, places, slots, lengths, rows)]
    return {"sampler_e2e": (sample, "torch softmax, multinomial, to host"), "prepare_inputs_e2e": (prepare, "Python lists to device tensors")}


def collective(b, p):
    import torch.distributed as dist
    rank, workers = dist.get_rank(), p["workers"]
    count = max(1, p["bytes"] // torch.empty(0, dtype=b.dtype).element_size())
    x = torch.zeros(count, dtype=b.dtype, device=b.device)

    def there_and_back():
        for sender in (0, 1):
            (dist.send if rank == sender else dist.recv)(x, 1 - rank)
    if p["kind"] == "all_reduce":
        run = lambda: dist.all_reduce(x)
    elif p["kind"] == "send_recv":
        run = there_and_back
    else:
        part = x[: max(1, count // workers)].clone()
        whole = part.repeat(workers)
        if b.cuda and hasattr(dist, "all_gather_into_tensor"):  # as engines do: a list of tensors is a copy more
            run = lambda: dist.all_gather_into_tensor(whole, part)
        else:
            parts = list(whole.chunk(workers))
            run = lambda: dist.all_gather(parts, part)
    stats = b.time(run, fixed=True, begin=dist.barrier)
    if p["kind"] == "send_recv":  # the time of one way
        stats = {k: v if k == "n" else v / 2 for k, v in stats.items()}
    return stats


def measure(b, plan, p, nvml):
    """The line of a point."""
    begun, line = time.perf_counter(), {"point": p["id"], "status": "ok", "cache": "cold" if b.cold else "warm", "ops": {}, "kernels": {}}
    before = nvml.read()
    try:
        if p["kind"] in ("all_reduce", "all_gather", "send_recv"):
            line["ops"][p["kind"]] = collective(b, p)
            line["kernels"][p["kind"]] = "nccl" if b.cuda else "gloo"
        else:
            part(b, plan, p, line)
    except Exception as e:
        line.update(status="oom" if out_of_memory(e) else "error", note=said(e), ops={}, kernels={})
        if line["status"] == "error":
            b.survive()
    after = nvml.read()
    if before and after:
        line["clocks"] = {"sm_mhz_before": before[0], "sm_mhz_after": after[0], "temperature_c": after[1], "throttled": bool(after[2]), "reasons": after[2]}
    if line["status"] == "oom":
        b.pool = None
        if b.cuda:
            torch.cuda.empty_cache()
    line["seconds"] = round(time.perf_counter() - begun, 3)
    return line


def part(b, plan, p, line):
    need = p.get("memory", 0)
    if not b.cuda and need > memory()[1]:  # a host without memory ends processes instead of refusing
        raise MemoryError("the plan estimates %.1f GB, %.1f GB are free" % (need / 1e9, memory()[1] / 1e9))
    m = shard(plan["model"], p.get("tp", 1), plan["block_size"])
    with torch.inference_mode():
        if p["kind"] == "cpu":
            for op, (run, kernel) in host(b, m, p).items():
                line["ops"][op], line["kernels"][op] = b.wall(run), kernel
            return
        for op, run, kernel in (token if p["kind"] == "token" else attention)(b, m, p):
            line["ops"][op], line["kernels"][op] = b.time(run), kernel


def said(e):
    return ("%s: %s" % (type(e).__name__, e)).split("\n")[0][:300]


def out_of_memory(e):
    text = str(e).lower()
    return isinstance(e, MemoryError) or any(s in text for s in ("out of memory", "not enough memory", "can't allocate memory"))


# The machine.

class NVML:
    """Clocks, temperature and reasons to throttle, by the driver's library; nothing where there is none."""

    def __init__(self, b):
        self.handle, self.driver = None, ""
        try:
            self.lib = ctypes.CDLL("libnvidia-ml.so.1") if b.cuda else None
        except OSError:
            return
        if self.lib is None or self.lib.nvmlInit_v2() != 0:
            return
        text, handle = ctypes.create_string_buffer(96), ctypes.c_void_p()
        if self.lib.nvmlSystemGetDriverVersion(text, 96) == 0:
            self.driver = text.value.decode()
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0].strip()
        uuid = getattr(torch.cuda.get_device_properties(b.device), "uuid", None)  # CUDA counts devices in another order than NVML
        uuid = "GPU-%s" % uuid if uuid else visible if visible.startswith("GPU-") else ""
        if not uuid or self.lib.nvmlDeviceGetHandleByUUID(uuid.encode(), ctypes.byref(handle)):
            if self.lib.nvmlDeviceGetHandleByIndex_v2(int(visible) if visible.isdigit() else 0, ctypes.byref(handle)):
                return
        self.handle = handle

    def read(self):
        """SM clock in MHz, temperature in °C, bits of reasons without those of an idle GPU and of chosen clocks."""
        if self.handle is None:
            return None
        mhz, celsius, why = ctypes.c_uint(), ctypes.c_uint(), ctypes.c_ulonglong()
        self.lib.nvmlDeviceGetClockInfo(self.handle, 1, ctypes.byref(mhz))
        self.lib.nvmlDeviceGetTemperature(self.handle, 0, ctypes.byref(celsius))
        self.lib.nvmlDeviceGetCurrentClocksThrottleReasons(self.handle, ctypes.byref(why))
        return mhz.value, celsius.value, why.value & ~0x103


def memory():
    """Bytes of the host: all, and free."""
    try:
        rows = dict(line.split(":") for line in open("/proc/meminfo"))
        return tuple(int(rows[k].split()[0]) << 10 for k in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError):
        return 0, 1 << 62


def last_level_cache(b):
    """Bytes; 0 if not known."""
    if b.cuda:
        return getattr(torch.cuda.get_device_properties(b.device), "L2_cache_size", 0)
    for level in "32":
        try:
            text = open("/sys/devices/system/cpu/cpu0/cache/index%s/size" % level).read().strip()
            return int(text[:-1]) << {"K": 10, "M": 20}[text[-1]]
        except (OSError, KeyError, ValueError):
            pass
    return 0


def cpu_name():
    try:
        return next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def hello(b, args, nvml):
    h = {"protocol": 1, "kind": args.device, "name": cpu_name(), "count": 1, "memory_bytes": memory()[0], "units": torch.get_num_threads(),
         "l2_bytes": b.l2, "driver": nvml.driver, "cuda": "", "torch": torch.__version__, "python": platform.python_version(),
         "dtype": str(b.dtype).split(".")[1], "cache": args.cache, "flush_bytes": b.flush.numel() if b.cold else 0, "repeat": b.repeat, "warm_up": b.warm_up,
         "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
         "kernels": {op: [name for name, _ in found] for op, found in b.kernels.items()}, "refused": b.refused}
    if b.cuda:
        d = torch.cuda.get_device_properties(b.device)
        h.update(name=d.name, count=torch.cuda.device_count(), memory_bytes=d.total_memory, units=d.multi_processor_count, cuda=torch.version.cuda or torch.version.hip or "")
    return h


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    a.add_argument("--cache", choices=("warm", "cold"), default="warm")
    a.add_argument("--dtype", default="")
    a.add_argument("--repeat", type=int, default=0)
    a.add_argument("--kernels", default="auto", help="auto, torch, or libraries: " + ", ".join(LIBRARIES))
    a.add_argument("--plan", help="file of the plan; standard input without")
    args = a.parse_args()
    plan = json.load(open(args.plan) if args.plan else sys.stdin)
    rank, b = int(os.environ.get("RANK", 0)), Bench(args, plan)
    nvml = NVML(b)
    if "RANK" in os.environ:
        import torch.distributed as dist
        dist.init_process_group("nccl" if b.cuda else "gloo")
        points = [plan["points"]]
        dist.broadcast_object_list(points)  # all nodes do what the first has left to do
        plan["points"] = points[0]
    else:
        with torch.inference_mode():
            choose(b, plan, LIBRARIES if args.kernels == "auto" else args.kernels.split(","))
        for name in set(args.kernels.split(",")) - {"auto", "torch"}:
            if not any(name == found for kernels in b.kernels.values() for found, _ in kernels):
                sys.exit("no kernel of %s can be used: %s" % (name, "; ".join(sorted({v for k, v in b.refused.items() if k.startswith(name)})) or "it needs CUDA"))
    report = say if rank == 0 else lambda line: None
    report({"hello": hello(b, args, nvml)})
    if b.cuda:  # clocks rise before the first point
        x, until = b.rand(4096, 4096), time.perf_counter() + 0.5
        while time.perf_counter() < until:
            x @ x
            b.sync()
    for p in plan["points"]:
        report(measure(b, plan, p, nvml))
    report({"bye": True})


main()
