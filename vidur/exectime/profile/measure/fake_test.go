package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// fakeMode is the environment variable that says how this test program behaves
// as an agent.
const fakeMode = "VIDUR_FAKE_AGENT"

// runDir is the environment variable by which this test program is a run, into
// that folder.
const runDir = "VIDUR_TEST_RUN_DIR"

func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "--repeat") { // as an agent is started
		fake(os.Getenv(fakeMode))
		os.Exit(0)
	}
	if dir := os.Getenv(runDir); dir != "" {
		if _, err := Run(context.Background(), tiny(), Options{Dir: dir, Python: os.Args[0], Device: "cpu"}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakePlan is the plan that an agent is given, on standard input or in a file.
func fakePlan() *plan.Plan {
	in := os.Stdin
	if i := slices.Index(os.Args, "--plan"); i > 0 {
		in, _ = os.Open(os.Args[i+1])
	}
	p, err := plan.Read(in)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	return p
}

// fake answers as an agent does, with the faults that mode names, parted by
// blanks: "crash:ID" dies at a point, each time or, with "once", the first time.
func fake(mode string) {
	p := fakePlan()
	has := func(fault string) bool { return slices.Contains(strings.Fields(mode), fault) }
	if has("unborn") {
		fmt.Fprintln(os.Stderr, "ModuleNotFoundError: No module named 'torch'")
		os.Exit(1)
	}
	hello := Hello{Protocol: 1, Kind: "cpu", Name: "fake", Count: 2, Torch: "2.0", DType: "float32", Cache: "warm"}
	if has("newer") {
		hello.Torch = "2.1"
	}
	if has("mute") {
		time.Sleep(time.Hour)
	}
	say := func(v any) {
		text, _ := json.Marshal(v)
		if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
			os.Exit(1)
		}
	}
	say(map[string]any{"hello": hello})
	if has("garbage") {
		fmt.Printf("%s\nnull\n{}\n[1]\n{\"point\":3}\n\x00\xff\n%s\n", "warning: a library", strings.Repeat("x", 3*longest))
		say(map[string]any{"point": "token/tp9/n9", "status": "ok"})
		say(map[string]any{"hello": hello})
	}
	for i := range p.Points {
		fakePoint(&p.Points[i], p.Model.NoPostNorm, has, say)
	}
	if !has("rude") {
		say(map[string]bool{"bye": true})
	}
	if has("lingers") {
		time.Sleep(time.Hour)
	}
}

func fakePoint(q *plan.Point, parallel bool, has func(string) bool, say func(any)) {
	once := func() bool { // the fault is over when its mark is there
		mark := filepath.Join(os.Getenv("VIDUR_FAKE_MARKS"), strings.ReplaceAll(q.ID, "/", "_"))
		_, err := os.Stat(mark)
		_ = os.WriteFile(mark, nil, 0o666)
		return err != nil || !has("once")
	}
	r := fakeResult(q, parallel)
	switch {
	case has("crash:"+q.ID) && once():
		fmt.Printf(`{"point":%q,"status":"ok","ops":{`, q.ID) // torn
		os.Stdout.Sync()
		os.Exit(7)
	case has("hang:"+q.ID) && once():
		time.Sleep(time.Hour)
	case has("oom:" + q.ID):
		r = Result{Point: q.ID, Status: OOM, Note: "CUDA out of memory"}
	case has("silent:" + q.ID):
		return
	case has("nan:" + q.ID):
		fmt.Printf(`{"point":%q,"status":"ok","ops":{"emb":{"median":NaN}}}`+"\n", q.ID)
		return
	case has("negative:" + q.ID):
		for op, s := range r.Ops {
			s.Median, s.Min = -1, -1
			r.Ops[op] = s
		}
	case has("odd:" + q.ID):
		r.Status = "fine"
	case has("bare:" + q.ID):
		r.Ops = nil
	case has("slow"):
		time.Sleep(20 * time.Millisecond)
	}
	say(r)
	if has("twice") {
		r.Ops = nil
		say(r)
	}
}

// fakeResult has times that follow from the point.
func fakeResult(q *plan.Point, parallel bool) Result {
	r := Result{Point: q.ID, Status: OK, Cache: "warm", Ops: map[string]Stats{}, Kernels: map[string]string{}}
	work := float64(1 + q.Tokens + q.Batch*(1+q.Cached/16) + q.Chunk + int(q.Bytes>>10))
	rng := rand.New(rand.NewPCG(uint64(work), uint64(q.TP)))
	ops := required(q, parallel)
	if q.Kind == plan.Token {
		ops = append(ops, "add")
	}
	for _, op := range ops {
		ms := 0.01 + 0.001*work*(1+0.01*rng.Float64())
		r.Ops[op] = Stats{Min: 0.9 * ms, Max: 1.2 * ms, Mean: ms, Median: ms, Std: 0.01 * ms, N: 20}
		r.Kernels[op] = "fake"
	}
	return r
}
