package measure

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestKill kills runs at random moments, as kill -9 does. Nothing that was
// answered is lost but the point in flight, nothing is measured twice, and the
// tables come out as without it.
func TestKill(t *testing.T) {
	whole := options(t, "")
	mustRun(t, whole)
	options(t, "slow")
	dir := filepath.Join(t.TempDir(), "out")
	rng := rand.New(rand.NewPCG(1, 2))
	kills, had := 0, 0
	for {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), runDir+"="+dir)
		var text bytes.Buffer
		cmd.Stderr = &text
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		err, killed := killAfter(cmd, ended, dir, had+rng.IntN(12))
		if !killed {
			if err != nil {
				t.Fatal(err, text.String())
			}
			break
		}
		if kills++; kills > 100 {
			t.Fatal("it does not come to an end")
		}
		if now := answered(dir); now < had {
			t.Errorf("%d points before, %d after a kill", had, now)
		} else {
			had = now
		}
	}
	t.Logf("%d kills", kills)
	if !equal(tables(t, whole.Dir), tables(t, dir)) {
		t.Error("the tables differ")
	}
	once(t, dir)
}

// answered is how many points of a journal have times.
func answered(dir string) int {
	raw, _ := os.ReadFile(filepath.Join(dir, "measurements.jsonl"))
	return bytes.Count(raw, []byte(`"status":"ok"`))
}

// killAfter kills a run as soon as so many points are answered, unless it ends
// before.
func killAfter(cmd *exec.Cmd, ended chan error, dir string, points int) (err error, killed bool) {
	for {
		select {
		case err := <-ended:
			return err, false
		case <-time.After(time.Millisecond):
		}
		if answered(dir) > points {
			_ = cmd.Process.Kill()
			return <-ended, true
		}
	}
}
