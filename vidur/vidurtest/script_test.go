package vidurtest_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts print into their files")

// builtin makes the schedulers of package sched for scripts.
func builtin(name string, a *vidurtest.Args) (vidurtest.NewScheduler, error) {
	c := sched.Common{MaxBatch: a.Int("max-batch", 0), Watermark: a.Float("watermark", -1)}
	switch name {
	case "vllm":
		return sched.VLLM{Common: c, MaxTokens: a.Int("batch-tokens", 0)}.New, nil
	case "sarathi":
		return sched.Sarathi{Common: c, Chunk: a.Int("chunk", 0), RestartAtDone: a.Bool("restart-at-done", false)}.New, nil
	case "lightllm":
		return sched.LightLLM{Common: c, MaxTokens: a.Int("batch-tokens", 0), MaxWaits: a.Int("waits", 0)}.New, nil
	case "orca":
		return sched.Orca{Reserve: sched.Reserve{MaxBatch: c.MaxBatch}}.New, nil
	case "faster-transformer":
		return sched.FasterTransformer{Reserve: sched.Reserve{MaxBatch: c.MaxBatch}, Leak: a.Bool("leak", false)}.New, nil
	}
	return nil, fmt.Errorf("no scheduler %q", name)
}

func TestScripts(t *testing.T) { vidurtest.Scripts(t, "testdata/*.txt", builtin, *rewrite) }

func TestScriptErrors(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"dance\n", `unknown command "dance"`},
		{"replica blocks=x\n", "blocks: strconv"},
		{"replica colour=red\n", "unknown colour"},
		{"replica blocks=1 blocks=2\n", "twice"},
		{"scheduler mine\n", `no scheduler "mine"`},
		{"scheduler vllm cap=1\n", "unknown cap"},
		{"arrive\n0 x 1\n", "is not time, prompt, answer"},
		{"run\n", "no Replicas"},
		{"replica\nrun\n", "no NewScheduler"},
		{"replica\nscheduler vllm\nrun\narrive\n0 1 1\n", "the run has begun"},
	} {
		if got := vidurtest.RunScript(c.script, builtin); !strings.Contains(got, "error: ") || !strings.Contains(got, c.want) {
			t.Errorf("%q gives %q, want %q", c.script, got, c.want)
		}
	}
}

func TestScriptIsAFixedPoint(t *testing.T) {
	newMine := func(string, *vidurtest.Args) (vidurtest.NewScheduler, error) {
		return func(*vidur.Replica) (vidur.Scheduler, error) {
			return vidur.SchedulerFunc(func(rep *vidur.Replica, b *vidur.Batch) {}), nil
		}, nil
	}
	once := vidurtest.RunScript("replica\nscheduler mine\narrive\n0 1 1\n\nrun\nshow", newMine)
	if twice := vidurtest.RunScript(once, newMine); once != twice {
		t.Errorf("first:\n%s\nthen:\n%s", once, twice)
	}
	if !strings.Contains(once, "can never be scheduled") {
		t.Error(once)
	}
}
