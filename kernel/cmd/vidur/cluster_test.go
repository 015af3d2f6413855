package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// cluster is a place in which the examples for clusters run: the command is in the
// path, and a configuration at hand.
type cluster struct {
	t        *testing.T
	dir, bin string
	config   string
	script   string
}

func newCluster(t *testing.T) *cluster {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	c := &cluster{t: t, dir: t.TempDir()}
	c.bin, c.config = filepath.Join(c.dir, "bin"), filepath.Join(c.dir, "search.yaml")
	self, err := os.Executable()
	if err == nil {
		err = errors.Join(os.Mkdir(c.bin, 0o755), os.Symlink(self, filepath.Join(c.bin, "vidur")), os.WriteFile(c.config, []byte(searchYAML), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	c.script, err = filepath.Abs("../../../scripts/cluster")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs a command as a node would.
func (c *cluster) run(out string, env []string, args ...string) {
	c.t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), asVidur+"=1", "PATH="+c.bin+":"+os.Getenv("PATH"), "CONFIG="+c.config, "OUT="+filepath.Join(c.dir, out))
	cmd.Env = append(cmd.Env, env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%q: %v: %s", args, err, text)
	}
}

// TestClusters runs the examples for Slurm and Kubernetes, three parts each: both
// have the results of one process.
func TestClusters(t *testing.T) {
	c := newCluster(t)
	c.run("whole", nil, filepath.Join(c.bin, "vidur"), "search", "--config", c.config, "--out", "whole")
	slurm := filepath.Join(c.script, "slurm.sh")
	pod := c.command()
	for i := range 3 {
		c.run("slurm", []string{fmt.Sprint("SLURM_ARRAY_TASK_ID=", i+1), "SLURM_ARRAY_TASK_COUNT=3", "SLURM_CPUS_PER_TASK=2"}, "sh", slurm)
		c.run("pods", []string{fmt.Sprint("JOB_COMPLETION_INDEX=", i), "PARTS=3"}, pod...)
	}
	c.run("slurm", nil, "sh", slurm, "--collect")
	c.run("pods", nil, filepath.Join(c.bin, "vidur"), "search", "--config", c.config, "--out", "pods", "--collect")
	for _, out := range []string{"slurm", "pods"} {
		sameResults(t, out, filepath.Join(c.dir, out), filepath.Join(c.dir, "whole"))
	}
}

// command is that of the pods.
func (c *cluster) command() []string {
	text, err := os.ReadFile(filepath.Join(c.script, "kubernetes.yaml"))
	if err != nil {
		c.t.Fatal(err)
	}
	for in := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc struct {
			Kind string
			Spec struct {
				Template struct {
					Spec struct{ Containers []struct{ Command []string } }
				}
			}
		}
		err := in.Decode(&doc)
		if errors.Is(err, io.EOF) {
			c.t.Fatal("there is no Job")
		}
		if err != nil {
			c.t.Fatal(err)
		}
		if doc.Kind == "Job" {
			return doc.Spec.Template.Spec.Containers[0].Command
		}
	}
}
