package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// Age is how long tasks that nobody does and results are kept: long enough to
	// come back to a sweep that was cut, and an end to what nobody comes back to.
	Age = 7 * 24 * time.Hour
	// Tries is how often a task is given to workers before it is an error: some are
	// killed for reasons of their own, and a task that kills them all must end.
	Tries = 10
)

const (
	reconnectEvery = 500 * time.Millisecond
	pingEvery      = 10 * time.Second
	answerWithin   = 5 * time.Second // is what the server has for an answer
)

// pace is how long a queue waits for what.
type pace struct {
	look  time.Duration // for a result whose news did not come
	again time.Duration // when something was not done as it was asked
	idle  time.Duration // a worker keeps away, at most, from tasks that it refuses
}

func usual() pace { return pace{look: 10 * time.Second, again: time.Second, idle: time.Minute} }

// Queue is a connection to a server. Its methods may be called from several
// goroutines at once.
type Queue struct {
	options Options
	pace    pace
	conn    *nats.Conn
	js      jetstream.JetStream
	results jetstream.Stream
	closed  chan struct{} // is closed when the connection is

	mu     sync.Mutex
	last   string // what notice was told last
	lonely bool   // it was told that there are no workers
}

// ErrClosed is of a queue whose connection was closed, here or by the server for
// good, as after a change of users.
var ErrClosed = errors.New("queue: the connection is closed")

// Connect connects to a server and makes the streams if they are not there; it is an
// error if the server cannot be reached within [Options.Patience], does not let one in or has no JetStream,
// and ctx's cause if that ends first. Streams that are there are taken as they are, so that who runs the server may have
// made them with copies or other limits.
func Connect(ctx context.Context, options Options) (*Queue, error) {
	o, c, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	to, err := o.connection(c)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	q := &Queue{options: o, pace: usual(), closed: make(chan struct{})}
	if q.conn, err = q.dial(ctx, append(to, q.notices()...)); err != nil {
		return nil, fmt.Errorf("queue: %s: %w", shown(o.URL), err)
	}
	if q.js, err = c.open(q.conn); err == nil {
		err = q.makeStreams(ctx)
	}
	if err == nil {
		q.results, err = q.js.Stream(ctx, q.stream(results))
	}
	if err != nil {
		q.Close()
		return nil, fmt.Errorf("queue: %s: %w", shown(o.URL), err)
	}
	return q, nil
}

// dial connects, and tries again while there is no server, as one that is still being
// started. A server that refuses is not asked twice.
func (q *Queue) dial(outer context.Context, to []nats.Option) (*nats.Conn, error) {
	ctx, stop := context.WithTimeout(outer, q.options.Patience)
	defer stop()
	for {
		conn, err := nats.Connect(q.options.URL, to...)
		if err == nil || !absent(err) || ctx.Err() != nil {
			return conn, err
		}
		q.notice("%s does not answer yet (%v); trying for %v", shown(q.options.URL), err, q.options.Patience)
		select {
		case <-ctx.Done():
			if outer.Err() != nil {
				return nil, context.Cause(outer)
			}
			return nil, fmt.Errorf("%w, for %v", err, q.options.Patience)
		case <-time.After(reconnectEvery):
		}
	}
}

// absent reports whether an error is that nobody is there.
func absent(err error) bool {
	var dial *net.OpError
	return errors.Is(err, nats.ErrNoServers) || errors.As(err, &dial) && dial.Op == "dial"
}

// notices have the user told of what happens to the connection.
func (q *Queue) notices() []nats.Option {
	return []nats.Option{
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				q.notice("the connection is cut: %v", err)
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(q.closed) }),
		nats.ReconnectHandler(func(*nats.Conn) { q.notice("connected again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { q.notice("%v", err) }),
	}
}

// Close closes the connection. What waits for it ends with [ErrClosed].
func (q *Queue) Close() { q.conn.Close() }

// Kinds of subjects.
const (
	tasks   = "tasks"
	results = "results"
	news    = "news"
)

func (q *Queue) stream(kind string) string { return q.options.Name + "-" + kind }

func (q *Queue) subject(kind, key string) string { return q.options.Name + "." + kind + "." + key }

// makeStreams makes the streams that are not there.
func (q *Queue) makeStreams(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	for _, s := range []jetstream.StreamConfig{{
		Name: q.stream(tasks), Subjects: []string{q.subject(tasks, "*")}, Retention: jetstream.WorkQueuePolicy,
		Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
	}, {
		Name: q.stream(results), Subjects: []string{q.subject(results, "*")}, AllowDirect: true,
	}} {
		_, err := q.js.Stream(ctx, s.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			s.MaxMsgsPerSubject, s.MaxAge = 1, Age
			_, err = q.js.CreateStream(ctx, s)
		}
		if err != nil {
			return fmt.Errorf("stream %s: %w", s.Name, err)
		}
	}
	return nil
}

// result is the result of a key, if there is one.
func (q *Queue) result(ctx context.Context, key string) (result []byte, found bool, err error) {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	m, err := q.results.GetLastMsgForSubject(ctx, q.subject(results, key))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return m.Data, true, nil
}

// pause waits after an error that may pass, and makes the streams again if it is that
// they are gone. It returns false if there is no use in going on.
func (q *Queue) pause(ctx context.Context, err error) bool {
	if ctx.Err() != nil || q.conn.IsClosed() {
		return false
	}
	q.notice("%v", err)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(q.pace.again):
	}
	if q.conn.IsConnected() {
		if err := q.makeStreams(ctx); err != nil && ctx.Err() == nil {
			q.notice("%v", err)
		}
	}
	return true
}

// notice tells the user something that was not told just before.
func (q *Queue) notice(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	q.mu.Lock()
	defer q.mu.Unlock()
	if text != q.last && q.options.Notice != nil {
		q.options.Notice(text)
	}
	q.last = text
}

// keyOf is the key of a task.
func keyOf(task []byte) string {
	sum := sha256.Sum256(task)
	return hex.EncodeToString(sum[:])
}
