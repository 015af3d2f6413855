package vidur

// Arrival is what a [Workload] says about one request: when it comes and how
// long it is. The built-in policies read At, Prefill and Decode; the other
// fields are carried along for the policies and recorders of users.
type Arrival struct {
	At      float64 // s since the start of the run, >= 0
	Prefill int     // prompt tokens, >= 1
	Decode  int     // tokens to generate, >= 1

	Session int      // conversation or client the request belongs to
	Class   int32    // service-level class
	Tenant  int32    // who pays
	Prefix  []uint64 // hashes of the prompt's blocks, for policies that share prefixes
}

// Request is an Arrival on its way through the cluster. The Simulator owns it;
// policies and recorders read it, and must not keep it once it is complete.
type Request struct {
	Arrival

	// What every iteration changes stands together: it fits a cache line.

	Done     int     // tokens processed, prompt and generated; 0 after a restart
	Prompt   int     // tokens of the present prefill: Prefill, or more after a restart
	ExecTime float64 // s, sum of the times of the stages that worked on it
	CPUTime  float64 // s, the part of ExecTime that was CPU overhead
	IterEnd  float64 // s, end of its latest iteration
	PrevEnd  float64 // s, end of the iteration before that one

	blocks    int32 // KV blocks held; KV changes it
	inBatch   bool
	scheduled bool
	started   bool
	prefilled bool // the first token was generated, once and for all
	completed bool

	ID          int     // 0, 1, … in the order in which the workload gave them
	Replica     int     // index of the replica it was routed to, -1 before
	Restarts    int     // preemptions that threw the KV cache away
	ScheduledAt float64 // s, when it was first put into a batch; valid once Started
	StartedAt   float64 // s, when the first stage began to work on it
	PrefilledAt float64 // s, when the first token was generated: the end of TTFT
	CompletedAt float64 // s, when the last token was generated
	TokenAt     float64 // s, when it last emitted a token before its latest restart
}

// Total is the number of tokens the request is to hold when complete: prompt
// and generated. A restart does not change it.
func (r *Request) Total() int { return r.Prefill + r.Decode }

// Prefilled reports whether the present prompt is in the KV cache, that is,
// whether the next iteration of r is a decode.
func (r *Request) Prefilled() bool { return r.Done > r.Prompt }

// Left is the number of prompt tokens still to be prefilled.
func (r *Request) Left() int { return max(0, r.Prompt-r.Done) }

// Started reports whether the request was ever put into a batch.
func (r *Request) Started() bool { return r.scheduled }

// FirstToken reports whether the first token was generated.
func (r *Request) FirstToken() bool { return r.prefilled }

// Completed reports whether the last token was generated.
func (r *Request) Completed() bool { return r.completed }

// Restart forgets the KV cache of r: all that was processed becomes prompt and
// must be processed again. A prompt that was only partly prefilled stays whole.
// Release its blocks first; [Replica.Preempt] does both.
func (r *Request) Restart() { r.restart(max(r.Prompt, r.Done)) }

// RestartAtDone is Restart as the original simulator does it: a prompt that was
// only partly prefilled is cut to the part that was, and the rest of it is
// turned into decode steps, so a long prefill becomes many short iterations.
func (r *Request) RestartAtDone() { r.restart(r.Done) }

func (r *Request) restart(prompt int) {
	if r.Prefilled() {
		r.TokenAt = r.IterEnd
	}
	r.Prompt, r.Done = prompt, 0
	r.Restarts++
}

// advance is what the end of an iteration does to a request: n tokens further
// at time now (s), after stages that took exec seconds, cpu of them overhead.
func (r *Request) advance(now float64, n int, exec, cpu float64) {
	r.inBatch = false
	r.PrevEnd, r.IterEnd = r.IterEnd, now
	r.ExecTime += exec
	if cpu != 0 {
		r.CPUTime += cpu
	}
	r.Done += n
	if r.Done == r.Prompt {
		r.Done++ // the end of the prefill emits a token of its own
		if !r.prefilled {
			r.prefilled, r.PrefilledAt = true, now
		}
	}
	if r.Done >= r.Prefill+r.Decode {
		r.completed, r.CompletedAt = true, now
	}
}
