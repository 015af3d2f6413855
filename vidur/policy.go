package vidur

// Router sends each request to a replica.
type Router interface {
	// Route returns the index of the replica that takes r, or Hold.
	Route(r *Request, c *Cluster) int
}

// Hold leaves a request in the cluster's queue until the next arrival or the
// next end of a batch, when the router is asked again.
const Hold = -1

// Scheduler forms the batches of one replica.
type Scheduler interface {
	// Next fills b with the work of the next iteration, or leaves it empty when
	// there is none. The requests it takes leave rep.Waiting or rep.Running.
	Next(rep *Replica, b *Batch)
	// Done takes the requests of a finished batch back; most schedulers call
	// rep.Requeue(b).
	Done(rep *Replica, b *Batch)
}

// Predictor says how long a pipeline stage takes for a batch. Replicas and
// runs share one, so it must be safe for concurrent use.
type Predictor interface {
	StageTime(b *Batch, stage int) (StageTime, error)
}

// Workload gives the requests.
type Workload interface {
	// Next returns the next request, which arrives at now (s) or later. Requests
	// come in order of time, but for those that a Done announced. io.EOF means
	// that none is known.
	Next(now float64) (Arrival, error)
	// Done learns that r is complete, and reports whether that makes another
	// request known, which Next is then asked for at once.
	Done(r *Request) bool
}

// Recorder sees every event after the Simulator has handled it. The event and
// what it points to are valid during the call only.
type Recorder interface {
	Record(e *Event)
}

// RouterFunc makes a Router of a function.
type RouterFunc func(r *Request, c *Cluster) int

// Route calls f.
func (f RouterFunc) Route(r *Request, c *Cluster) int { return f(r, c) }

// PredictorFunc makes a Predictor of a function.
type PredictorFunc func(b *Batch, stage int) (StageTime, error)

// StageTime calls f.
func (f PredictorFunc) StageTime(b *Batch, stage int) (StageTime, error) { return f(b, stage) }

// RecorderFunc makes a Recorder of a function.
type RecorderFunc func(e *Event)

// Record calls f.
func (f RecorderFunc) Record(e *Event) { f(e) }

// SchedulerFunc makes a Scheduler of its Next; Done requeues.
type SchedulerFunc func(rep *Replica, b *Batch)

// Next calls f.
func (f SchedulerFunc) Next(rep *Replica, b *Batch) { f(rep, b) }

// Done gives the blocks of completed requests back and requeues the others.
func (f SchedulerFunc) Done(rep *Replica, b *Batch) { rep.Requeue(b) }

// WorkloadFunc makes a Workload of its Next: an open loop, in which no completion
// makes another request known.
type WorkloadFunc func(now float64) (Arrival, error)

// Next calls f.
func (f WorkloadFunc) Next(now float64) (Arrival, error) { return f(now) }

// Done reports false.
func (f WorkloadFunc) Done(*Request) bool { return false }
