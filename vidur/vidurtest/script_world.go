package vidurtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// world is the state of a script.
type world struct {
	policy    Policy
	scheduler NewScheduler
	specs     []vidur.ReplicaSpec
	arrivals  []vidur.Arrival
	clients   int
	router    NewRouter // nil: in turn

	sim   *vidur.Simulator // from the first command that needs it
	laws  Laws
	log   narrator
	watch *watch // nil if nobody watches
}

// command runs one command and returns what it prints.
func (w *world) command(line string, input []string) string {
	words := strings.Fields(line)
	w.log.out.Reset()
	if err := w.do(words[0], words[1:], input); err != nil {
		fmt.Fprintf(&w.log.out, "error: %v\n", err)
	}
	return w.log.out.String()
}

func (w *world) do(name string, words, input []string) error {
	var schedulerName string
	if name == "scheduler" && len(words) > 0 {
		schedulerName, words = words[0], words[1:]
	}
	args := newArgs(words)
	switch name {
	case "replica":
		return w.replica(args)
	case "scheduler":
		s, err := w.policy(schedulerName, args)
		w.scheduler = s
		return errors.Join(err, args.end())
	case "arrive":
		w.clients = args.Int("clients", w.clients)
		return errors.Join(args.end(), w.arrive(input))
	case "run":
		until := args.Float("until", math.Inf(1))
		return errors.Join(args.end(), w.run(func() bool { return w.sim.Now() <= until }))
	case "step":
		n := w.log.batches + args.Int("n", 1)
		return errors.Join(args.end(), w.run(func() bool { return w.log.batches < n }))
	case "show":
		return errors.Join(args.end(), w.show())
	}
	return fmt.Errorf("unknown command %q", name)
}

func (w *world) replica(a *Args) error {
	stage, token := a.Float("stage", 1), a.Float("token", 0)
	spec := vidur.ReplicaSpec{
		PP: a.Int("pp", 1), Blocks: a.Int("blocks", 16), BlockSize: a.Int("block-size", 4), MaxTokens: a.Int("max-tokens", 16),
		Predictor: vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
			return vidur.Seconds(stage + float64(token*float64(b.NumTokens))), nil
		}),
	}
	w.specs = append(w.specs, vidur.Uniform(a.Int("count", 1), spec)...)
	return a.end()
}

func (w *world) arrive(input []string) error {
	if w.sim != nil {
		return errors.New("the run has begun")
	}
	for _, line := range input {
		var a vidur.Arrival
		if _, err := fmt.Sscan(line, &a.At, &a.Prefill, &a.Decode); err != nil {
			return fmt.Errorf("%q is not time, prompt, answer: %w", line, err)
		}
		w.arrivals = append(w.arrivals, a)
	}
	return nil
}

// start makes the simulation.
func (w *world) start() error {
	if w.sim != nil {
		return nil
	}
	cfg := Case{Arrivals: w.arrivals, Clients: w.clients}.Config(w.scheduler, w.router)
	cfg.Replicas = w.specs
	recorders := []vidur.Recorder{&w.log, &w.laws}
	if w.watch != nil {
		recorders = append(recorders, w.watch)
	}
	sim, err := vidur.New(cfg, recorders...)
	if err != nil {
		return err
	}
	w.sim = sim
	w.log.cluster = sim.Cluster()
	w.laws.Watch(sim.Cluster())
	return nil
}

// run steps while more says so.
func (w *world) run(more func() bool) error {
	if err := w.start(); err != nil {
		return err
	}
	for more() {
		if !w.sim.Step() {
			if err := w.sim.Run(context.Background()); err != nil {
				return err
			}
			return w.laws.End()
		}
		if err := w.laws.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) show() error {
	if err := w.start(); err != nil {
		return err
	}
	w.log.show()
	return nil
}
