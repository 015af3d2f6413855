package measure

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// StartError says that the agent ended before it was ready.
type StartError struct {
	Err  error
	Last string // of what it said
}

func (e *StartError) Error() string {
	if e.Last == "" {
		return fmt.Sprintf("the agent did not start: %v", e.Err)
	}
	return fmt.Sprintf("the agent did not start: %v: %s", e.Err, e.Last)
}

// Unwrap is the error of the process.
func (e *StartError) Unwrap() error { return e.Err }

// arguments are the agent's command line.
func (r *runner) arguments(t team, planFile string) []string {
	o, script := &r.opt, filepath.Join(r.opt.Dir, "agent.py")
	args := []string{"--device", o.Device, "--cache", o.Cache, "--kernels", o.Kernels, "--repeat", strconv.Itoa(o.Repeat)}
	if o.DType != "" {
		args = append(args, "--dtype", o.DType)
	}
	if t.workers == 0 {
		return append([]string{"-u", script}, args...)
	}
	// 2 is standard error, to a file and on: the default, 0, ends PyTorch 1.13 on Python 3.11.
	launch := []string{"-u", "-m", "torch.distributed.run", "--redirects", "2", "--tee", "2", "--nproc_per_node", strconv.Itoa(t.perNode)}
	if o.Nodes > 1 {
		host, port, _ := net.SplitHostPort(o.Endpoint) // checked
		launch = append(launch, "--nnodes", strconv.Itoa(o.Nodes), "--node_rank", strconv.Itoa(o.NodeRank), "--master_addr", host, "--master_port", port)
	} else {
		launch = append(launch, "--standalone")
	}
	return append(append(launch, script, "--plan", planFile), args...)
}

// process is an agent.
type process struct {
	cmd   *exec.Cmd
	lines chan []byte // closed at the end of its output
	out   *os.File
	ended chan error
	said  tail
}

const longest = 1 << 20 // bytes of a line

// start starts an agent on points.
func (r *runner) start(t team, points []plan.Point) (*process, error) {
	todo := *r.plan
	todo.Points = points
	text, err := json.Marshal(&todo)
	if err != nil {
		return nil, err
	}
	planFile := filepath.Join(r.opt.Dir, "agent-plan.json")
	if t.workers > 0 {
		if err := replace(planFile, text); err != nil {
			return nil, err
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{lines: make(chan []byte), ended: make(chan error, 1), out: read}
	p.cmd = exec.Command(r.opt.Python, r.arguments(t, planFile)...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = bytes.NewReader(text), write, io.MultiWriter(r.log, &p.said)
	p.cmd.WaitDelay = time.Second
	group(p.cmd)
	err = p.cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	go p.read()
	return p, nil
}

// read splits the output into lines. What is longer than a line can be is cut
// into pieces, none of which will be a line.
func (p *process) read() {
	defer close(p.lines)
	in := bufio.NewReaderSize(p.out, longest)
	for {
		text, err := in.ReadSlice('\n')
		if len(text) > 0 && (err == nil || errors.Is(err, bufio.ErrBufferFull)) {
			p.lines <- bytes.Clone(text)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return // an unfinished line is lost with its point
		}
	}
}

// stop ends the process, if need be by force, and gives its error. A process
// that is about to end has a moment for it.
func (p *process) stop(grace time.Duration) error {
	defer p.out.Close()
	go func() {
		for range p.lines { // so that the reader ends
		}
	}()
	for _, step := range []func(*exec.Cmd){terminate, kill} {
		select {
		case err := <-p.ended:
			kill(p.cmd) // what it started, if it is still there
			return err
		case <-time.After(grace):
			step(p.cmd)
			grace = 3 * time.Second
		}
	}
	return <-p.ended
}

// session runs one agent and keeps what it answers. The points that are left
// need another agent.
func (r *runner) session(ctx context.Context, t team, points []plan.Point) (left []plan.Point, err error) {
	if err := ctx.Err(); err != nil {
		return points, err
	}
	p, err := r.start(t, points)
	if err != nil {
		return points, &StartError{Err: err}
	}
	s := &session{runner: r, process: p, left: slices.Clone(points), team: t}
	why := s.listen(ctx)
	grace := time.Duration(0)
	if s.bye || why == errEnd {
		grace = 5 * time.Second
	}
	ended := p.stop(grace)
	if r.journal == nil { // what another node's agents do is told there
		if why == errEnd {
			why = nil
		}
		return nil, errors.Join(why, ended)
	}
	return s.conclude(why, ended)
}

// conclude says what is left of a conversation that came to its end for a reason
// (nil if the agent said bye), with the error of its process.
func (s *session) conclude(why, ended error) ([]plan.Point, error) {
	last := s.said.last()
	switch {
	case why == nil:
		return nil, s.markAll(s.left, Failed, "the agent ended without it")
	case why != errEnd && why != errSilent:
		return s.left, why
	case why == errEnd && ended != nil:
		why = ended
	}
	if !s.hello {
		return s.left, &StartError{why, last}
	}
	if len(s.left) == 0 {
		return nil, nil
	}
	note := strings.TrimSuffix(fmt.Sprintf("the agent: %v: %s", why, last), ": ")
	return s.left[1:], s.keep(s.left[0], Result{Point: s.left[0].ID, Status: Failed, Note: note})
}

var (
	errEnd    = errors.New("ended before it was done")
	errSilent = errors.New("no answer in time")
)

// session is the state of a conversation with an agent.
type session struct {
	*runner
	*process
	team       team
	left       []plan.Point
	hello, bye bool
}

// listen takes lines until the agent says bye.
func (s *session) listen(ctx context.Context) error {
	timer := time.NewTimer(s.patience())
	defer timer.Stop()
	for !s.bye {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return errSilent
		case text, more := <-s.lines:
			if !more {
				return errEnd
			}
			answer, err := s.hear(text)
			if err != nil {
				return err
			}
			if answer {
				timer.Reset(s.patience())
			}
		}
	}
	return nil
}

// patience is how long to wait for the next line. Other nodes' agents say
// nothing.
func (s *session) patience() time.Duration {
	switch {
	case s.journal == nil:
		return 24 * time.Hour
	case !s.hello:
		return s.opt.Start
	case len(s.left) == 0:
		return s.opt.Timeout
	}
	return s.opt.Timeout + time.Duration(20*s.left[0].Seconds*float64(time.Second))
}

// hear takes one line, and reports whether it is an answer.
func (s *session) hear(text []byte) (bool, error) {
	l, err := parseLine(text)
	switch {
	case err != nil:
		fmt.Fprintf(s.log, "no line of the protocol: %.200q: %v\n", text, err)
		return false, nil
	case l.Hello != nil:
		return true, s.greet(l.Hello)
	case l.Bye:
		s.bye = true
		return true, nil
	}
	i := slices.IndexFunc(s.left, func(p plan.Point) bool { return p.ID == l.Point })
	if i < 0 || !s.hello {
		fmt.Fprintf(s.log, "point %.200q is not asked for, or was answered: left out\n", l.Point)
		return false, nil
	}
	p := s.left[i]
	copy(s.left[1:i+1], s.left[:i]) // points come in order: seldom anything moves
	s.left = s.left[1:]
	l.judge(&p, s.plan.Model.NoPostNorm)
	return true, s.keep(p, l.Result)
}

// greet compares the machine with that of earlier sessions.
func (s *session) greet(h *Hello) error {
	if s.hello || s.journal == nil {
		return nil
	}
	now := &Session{
		PlanHash: s.hash, Command: s.opt.Command, ModelName: s.plan.ModelName, Device: s.plan.Device, Node: s.plan.Node,
		Model: s.plan.Model, BlockSize: s.plan.BlockSize, Hello: *h,
	}
	if n := len(s.journal.sessions); n > 0 {
		if why := s.journal.sessions[n-1].differs(now, !s.opt.Force); why != "" {
			return &DiffersError{s.opt.Dir, why}
		}
	}
	s.hello = true
	if !s.ready && s.opt.Started != nil {
		s.opt.Started(h, s.before, s.total-s.before)
	}
	s.ready = true
	return s.journal.add(entry{Session: now})
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - 4096; over > 0 {
		t.text = slices.Delete(t.text, 0, over)
	}
	return len(p), nil
}

// last is the last line that is not blank.
func (t *tail) last() string {
	text := strings.TrimSpace(string(t.text))
	return text[strings.LastIndexByte(text, '\n')+1:]
}
