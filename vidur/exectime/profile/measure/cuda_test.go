package measure

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// cudaShim is a sitecustomize.py that makes PyTorch on a CPU look like a GPU, so
// that the agent's code for one runs: events are the host's clock, and the
// driver's library answers as on an idle H200. VIDUR_SHIM_ERROR names a shape at
// which the device is lost, and VIDUR_SHIM_OOM one that does not fit.
const cudaShim = `
import collections, ctypes, os, time, types
import torch
import torch.nn.functional as F

real, calls = torch.device, collections.Counter()

class Kind(type):
    def __instancecheck__(cls, x):
        return isinstance(x, real)

class CPU(metaclass=Kind):
    type, index = "cuda", 0
    def __new__(cls, *args):
        return real("cpu")

class Event:
    def __init__(self, enable_timing):
        assert enable_timing
    def record(self):
        self.at = time.perf_counter()
        calls["asleep"] or lost("an event without the device asleep")
    def elapsed_time(self, later):
        calls["asleep"] == 0 or lost("events are read before the device has come to them")
        return max((later.at - self.at) * 1e3, 1e-6)

class LostError(RuntimeError):
    pass

def lost(why):
    raise LostError(why)

def sync(device=None):
    calls["asleep"] = 0
    calls["lost"] and lost("CUDA error: an illegal memory access was encountered")

def sleep(cycles):
    calls["asleep"] == 0 or lost("a batch begins before the last has ended")
    calls["asleep"] += 1

randn, linear = torch.randn, F.linear
def small(shape, **how):  # what only raises the clocks of a GPU takes a CPU long
    return randn((8, 8) if shape == (4096, 4096) else shape, **how)
def checked(x, weight, bias=None):
    shape = "%dx%d" % (x.shape[0], weight.shape[0])
    if shape == os.environ.get("VIDUR_SHIM_OOM"):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    if shape == os.environ.get("VIDUR_SHIM_ERROR"):
        calls["lost"] += 1
    return linear(x, weight, bias)

F.linear, torch.randn, torch.device, torch.Tensor.is_cuda = checked, small, CPU, property(lambda self: True)
real_props = types.SimpleNamespace(name="Fake H200", total_memory=150 << 30, multi_processor_count=132, L2_cache_size=1 << 20, uuid="12345678-aaaa")
vars(torch.cuda).update(
    is_available=lambda: True, set_device=lambda d: None, synchronize=sync, _sleep=sleep, Event=Event, empty_cache=lambda: None, device_count=lambda: 1,
    get_device_properties=lambda d: real_props, get_device_capability=lambda d=None: (9, 0))

class NVML:
    def nvmlInit_v2(self): return 0
    def nvmlSystemGetDriverVersion(self, text, n):
        text.value = b"575.1"
        return 0
    def nvmlDeviceGetHandleByUUID(self, uuid, handle): return 0 if uuid == b"GPU-12345678-aaaa" else 6
    def nvmlDeviceGetHandleByIndex_v2(self, i, handle): return 6
    def nvmlDeviceGetClockInfo(self, handle, kind, mhz): mhz._obj.value = 1980; return 0
    def nvmlDeviceGetTemperature(self, handle, kind, c): c._obj.value = 41; return 0
    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle, why): why._obj.value = 0x105; return 0
dll = ctypes.CDLL
ctypes.CDLL = lambda name, *a, **k: NVML() if name == "libnvidia-ml.so.1" else dll(name, *a, **k)
`

// onFakeCUDA are options by which the real agent measures a GPU that is none.
func onFakeCUDA(t *testing.T) Options {
	t.Helper()
	python, dir := torchPython(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte(cudaShim), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", dir)
	t.Setenv("OMP_NUM_THREADS", "1")
	return Options{Dir: filepath.Join(t.TempDir(), "out"), Python: python, DType: "float32", Repeat: 12}
}

// The code for GPUs runs: a device that sleeps while the host runs ahead, a flush
// before each run, clocks, a point that does not fit.
func TestFakeCUDA(t *testing.T) {
	o := onFakeCUDA(t)
	o.Cache = "cold"
	t.Setenv("VIDUR_SHIM_OOM", "32x64") // the down projection of 32 tokens
	m := mustRun(t, o)
	// One device: collectives are skipped. At 32 tokens, both TPs do not fit.
	if c := m.Total(); c.OK != 4*2*7-2 || c.OOM != 2 || c.Failed > 0 || c.Left > 0 {
		t.Errorf("%+v %+v", c, m.Without)
	}
	if h := m.Hello; h.Kind != "cuda" || h.Name != "Fake H200" || h.Driver != "575.1" || h.FlushBytes != 2<<20 || h.Units != 132 || h.DType != "float32" {
		t.Errorf("%+v", h)
	}
	if c := m.Clocks; c == nil || c.SMMHzMin != 1980 || c.TemperatureMax != 41 || c.ThrottledPoints != 54+2 {
		t.Errorf("%+v", c)
	}
	for op, kernels := range m.Kernels {
		for name := range kernels {
			if !strings.HasPrefix(name, "torch") && op != "prepare_inputs_e2e" {
				t.Errorf("%s by %s", op, name)
			}
		}
	}
	if r := m.Without; len(r) == 0 || !strings.Contains(r[len(r)-1].Note, "out of memory") {
		t.Errorf("%+v", r)
	}
}

// After an error that the device does not get over, another agent measures the
// rest: one point fails, not all that follow.
func TestLostDevice(t *testing.T) {
	o := onFakeCUDA(t)
	t.Setenv("VIDUR_SHIM_ERROR", "16x50") // the LM head of 16 tokens at TP 2
	const id = "token/tp2/n16"
	p := tiny()
	p.Points = slices.DeleteFunc(p.Points, func(q plan.Point) bool { return q.TP != 2 || q.Kind == plan.Decode || q.Kind == plan.CPU })
	m, err := Run(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Without) != 1 || m.Without[0].Point != id || !strings.Contains(m.Without[0].Note, "illegal memory access") || m.Sessions != 2 || m.Total().OK != 13 {
		t.Errorf("%+v of %d sessions: %+v", m.Total(), m.Sessions, m.Without)
	}
}
