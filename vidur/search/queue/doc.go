// Package queue hands tasks to workers on other machines, through a NATS server
// with JetStream, and brings their results back.
//
//	q, err := queue.Connect(ctx, queue.Options{URL: "nats://127.0.0.1:4222"})
//	defer q.Close()
//	res, err := search.Sweep(ctx, base, search.Over("chunk", 256, 512), search.Through(q.Do))
//
// and on each of the other machines:
//
//	w, err := search.NewWorker(search.Cache("store"))
//	err = q.Work(ctx, 8, w.Do)
//
// A task is bytes, and its key is their SHA-256. What comes of a task must follow
// from its bytes: then it does not matter which worker does it, nor how often.
//
// # What happens to a task
//
//	Do ── no result? ──▶ NAME.tasks.KEY ──▶ Work ── no result? ──▶ do ──▶ NAME.results.KEY
//	 ▲                                        │                                │
//	 └───────────── NAME.news.KEY ◀───────────┴──────── acknowledged ◀─────────┘
//
// Tasks are a stream from which each goes to one worker and is removed when that has
// acknowledged it; there is at most one task of a key. Results are a stream with one
// message per key, the first; a worker that finds another one stops, since something
// is wrong then. Both keep what they have for [Age]. News are not kept: they wake the
// one that waits, who otherwise looks every few seconds.
//
// A worker says every third of [Options.Lease] that it is still at a task. One that
// was killed or cut off does not, and the task goes to another: tasks are delivered
// at least once, and that the first result stays makes of it that each has one result.
// A worker that cannot do a task, as it lacks a file, refuses it; a task that was
// delivered [Tries] times in vain is an error.
//
// Connections that are cut are made again, and streams that are gone are too, until
// the context ends. Whoever may write to the server decides what results are: use
// its users and TLS where others are on the network.
package queue
