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
		timer := time.AfterFunc(time.Duration(100+rng.IntN(700))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		if timer.Stop() || err == nil {
			if err != nil {
				t.Fatal(err, text.String())
			}
			break
		}
		if kills++; kills > 100 {
			t.Fatal("it does not come to an end")
		}
		raw, _ := os.ReadFile(filepath.Join(dir, "measurements.jsonl"))
		if now := bytes.Count(raw, []byte(`"status":"ok"`)); now < had {
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
