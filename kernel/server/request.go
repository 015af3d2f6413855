package server

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/zmtp"
)

// request is a message of a front end.
type request struct {
	*wire.Message
	from    string // identity of the peer
	sock    *zmtp.Socket
	aborted bool // a cell before it failed
	last    bool // the kernel ends after it
}

func (r *request) decode(to any) error { return json.Unmarshal(r.Content, to) }

// object is the content of a message.
type object = map[string]any

// handler answers a request: it returns the content of the reply, nil if there is
// none.
type handler func(s *Server, ctx context.Context, r *request) any

// Requests of the two sockets. The shell takes shutdown too, as it did before
// there was a control socket.
var (
	shellHandlers = map[string]handler{
		"execute_request":     (*Server).execute,
		"complete_request":    (*Server).complete,
		"inspect_request":     (*Server).inspect,
		"is_complete_request": (*Server).isComplete,
		"history_request":     (*Server).pastCells,
		"comm_info_request":   (*Server).commInfo,
		"comm_open":           (*Server).comm,
		"comm_msg":            (*Server).comm,
		"comm_close":          (*Server).comm,
		"kernel_info_request": (*Server).kernelInfo,
		"connect_request":     (*Server).connectInfo,
		"shutdown_request":    (*Server).shutdown,
	}
	controlHandlers = map[string]handler{
		"kernel_info_request": (*Server).kernelInfo,
		"connect_request":     (*Server).connectInfo,
		"usage_request":       (*Server).usageInfo,
		"interrupt_request":   (*Server).interrupt,
		"shutdown_request":    (*Server).shutdown,
	}
)

func (s *Server) receiveShell() {
	for r := s.receive(s.shell); r != nil; r = s.receive(s.shell) {
		s.queue.put(r)
	}
}

func (s *Server) handleShell(ctx context.Context) {
	for r := s.queue.take(); r != nil; r = s.queue.take() {
		ctx, cancel := context.WithCancel(ctx)
		s.mu.Lock()
		s.cancel = cancel
		s.mu.Unlock()
		s.handle(ctx, r, shellHandlers)
		s.mu.Lock()
		s.cancel = nil
		s.mu.Unlock()
		cancel()
	}
}

func (s *Server) handleControl() {
	for r := s.receive(s.control); r != nil; r = s.receive(s.control) {
		s.handle(context.Background(), r, controlHandlers)
	}
}

// handle answers one request between its busy and its idle.
func (s *Server) handle(ctx context.Context, r *request, handlers map[string]handler) {
	s.awaitSubscriber()
	started := wire.Now()
	s.publish(r, "status", object{"execution_state": "busy"})
	if h := handlers[r.Header.Type]; h == nil {
		s.opt.Log("a request of an unknown type: %.100q", r.Header.Type)
	} else if content := s.answer(ctx, r, h); content != nil {
		s.reply(r, content, started)
	}
	s.publish(r, "status", object{"execution_state": "idle"})
	if r.last {
		s.Stop()
	}
}

// answer calls a handler; a panic of the Runner is an error of the request.
func (s *Server) answer(ctx context.Context, r *request, h handler) (content any) {
	defer func() {
		if p := recover(); p != nil {
			content = failed(s.panicked(p))
		}
	}()
	return h(s, ctx, r)
}

func (s *Server) panicked(p any) *Failure {
	s.opt.Log("panic: %v\n%s", p, debug.Stack())
	return &Failure{Name: "KernelPanic", Value: fmt.Sprint(p)}
}

// awaitSubscriber holds the first request until somebody hears what it causes.
func (s *Server) awaitSubscriber() {
	s.firstRequest.Do(func() { time.AfterFunc(subscriberWait, func() { close(s.waited) }) })
	select {
	case <-s.iopub.Subscribed():
	case <-s.waited:
	case <-s.stopped:
	}
	s.began.Store(true)
}

// welcome greets a subscriber of iopub, the first one also with the state in
// which no request has been handled.
func (s *Server) welcome(iopub *zmtp.Socket, peer, topic string) {
	send := func(d wire.Draft) {
		iopub.Send(peer, append([][]byte{[]byte(topic)}, s.session.Encode(d)...))
	}
	send(wire.Draft{Type: "iopub_welcome", Content: object{"subscription": topic}})
	if !s.began.Load() {
		send(wire.Draft{Type: "status", Content: object{"execution_state": "starting"}})
	}
}

// publish sends a message to all front ends.
func (s *Server) publish(r *request, kind string, content any) {
	s.broadcast(wire.Draft{Type: kind, Parent: r.RawHeader, Content: content})
}

// topical is a message with its type as the topic that subscribers may choose.
func (s *Server) topical(d wire.Draft) [][]byte {
	return append([][]byte{[]byte(d.Type)}, s.session.Encode(d)...)
}

func (s *Server) broadcast(d wire.Draft) {
	frames := s.topical(d)
	if d.Type == "stream" {
		s.iopub.Offer(frames)
	} else {
		s.iopub.Publish(frames)
	}
}

// reply answers a request on the socket that it came from.
func (s *Server) reply(r *request, content any, started string) {
	d := wire.Draft{
		Type:     strings.TrimSuffix(r.Header.Type, "_request") + "_reply",
		Parent:   r.RawHeader,
		Metadata: object{"started": started},
		Content:  content,
	}
	_ = s.send(r.sock, r, d) // who has gone misses nothing
}

// send sends a message to the front end that made a request.
func (s *Server) send(sock *zmtp.Socket, r *request, d wire.Draft) error {
	return sock.Send(r.from, append(r.IDs[:len(r.IDs):len(r.IDs)], s.session.Encode(d)...))
}

// failed is the content of a reply that reports an error.
func failed(f *Failure) object {
	return object{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": list(f.Traceback)}
}

// malformed is the content of a reply to a request that is not as it should be.
func malformed(err error) object {
	return failed(&Failure{Name: "BadRequest", Value: err.Error()})
}

// list and dict are never null in JSON, which front ends do not take for empty.
func list[T any](x []T) []T {
	if x == nil {
		return []T{}
	}
	return x
}

func dict(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
