package queue

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Do has a task done by a worker and returns the result; key is the hexadecimal
// SHA-256 of the task. It fits search.Through. A result that is there already is
// returned at once. Do waits as long as it takes: until ctx ends, the queue is
// closed, the task is longer than the server takes, or workers have refused it
// [Tries] times. What was asked for when ctx ended is still done, and found by the
// next Do of the same task.
func (q *Queue) Do(ctx context.Context, key string, task []byte) (result []byte, err error) {
	if key != keyOf(task) {
		return nil, errors.New("queue: the key is not the SHA-256 of the task")
	}
	heard := make(chan *nats.Msg, 16)
	sub, err := q.conn.ChanSubscribe(q.subject(news, key), heard)
	if err != nil {
		return nil, q.ended(ctx, err)
	}
	defer func() { _ = sub.Unsubscribe() }() // fails on a closed connection, which has none
	for {
		result, found, err := q.ask(ctx, key, task)
		switch {
		case found:
			return result, nil
		case errors.Is(err, nats.ErrMaxPayload):
			return nil, fmt.Errorf("queue: a task of %d bytes: %w", len(task), err)
		case err != nil && !q.pause(ctx, err):
			return nil, q.ended(ctx, err)
		case err != nil:
			continue
		}
		if err := q.wait(ctx, heard); err != nil {
			return nil, err
		}
	}
}

// ask looks for a result, and sees to it that there is a task if there is none.
func (q *Queue) ask(ctx context.Context, key string, task []byte) (result []byte, found bool, err error) {
	result, found, err = q.result(ctx, key)
	if found || err != nil {
		return result, found, err
	}
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	_, err = q.js.Publish(ctx, q.subject(tasks, key), task)
	if isThere(err) {
		err = nil
	}
	return nil, false, err
}

// isThere reports whether an error is that there is a message of the subject.
func isThere(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && strings.Contains(api.Description, "maximum messages per subject exceeded")
}

// wait returns when it is time to look for the result. Its error is final.
func (q *Queue) wait(ctx context.Context, heard <-chan *nats.Msg) error {
	late := time.NewTimer(q.pace.look)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return q.ended(ctx, nil)
		case <-q.closed:
			return q.ended(ctx, ErrClosed)
		case <-late.C:
			q.miss(ctx)
			return nil
		case m := <-heard:
			switch m.Header.Get(refusedHeader) {
			case "":
				return nil
			case refusedForGood:
				return fmt.Errorf("queue: %s", m.Data)
			}
			q.notice("%s", m.Data)
		}
	}
}

// miss tells the user, once, that no worker takes tasks, if none does.
func (q *Queue) miss(ctx context.Context) {
	q.mu.Lock()
	told := q.lonely
	q.lonely = true
	q.mu.Unlock()
	if told {
		return
	}
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	c, err := q.js.Consumer(ctx, q.stream(tasks), consumerName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) || err == nil && c.CachedInfo().NumWaiting == 0 && c.CachedInfo().NumAckPending == 0 {
		q.notice("no worker takes tasks so far; vidur sweep worker --queue %s is one", shown(q.options.URL))
	}
}

// ended is the error of what ended for ctx or the connection, otherwise for err.
func (q *Queue) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case q.conn.IsClosed():
		if last := q.conn.LastError(); last != nil {
			return fmt.Errorf("%w: %w", ErrClosed, last)
		}
		return ErrClosed
	}
	return fmt.Errorf("queue: %w", err)
}

// shown is a list of URLs without passwords.
func shown(urls string) string {
	list := strings.Split(urls, ",")
	for i, text := range list {
		if u, err := url.Parse(strings.TrimSpace(text)); err == nil {
			list[i] = u.Redacted()
			if _, secret := u.User.Password(); u.User != nil && !secret { // a token
				u.User = url.User("xxxxx")
				list[i] = u.String()
			}
		} else {
			list[i] = "a URL that cannot be read"
		}
	}
	return strings.Join(list, ",")
}
