package spec

import (
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
)

type newScheduler = func(*vidur.Replica) (vidur.Scheduler, error)

// Schedulers are the names of the schedulers.
func Schedulers() []string {
	return []string{"vllm", "sarathi", "orca", "faster_transformer", "lightllm"}
}

// Routers are the names of the routers.
func Routers() []string { return []string{"round_robin", "random", "lor", "least_outstanding"} }

// scheduler finds the scheduler by name; share is for those that reserve.
func (e *Experiment) scheduler(share int) (newScheduler, error) {
	common := sched.Common{MaxBatch: e.MaxBatch, Watermark: e.Watermark}
	if e.Watermark == 0 {
		common.Watermark = -1 // none
	}
	reserve := sched.Reserve{MaxBatch: e.MaxBatch, Share: share}
	switch e.Scheduler {
	case "vllm":
		return sched.VLLM{Common: common, MaxTokens: e.BatchTokens}.New, nil
	case "sarathi":
		return sched.Sarathi{Common: common, Chunk: e.Chunk, RestartAtDone: e.Original}.New, nil
	case "orca":
		return sched.Orca{Reserve: reserve}.New, nil
	case "faster_transformer":
		return sched.FasterTransformer{Reserve: reserve, Leak: e.Original}.New, nil
	case "lightllm":
		return sched.LightLLM{Common: common, MaxTokens: e.BatchTokens, MaxWaits: e.MaxWaits}.New, nil
	}
	return nil, Unknown("scheduler", e.Scheduler, Schedulers())
}

func (e *Experiment) router(requests int) (func(*vidur.Cluster, *rand.Rand) (vidur.Router, error), error) {
	switch e.Router {
	case "round_robin":
		return route.NewRoundRobin, nil
	case "random":
		if e.Original {
			return e.originalRandom(requests), nil
		}
		return route.NewRandom, nil
	case "lor":
		return route.NewLOR, nil
	case "least_outstanding":
		return route.NewLeastOutstanding, nil
	}
	return nil, Unknown("router", e.Router, Routers())
}

// originalRandom draws as the original does: from the stream that its request
// generator leaves behind after that many requests.
func (e *Experiment) originalRandom(requests int) func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
	return func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
		stream, err := e.originalStream(requests)
		if err != nil {
			return nil, err
		}
		return vidur.RouterFunc(func(_ *vidur.Request, c *vidur.Cluster) int {
			return stream.Intn(len(c.Replicas))
		}), nil
	}
}
