package vidur

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Config says how to make a simulation. It holds recipes and never state, so
// one Config can be run any number of times, at once too.
type Config struct {
	Seed     uint64        // of every random stream
	Until    float64       // s of simulated time; 0 means to the end of the workload
	Replicas []ReplicaSpec // at least one; see [Uniform]

	NewWorkload  func(rng *rand.Rand) (Workload, error)           // required
	NewRouter    func(c *Cluster, rng *rand.Rand) (Router, error) // nil is right with one replica only
	NewScheduler func(rep *Replica) (Scheduler, error)            // required
}

// Stream returns the random numbers for one purpose. Streams of different names
// do not disturb each other: a policy that draws more leaves the workload as it was.
func (c *Config) Stream(name string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(c.Seed, h))
}

func (c *Config) validate() error {
	switch {
	case len(c.Replicas) == 0:
		return errors.New("vidur: Config has no Replicas")
	case c.NewWorkload == nil:
		return errors.New("vidur: Config has no NewWorkload")
	case c.NewScheduler == nil:
		return errors.New("vidur: Config has no NewScheduler")
	case c.NewRouter == nil && len(c.Replicas) > 1:
		return fmt.Errorf("vidur: Config has %d replicas and no NewRouter", len(c.Replicas))
	case math.IsNaN(c.Until) || c.Until < 0:
		return fmt.Errorf("vidur: Until is %g s; it must not be negative", c.Until)
	}
	return nil
}

func (c *Config) newReplica(id int) (*Replica, error) {
	spec, err := c.Replicas[id].withDefaults()
	if err != nil {
		return nil, fmt.Errorf("vidur: replica %d: %w", id, err)
	}
	rep := &Replica{ID: id, Spec: spec, stages: make([]stage, spec.PP)}
	rep.KV = KV{BlockSize: spec.BlockSize, Blocks: spec.Blocks}
	return rep, nil
}

func (c *Config) newScheduler(rep *Replica) (err error) {
	if rep.sched, err = c.NewScheduler(rep); err != nil {
		return fmt.Errorf("vidur: scheduler of replica %d: %w", rep.ID, err)
	}
	if rep.sched == nil {
		return fmt.Errorf("vidur: NewScheduler gave no scheduler for replica %d", rep.ID)
	}
	return nil
}

func (c *Config) newRouter(cluster *Cluster) (Router, error) {
	if c.NewRouter == nil {
		return onlyReplica{}, nil
	}
	r, err := c.NewRouter(cluster, c.Stream("router"))
	if err == nil && r == nil {
		err = errors.New("NewRouter gave none")
	}
	if err != nil {
		return nil, fmt.Errorf("vidur: router: %w", err)
	}
	return r, nil
}

func (c *Config) newWorkload() (Workload, error) {
	w, err := c.NewWorkload(c.Stream("workload"))
	if err == nil && w == nil {
		err = errors.New("NewWorkload gave none")
	}
	if err != nil {
		return nil, fmt.Errorf("vidur: workload: %w", err)
	}
	return w, nil
}

// onlyReplica is the router of a cluster of one.
type onlyReplica struct{}

func (onlyReplica) Route(*Request, *Cluster) int { return 0 }
func (onlyReplica) SumsOnly()                    {}
