package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// tiny is a plan of a few points of each kind.
func tiny() *plan.Plan {
	p := &plan.Plan{Version: plan.Version, ModelName: "maker/tiny", Device: "chip", Node: "chip_node", BlockSize: 16, DType: "bfloat16", WarmUp: 3, Repeat: 10,
		Model: plan.Shape{Layers: 2, Hidden: 64, MLPHidden: 128, QHeads: 4, KVHeads: 2, HeadDim: 16, Vocab: 100, Gated: true}}
	add := func(q plan.Point) { p.Points = append(p.Points, q) }
	for tp := 1; tp <= 2; tp++ {
		for n := 1; n <= 64; n *= 2 {
			add(plan.Point{ID: fmt.Sprintf("token/tp%d/n%d", tp, n), Kind: plan.Token, TP: tp, Tokens: n})
			add(plan.Point{ID: fmt.Sprintf("attention/tp%d/b1/c%d/kv0", tp, n), Kind: plan.Prefill, TP: tp, Batch: 1, Chunk: n})
			add(plan.Point{ID: fmt.Sprintf("decode/tp%d/b%d/kv64", tp, n), Kind: plan.Decode, TP: tp, Batch: n, Cached: 64})
			add(plan.Point{ID: fmt.Sprintf("cpu/tp%d/b%d", tp, n), Kind: plan.CPU, TP: tp, Batch: n})
		}
	}
	for b := int64(1 << 10); b <= 1<<14; b *= 2 {
		add(plan.Point{ID: fmt.Sprintf("all_reduce/w2/p2/b%d", b), Kind: plan.AllReduce, Workers: 2, PerNode: 2, Bytes: b})
		add(plan.Point{ID: fmt.Sprintf("send_recv/w2/p2/b%d", b), Kind: plan.SendRecv, Workers: 2, PerNode: 2, Bytes: b})
		add(plan.Point{ID: fmt.Sprintf("send_recv/w2/p1/b%d", b), Kind: plan.SendRecv, Workers: 2, PerNode: 1, Bytes: b})
	}
	return p
}

const between = 5 // points of tiny that need two nodes

// options run the fake agent, with faults.
func options(t *testing.T, mode string) Options {
	t.Helper()
	t.Setenv(fakeMode, mode+" fake")
	t.Setenv("VIDUR_FAKE_MARKS", t.TempDir())
	return Options{Dir: filepath.Join(t.TempDir(), "out"), Python: os.Args[0], Device: "cpu", Timeout: 20 * time.Second}
}

func mustRun(t *testing.T, o Options) *Manifest {
	t.Helper()
	m, err := Run(t.Context(), tiny(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tables are the profiles of a folder, by path.
func tables(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"profiling/*/*/*.csv", "profiling/*/*/*/*/*.csv"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(name, dir)] = string(text)
		}
	}
	return out
}

func TestRun(t *testing.T) {
	o := options(t, "")
	var hello *Hello
	calls := 0
	o.Started = func(h *Hello, before, now int) { hello = h }
	last := 0
	o.Progress = func(p Progress) { calls, last = calls+1, p.Done }
	m := mustRun(t, o)
	all := len(tiny().Points)
	if c := m.Total(); c != (Counts{OK: all - between, Skipped: between}) || hello == nil || calls != all || last != all-between {
		t.Errorf("%+v of %d; %d calls", c, all, calls)
	}
	if m.Files["profiling/compute/chip/maker/tiny/mlp.csv"] != 14 || m.Files["profiling/compute/chip/maker/tiny/attention.csv"] != 28 || len(m.Files) != 5 {
		t.Errorf("files %v", m.Files)
	}
	if m.Kernels["attn_decode"]["fake"] != 14 || m.Mixed != "" || len(m.PlanHash) != 64 {
		t.Errorf("%+v", m)
	}
	report, err := profile.Check(o.Dir, catalog.Default())
	if err != nil || report.Count(profile.Error) > 0 {
		t.Error(report, err)
	}
	read(t, o.Dir)
	again := mustRun(t, o) // nothing is left but what needs two nodes
	if again.Sessions != m.Sessions || again.Total() != m.Total() {
		t.Errorf("the second run measured again: %+v", again.Total())
	}
	if got, err := ReadManifest(o.Dir); err != nil || got.Total() != m.Total() {
		t.Error(got, err)
	}
}

// read reads what was measured as a simulation does.
func read(t *testing.T, dir string) {
	t.Helper()
	spec := vidur.ReplicaSpec{Model: tiny().ModelSpec(), Device: vidur.Device{Name: "chip"}, Node: vidur.Node{Name: "chip_node", Devices: 2}, TP: 2, PP: 2}
	set, err := profile.Read(dir, spec, profile.Options{Strict: true, Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	for op, want := range map[vidur.Op]int{vidur.OpMLPUp: 7, vidur.OpAttnDecode: 7, vidur.OpAttnPrefill: 7, vidur.OpKVSave: 14, vidur.OpAllReduce: 5, vidur.OpSampler: 7} {
		if s := set.Ops[op]; s == nil || len(s.Y) != want {
			t.Errorf("%v: %+v; %d rows are due; %q", op, s, want, set.Notes)
		}
	}
}

// Each fault costs the point that it is at, and no other.
func TestFaults(t *testing.T) {
	const id = "decode/tp1/b4/kv64"
	for mode, want := range map[string]struct {
		status Status
		note   string
	}{
		"oom:" + id:           {OOM, "out of memory"},
		"crash:" + id:         {Failed, "exit status 7"},
		"silent:" + id:        {Failed, "without it"},
		"nan:" + id:           {Failed, "without it"},
		"negative:" + id:      {Failed, "is no time"},
		"odd:" + id:           {Failed, `status "fine"`},
		"bare:" + id:          {Failed, "no time of attn_decode"},
		"rude silent:" + id:   {Failed, "ended before"},
		"garbage twice":       {},
		"rude":                {},
		"lingers":             {},
		"crash:" + id + " x":  {Failed, "agent"},
		"garbage crash:" + id: {Failed, "exit status 7"},
	} {
		t.Run(mode, func(t *testing.T) {
			if mode == "lingers" && testing.Short() {
				t.Skip("it waits for an agent that does not end")
			}
			m := mustRun(t, options(t, mode))
			bad := slices.DeleteFunc(m.Without, func(r Result) bool { return r.Status == Skipped })
			if want.status == "" {
				if len(bad) > 0 {
					t.Errorf("%+v", bad)
				}
				return
			}
			if len(bad) != 1 || bad[0].Point != id || bad[0].Status != want.status || !strings.Contains(bad[0].Note, want.note) {
				t.Errorf("%+v; due is %+v of %s", bad, want, id)
			}
		})
	}
}

func TestHang(t *testing.T) {
	const id = "token/tp1/n2"
	o := options(t, "hang:"+id)
	o.Timeout = 700 * time.Millisecond
	m := mustRun(t, o)
	if len(m.Without) != 1+between || !slices.ContainsFunc(m.Without, func(r Result) bool { return r.Point == id && strings.Contains(r.Note, "in time") }) {
		t.Errorf("%+v", m.Without)
	}
	o = options(t, "mute")
	o.Start = 300 * time.Millisecond
	var start *StartError
	if _, err := Run(t.Context(), tiny(), o); !errors.As(err, &start) {
		t.Error(err)
	}
}

// An agent that dies at everything is given up after a few, and the next run
// goes on: it tries what failed again.
func TestRestarts(t *testing.T) {
	all := ""
	for _, q := range tiny().Points {
		all += " crash:" + q.ID
	}
	o := options(t, all)
	o.Restarts = 2
	m, err := Run(t.Context(), tiny(), o)
	if err == nil || !strings.Contains(err.Error(), "given up") || m.Total().Failed != 3 || m.Total().OK != 0 {
		t.Fatal(m.Total(), err)
	}
	t.Setenv(fakeMode, all+" once")
	o.Restarts = 1000
	if m, err = Run(t.Context(), tiny(), o); err != nil {
		t.Fatal(err)
	}
	if c := m.Total(); c.OK != 3 { // of the first three the fault is over, the others fail once
		t.Errorf("%+v", c)
	}
	if m = mustRun(t, o); m.Total().OK != len(tiny().Points)-between {
		t.Errorf("%+v", m.Total())
	}
}

func TestNoTorch(t *testing.T) {
	o := options(t, "unborn")
	var start *StartError
	if m, err := Run(t.Context(), tiny(), o); !errors.As(err, &start) || !strings.Contains(err.Error(), "No module named 'torch'") || m != nil {
		t.Error(m, err)
	}
	o.Python = filepath.Join(o.Dir, "no python")
	if _, err := Run(t.Context(), tiny(), o); !errors.As(err, &start) || !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// Other software or another model: refused, before anything is written.
func TestOtherMachine(t *testing.T) {
	o := options(t, "oom:token/tp1/n1")
	mustRun(t, o)
	before, _ := os.ReadFile(filepath.Join(o.Dir, "measurements.jsonl"))
	p := tiny()
	p.Points = append(p.Points, plan.Point{ID: "token/tp1/n100", Kind: plan.Token, TP: 1, Tokens: 100})
	t.Setenv(fakeMode, "newer")
	var differs *DiffersError
	if _, err := Run(t.Context(), p, o); !errors.As(err, &differs) || !strings.Contains(err.Error(), "PyTorch was 2.0 and is 2.1") {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(filepath.Join(o.Dir, "measurements.jsonl")); !bytes.Equal(before, after[:min(len(before), len(after))]) {
		t.Error("the refused run wrote")
	}
	o.Force = true
	m, err := Run(t.Context(), p, o)
	if err != nil || m.Mixed == "" || m.Total().OOM != 1 {
		t.Error(m, err)
	}
	p.Model.Hidden *= 2
	p.Points = append(p.Points, plan.Point{ID: "token/tp1/n200", Kind: plan.Token, TP: 1, Tokens: 200})
	if _, err := Run(t.Context(), p, o); !errors.As(err, &differs) {
		t.Error(err)
	}
}

// A run that is interrupted again and again ends with the tables of one that was
// not, and nothing is measured twice.
func TestInterrupt(t *testing.T) {
	whole := options(t, "")
	mustRun(t, whole)
	o := options(t, "slow")
	for i := 0; ; i++ {
		ctx, cancel := context.WithCancel(t.Context())
		left := 7 // points until it is interrupted
		o.Progress = func(Progress) {
			if left--; left == 0 {
				cancel()
			}
		}
		m, err := Run(ctx, tiny(), o)
		cancel()
		if err == nil && i > 0 {
			t.Logf("%d interruptions", i)
			break
		}
		if !errors.Is(err, context.Canceled) || m == nil || !m.Interrupted || m.Total().Failed > 0 || i > 100 {
			t.Fatal(m, err)
		}
	}
	if a, b := tables(t, whole.Dir), tables(t, o.Dir); !equal(a, b) {
		t.Error("the tables differ")
	}
	once(t, o.Dir)
}

func equal(a, b map[string]string) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return len(a) > 0 && bytes.Equal(x, y)
}

// once checks that no point has two times in a journal.
func once(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "measurements.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(text) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Result == nil || e.Status != OK {
			continue
		}
		if seen[e.Point] {
			t.Errorf("%s was measured twice", e.Point)
		}
		seen[e.Point] = true
	}
}

// A torn last line costs its point; a broken one in the middle is an error; a
// journal in use is refused.
func TestJournal(t *testing.T) {
	o := options(t, "")
	mustRun(t, o)
	name := filepath.Join(o.Dir, "measurements.jsonl")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := tables(t, o.Dir)
	for cut := len(whole) - 1; cut > len(whole)-3000; cut -= 211 {
		if err := os.WriteFile(name, whole[:cut], 0o666); err != nil {
			t.Fatal(err)
		}
		if mustRun(t, o); !equal(tables(t, o.Dir), want) {
			t.Fatalf("cut at %d of %d: other tables", cut, len(whole))
		}
	}
	for _, bad := range []string{"x\n", "{}\n", "{\"point\":\"a\"}\n"} {
		if err := os.WriteFile(name, append([]byte(bad), whole...), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), tiny(), o); err == nil || !strings.Contains(err.Error(), "line 1 ") {
			t.Error(bad, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.WriteFile(name, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if _, err := Run(t.Context(), tiny(), o); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Error(err)
	}
}

func TestBadOptions(t *testing.T) {
	for name, change := range map[string]func(*Options, *plan.Plan){
		"no folder": func(o *Options, p *plan.Plan) { o.Dir = "" },
		"device":    func(o *Options, p *plan.Plan) { o.Device = "tpu" },
		"cache":     func(o *Options, p *plan.Plan) { o.Cache = "hot" },
		"repeat":    func(o *Options, p *plan.Plan) { o.Repeat = -1 },
		"endpoint":  func(o *Options, p *plan.Plan) { o.Nodes = 2 },
		"rank":      func(o *Options, p *plan.Plan) { o.NodeRank = 1 },
		"escape":    func(o *Options, p *plan.Plan) { p.ModelName = "../../x" },
		"rooted":    func(o *Options, p *plan.Plan) { p.Device = "/x" },
	} {
		t.Run(name, func(t *testing.T) {
			o, p := options(t, ""), tiny()
			change(&o, p)
			if m, err := Run(t.Context(), p, o); err == nil {
				t.Error(m)
			}
		})
	}
}
