package vidur_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func TestConfigErrors(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name   string
		change func(c *vidur.Config)
		want   string
	}{
		{"no replicas", func(c *vidur.Config) { c.Replicas = nil }, "no Replicas"},
		{"no workload", func(c *vidur.Config) { c.NewWorkload = nil }, "no NewWorkload"},
		{"no scheduler", func(c *vidur.Config) { c.NewScheduler = nil }, "no NewScheduler"},
		{"no router", func(c *vidur.Config) { c.NewRouter = nil }, "2 replicas and no NewRouter"},
		{"negative end", func(c *vidur.Config) { c.Until = -1 }, "Until is -1 s"},
		{"end is not a number", func(c *vidur.Config) { c.Until = math.NaN() }, "Until is NaN s"},
		{"workload fails", func(c *vidur.Config) {
			c.NewWorkload = func(*rand.Rand) (vidur.Workload, error) { return nil, boom }
		}, "workload: boom"},
		{"workload is nil", func(c *vidur.Config) {
			c.NewWorkload = func(*rand.Rand) (vidur.Workload, error) { return nil, nil }
		}, "NewWorkload gave none"},
		{"router fails", func(c *vidur.Config) {
			c.NewRouter = func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return nil, boom }
		}, "router: boom"},
		{"router is nil", func(c *vidur.Config) {
			c.NewRouter = func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return nil, nil }
		}, "NewRouter gave none"},
		{"scheduler fails", func(c *vidur.Config) {
			c.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) { return nil, boom }
		}, "scheduler of replica 0: boom"},
		{"scheduler is nil", func(c *vidur.Config) {
			c.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) { return nil, nil }
		}, "no scheduler for replica 0"},
		{"a replica is wrong", func(c *vidur.Config) { c.Replicas[1].PP = -1 }, "replica 1: TP 1 and PP -1 must be at least 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(2, at(0))
			c.change(&cfg)
			_, err := vidur.New(cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if strings.Contains(c.want, "boom") && !errors.Is(err, boom) {
				t.Errorf("%v does not wrap its cause", err)
			}
		})
	}
}

func TestReplicaSpecErrors(t *testing.T) {
	m := vidur.Model{Name: "m", Layers: 8, Hidden: 64, QHeads: 8, KVHeads: 4, FFN: 128, Vocab: 100}
	d := vidur.Device{Name: "d", MemoryGB: 1}
	base := vidur.ReplicaSpec{Model: m, Device: d, Predictor: seconds(1)}
	for _, c := range []struct {
		name   string
		change func(s *vidur.ReplicaSpec)
		want   string // empty: it is right
	}{
		{"plain", func(*vidur.ReplicaSpec) {}, ""},
		{"TP", func(s *vidur.ReplicaSpec) { s.TP = -2 }, "TP -2"},
		{"PP", func(s *vidur.ReplicaSpec) { s.PP = -2 }, "PP -2"},
		{"block size", func(s *vidur.ReplicaSpec) { s.BlockSize = -1 }, "block size -1"},
		{"blocks", func(s *vidur.ReplicaSpec) { s.Blocks = -1 }, "blocks -1"},
		{"max tokens", func(s *vidur.ReplicaSpec) { s.MaxTokens = -1 }, "max tokens -1"},
		{"predictor", func(s *vidur.ReplicaSpec) { s.Predictor = nil }, "no Predictor"},
		{"layers", func(s *vidur.ReplicaSpec) { s.PP = 3 }, "8 layers, which PP 3 does not divide"},
		{"heads", func(s *vidur.ReplicaSpec) { s.TP = 3 }, "8 query heads and width 64, which TP 3 does not divide"},
		{"too many heads", func(s *vidur.ReplicaSpec) { s.TP = 16 }, "which TP 16 does not divide"},
		{"width", func(s *vidur.ReplicaSpec) { s.Model.Hidden = 60 }, "width 60, which its 8 query heads do not divide"},
		{"own head width", func(s *vidur.ReplicaSpec) { s.Model.Hidden = 60; s.Model.HeadDim = 16 }, ""},
		{"part of a node", func(s *vidur.ReplicaSpec) { s.TP = 2; s.Node = vidur.Node{Name: "n", Devices: 4} }, ""},
		{"two nodes", func(s *vidur.ReplicaSpec) { s.TP, s.PP = 4, 2; s.Node = vidur.Node{Name: "n", Devices: 4} }, ""},
		{"a node and a half", func(s *vidur.ReplicaSpec) { s.TP, s.PP = 8, 2; s.Node = vidur.Node{Name: "n", Devices: 6} }, "more than a node of n and no multiple of its 6"},
		{"no room", func(s *vidur.ReplicaSpec) { s.Device.MemoryGB = 1e-4 }, "m does not fit on 1 × d"},
		{"no model", func(s *vidur.ReplicaSpec) { s.Model = vidur.Model{} }, "the number of Blocks must be given"},
		{"no device", func(s *vidur.ReplicaSpec) { s.Device = vidur.Device{} }, "the number of Blocks must be given"},
		{"no model but blocks", func(s *vidur.ReplicaSpec) { s.Model, s.Blocks = vidur.Model{}, 1 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := base
			c.change(&spec)
			cfg := config(1, at(0))
			cfg.Replicas = []vidur.ReplicaSpec{spec}
			s, err := vidur.New(cfg)
			if c.want == "" {
				if err != nil || s.Cluster().Replicas[0].KV.Blocks == 0 {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	s, err := vidur.New(config(1, at(0)))
	if err != nil {
		t.Fatal(err)
	}
	rep := s.Cluster().Replicas[0]
	if sp := rep.Spec; sp.TP != 1 || sp.PP != 1 || sp.BlockSize != 16 || sp.MaxTokens != 4096 || rep.KV.BlockSize != 16 || rep.KV.Blocks != 100 || sp.GPUs() != 1 {
		t.Errorf("%+v", rep.Spec)
	}
	if n := len(vidur.Uniform(-1, vidur.ReplicaSpec{})); n != 0 {
		t.Errorf("Uniform(-1) has %d", n)
	}
}

// TestStreams: streams differ by name and seed, and are the same each time.
func TestStreams(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(3) {
		for _, name := range []string{"", "a", "b", "workload", "router"} {
			cfg := vidur.Config{Seed: seed}
			a, b := cfg.Stream(name).Uint64(), cfg.Stream(name).Uint64()
			if a != b || seen[a] {
				t.Errorf("stream %q of seed %d begins with %x and %x", name, seed, a, b)
			}
			seen[a] = true
		}
	}
}
