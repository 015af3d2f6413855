package worker

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"

	"github.com/govidur/govidur/kernel/server"
)

// process is a process that runs cells, seen from the front.
type process struct {
	cmd      *exec.Cmd
	requests *os.File // closing it ends the process
	send     *sender
	replies  chan *reply
	streams  []*stream
	files    []*os.File // of the streams
	stderr   *trap
	stubborn atomic.Bool // killed because it did not end a cell

	dead    chan struct{} // closed when it has ended
	death   *death        // how, then
	mourned bool          // a cell has said so; of who holds calls
}

// death is how a process ended.
type death struct {
	how      string // exit status 3
	trace    string // last words of the Go runtime
	stubborn bool
}

func (d *death) Error() string { return "the process that runs the cells has died: " + d.how }

// viewer is shown what a process shows.
type viewer interface {
	stream(name, text string)
	display(d server.Display)
	comm(p *packet)
	capture(c *capture) (text string)
	clear(wait bool)
	ask(q *question) (string, error)
	gone()
}

// startProcess starts a process.
func startProcess(command []string, v viewer) (*process, error) {
	p := &process{
		cmd: exec.Command(command[0], command[1:]...), stderr: &trap{},
		replies: make(chan *reply, 16), dead: make(chan struct{}),
	}
	apart(p.cmd)
	theirs, replies, err := p.connect(v)
	if err == nil {
		err = p.cmd.Start()
	}
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		p.close()
		if replies != nil {
			replies.Close()
		}
		return nil, fmt.Errorf("worker: %w", err)
	}
	for _, s := range p.streams {
		go s.follow()
	}
	go p.follow(replies, v)
	return p, nil
}

// connect makes the pipes. It returns the ends of the process, which are to be
// closed when it has them, and that of the replies.
func (p *process) connect(v viewer) (theirs []*os.File, replies *os.File, err error) {
	pipe := func() (r, w *os.File) {
		if err == nil {
			r, w, err = os.Pipe()
		}
		return r, w
	}
	in, requests := pipe()
	replies, out := pipe()
	stdout, childOut := pipe()
	stderr, childErr := pipe()
	theirs = []*os.File{in, out, childOut, childErr}
	p.requests, p.files = requests, []*os.File{stdout, stderr}
	if err != nil {
		return theirs, replies, err
	}
	p.send = newSender(requests)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = childOut, childErr, []*os.File{in, out}
	return theirs, replies, p.follower(v, stdout, stderr)
}

// follower makes the streams.
func (p *process) follower(v viewer, stdout, stderr *os.File) error {
	text, err := newStream(stdout, func(s string) { v.stream("stdout", s) })
	if err != nil {
		return err
	}
	words, err := newStream(stderr, p.stderr.take)
	if err != nil {
		return err
	}
	p.stderr.pass = func(s string) { v.stream("stderr", s) }
	p.stderr.later = func() { words.locked(p.stderr.giveUp) }
	p.streams = []*stream{text, words}
	return nil
}

// follow handles replies until the process has ended.
func (p *process) follow(replies *os.File, v viewer) {
	defer replies.Close()
	dec := gob.NewDecoder(bufio.NewReader(replies))
	for {
		r := &reply{}
		if err := dec.Decode(r); err != nil {
			break
		}
		p.drain()
		p.streams[1].locked(p.stderr.release)
		switch { // an error of send means that the process is dying
		case r.Display != nil:
			v.display(*r.Display)
			_ = p.send.send(&request{Verb: displayed})
		case r.Comm != nil:
			v.comm(r.Comm)
			_ = p.send.send(&request{Verb: displayed})
		case r.Capture != nil:
			_ = p.send.send(&request{Verb: displayed, Line: v.capture(r.Capture)})
		case r.Clear != "":
			v.clear(r.Clear == clearNext)
			_ = p.send.send(&request{Verb: displayed})
		case r.Asks != nil:
			go func() {
				line, err := v.ask(r.Asks)
				if err != nil {
					line = err.Error()
				}
				ended := err != nil && !errors.Is(err, server.ErrNoInput)
				_ = p.send.send(&request{Verb: answer, Line: line, Refused: err != nil, Ended: ended})
			}()
		default:
			p.replies <- r
		}
	}
	p.bury(v)
}

// drain takes what lies in the streams.
func (p *process) drain() {
	for _, s := range p.streams {
		s.drain()
	}
}

// bury ends what is left of a process that does not reply any more. One that is
// ending already keeps its status.
func (p *process) bury(v viewer) {
	p.requests.Close()
	p.kill()
	_ = p.cmd.Wait() // the state says it all
	p.drain()
	d := &death{how: p.cmd.ProcessState.String(), stubborn: p.stubborn.Load()}
	p.streams[1].locked(func() { d.trace = p.stderr.last(p.cmd.ProcessState.ExitCode()) })
	p.close()
	p.death = d
	v.gone()
	close(p.dead)
}

// close closes the front's ends of the pipes.
func (p *process) close() {
	for _, f := range append(p.files, p.requests) {
		if f != nil {
			f.Close()
		}
	}
}

// kill ends the process whatever it does.
func (p *process) kill() { endGroup(p.cmd) }

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}
