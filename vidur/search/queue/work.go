package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// News of a task that a worker refuses have this header; those of a result do not.
const (
	refusedHeader  = "Vidur-Refused"
	refusedOnce    = "once"
	refusedForGood = "for good"
)

const (
	askFor       = 20 * time.Second // for the next task, at a time
	storeWithin  = 10 * time.Second // a result that there is when the worker is to end
	consumerName = "workers"
)

// Work does tasks, n at once, until ctx ends; then it gives back what it has not
// done, waits for do to return, and returns nil. do gets a task and returns its
// result; an error of it means that this worker cannot do the task: the task goes to
// others, and this worker keeps away for a while that doubles while it refuses what
// it gets. Work returns an error if the queue is closed, and if a result differs from
// one that another worker found.
func (q *Queue) Work(ctx context.Context, n int, do func(ctx context.Context, task []byte) (result []byte, err error)) error {
	if n < 1 {
		return fmt.Errorf("queue: %d tasks at once; there must be at least 1", n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &worker{queue: q, do: do, fail: cancel}
	var all sync.WaitGroup
	go func() {
		select {
		case <-q.closed:
			cancel(q.ended(context.Background(), ErrClosed))
		case <-ctx.Done():
		}
	}()
	for range n {
		all.Go(func() { w.run(ctx) })
	}
	all.Wait()
	if err := context.Cause(ctx); errors.Is(err, ErrClosed) || errors.Is(err, ErrDiffers) {
		return err
	}
	return nil
}

// ErrDiffers is of a task for which two workers found different results: they are not
// of the same program, the task does not say all, or a machine is broken.
var ErrDiffers = errors.New("queue: another worker found another result")

type worker struct {
	queue *Queue
	do    func(ctx context.Context, task []byte) ([]byte, error)
	fail  context.CancelCauseFunc

	mu      sync.Mutex
	refused int // in a row
}

// run does one task after the other.
func (w *worker) run(ctx context.Context) {
	var from jetstream.Consumer
	for ctx.Err() == nil {
		m, err := w.next(ctx, &from)
		switch {
		case err == nil:
			w.handle(ctx, m, from.CachedInfo().Config.AckWait)
		case errors.Is(err, nats.ErrTimeout) && from != nil: // there was none
		case !w.queue.pause(ctx, err):
			if ctx.Err() == nil {
				w.fail(w.queue.ended(ctx, err))
			}
			return
		default:
			from = nil // it may be gone
		}
	}
}

// next is the next task. All workers have one consumer; from is it, or nil.
func (w *worker) next(ctx context.Context, from *jetstream.Consumer) (jetstream.Msg, error) {
	if *from == nil {
		c, err := w.queue.consumer(ctx)
		if err != nil {
			return nil, err
		}
		*from = c
	}
	ctx, stop := context.WithTimeout(ctx, askFor)
	defer stop()
	return (*from).Next(jetstream.FetchContext(ctx))
}

// consumer is what all workers take tasks from.
func (q *Queue) consumer(ctx context.Context) (jetstream.Consumer, error) {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	c, err := q.js.Consumer(ctx, q.stream(tasks), consumerName)
	if !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return c, err
	}
	return q.js.CreateConsumer(ctx, q.stream(tasks), jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.options.Lease, MaxAckPending: -1,
	})
}

// handle does a task, unless that has been done.
func (w *worker) handle(ctx context.Context, m jetstream.Msg, lease time.Duration) {
	q := w.queue
	key := m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:]
	if key != keyOf(m.Data()) {
		q.notice("a message that is no task: its subject is not its hash")
		q.check(m.Term())
		return
	}
	_, found, err := q.result(ctx, key)
	switch meta, _ := m.Metadata(); {
	case found:
		q.tell(key, nil)
		q.check(m.Ack())
		return
	case err != nil:
		q.check(m.NakWithDelay(q.pace.again))
		q.pause(ctx, err)
		return
	case meta != nil && meta.NumDelivered > Tries:
		q.tell(key, refusal(refusedForGood, fmt.Sprintf("%d workers began the task and did not end it", Tries)))
		q.check(m.Term())
		return
	}
	result, err := w.hold(ctx, m, lease)
	switch {
	case err == nil:
		w.keep(ctx, m, key, result)
	case ctx.Err() != nil:
		q.check(m.Nak()) // for another, at once
	default:
		w.refuse(ctx, m, key, err)
	}
}

// hold does a task and says all the while that it is done.
func (w *worker) hold(ctx context.Context, m jetstream.Msg, lease time.Duration) ([]byte, error) {
	ended := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		beat := time.NewTicker(lease / 3)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				w.queue.check(m.InProgress())
			case <-ended:
				return
			}
		}
	})
	defer beats.Wait()
	defer close(ended)
	return w.do(ctx, m.Data())
}

// keep puts a result where it is kept, however often it takes, and ends the task.
func (w *worker) keep(ctx context.Context, m jetstream.Msg, key string, result []byte) {
	q := w.queue
	ctx, stop := lasting(ctx)
	defer stop()
	for {
		err := q.keep(ctx, key, result)
		switch {
		case err == nil:
			w.took(false)
			q.tell(key, nil)
			q.check(m.Ack())
			return
		case errors.Is(err, nats.ErrMaxPayload):
			w.refuse(ctx, m, key, fmt.Errorf("a result of %d bytes: %w", len(result), err))
			return
		case errors.Is(err, ErrDiffers):
			w.fail(fmt.Errorf("%w: task %s", err, key))
			q.check(m.Ack()) // there is a result
			return
		case !q.pause(ctx, err):
			return // the lease ends, and another worker does it
		}
	}
}

// lasting is a context that outlives ctx by storeWithin.
func lasting(ctx context.Context) (context.Context, func()) {
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(storeWithin, cancel) })
	return last, func() { stop(); cancel() }
}

// keep puts the first result of a key where it is kept.
func (q *Queue) keep(ctx context.Context, key string, result []byte) error {
	within, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	_, err := q.js.Publish(within, q.subject(results, key), result, jetstream.WithExpectLastSequencePerSubject(0))
	var api *jetstream.APIError
	if !errors.As(err, &api) || api.ErrorCode != jetstream.JSErrCodeStreamWrongLastSequence {
		return err
	}
	there, found, err := q.result(ctx, key)
	switch {
	case err != nil:
		return err
	case found && !bytes.Equal(there, result):
		return ErrDiffers
	case !found:
		return errors.New("a result is there and cannot be read yet")
	}
	return nil
}

// refuse gives a task back that this worker cannot do, and keeps away for a while.
func (w *worker) refuse(ctx context.Context, m jetstream.Msg, key string, why error) {
	q := w.queue
	host, err := os.Hostname()
	if err != nil {
		host = "a worker"
	}
	text := fmt.Sprintf("%s refuses the task: %v", host, why)
	q.notice("%s", text)
	if meta, _ := m.Metadata(); meta != nil && meta.NumDelivered >= Tries {
		q.tell(key, refusal(refusedForGood, text))
		q.check(m.TermWithReason("refused"))
	} else {
		q.tell(key, refusal(refusedOnce, text))
		q.check(m.NakWithDelay(q.pace.again))
	}
	select {
	case <-ctx.Done():
	case <-time.After(w.took(true)):
	}
}

// took counts what was refused in a row, and says how long to keep away for it.
func (w *worker) took(refused bool) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !refused {
		w.refused = 0
		return 0
	}
	w.refused++
	return min(w.queue.pace.again<<min(w.refused, 10), w.queue.pace.idle)
}

func refusal(how, why string) *nats.Msg {
	return &nats.Msg{Header: nats.Header{refusedHeader: {how}}, Data: []byte(why)}
}

// tell sends news of a task; nil is that there is a result. Nobody need hear them.
func (q *Queue) tell(key string, m *nats.Msg) {
	if m == nil {
		m = &nats.Msg{}
	}
	m.Subject = q.subject(news, key)
	q.check(q.conn.PublishMsg(m))
}

// check tells of an error that the lease or the next look mends.
func (q *Queue) check(err error) {
	if err != nil && !q.conn.IsClosed() {
		q.notice("%v", err)
	}
}
