package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/search/queue/broker"
)

// queueWorker is a process that works for a queue, and what kills it.
func queueWorker(t *testing.T, url string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "sweep", "worker", "--queue", url, "--lease", "1s", "--workers", "1")
	cmd.Env = append(os.Environ(), asVidur+"=1")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// TestQueueVerbs: sweep and search by workers in processes of their own, of which one
// is killed in the middle, write the bytes that this process writes.
func TestQueueVerbs(t *testing.T) {
	dir := t.TempDir()
	b, err := broker.Start(broker.Options{Listen: "127.0.0.1:0", Dir: filepath.Join(dir, "queue")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	killed := queueWorker(t, b.URL())
	queueWorker(t, b.URL())
	for _, verb := range []string{"sweep", "search"} {
		args := strings.Fields(verb + " --over chunk=128,256,512 --over model=llama-3-8b,llama-2-70b --seeds 1..2 --requests 300 --out")
		here, there := filepath.Join(dir, verb, "here"), filepath.Join(dir, verb, "there")
		good(t, append(args, here)...)
		if verb == "search" {
			time.AfterFunc(50*time.Millisecond, func() { _ = killed.Process.Kill() })
		}
		good(t, append(args, there, "--queue", b.URL())...)
		sameResults(t, verb, there, here)
	}
}

func TestQueueFlags(t *testing.T) {
	dir := t.TempDir()
	for _, args := range []string{
		"sweep worker", "sweep worker --queue nats://127.0.0.1:1", "sweep worker --surprise", "sweep worker --queue x --workers many",
		"sweep worker --queue x --lease long", "sweep server --surprise", "sweep server --listen 0.0.0.0:0 --dir " + dir,
		"sweep --queue nats://127.0.0.1:1 --out " + dir, "search --nats-context surely-none --out " + dir,
	} {
		if r := do(strings.Fields(args)...); r.status != exitBad || r.err == "" {
			t.Errorf("%s: status %d, %s", args, r.status, r.err)
		}
	}
	for _, verb := range []string{"worker", "server"} {
		if r := good(t, "sweep", verb, "--help"); !strings.Contains(r.out, "vidur sweep "+verb) {
			t.Error(r.out)
		}
	}
}
