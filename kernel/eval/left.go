package eval

import "time"

// leftGrace is how long goroutines have that cells left behind to come to their
// end when they are stopped: code that is interpreted takes microseconds.
const leftGrace = 100 * time.Millisecond

// Left is how many goroutines run that cells have started with go statements.
func (s *Session) Left() int { return s.left() }

func (w *world) left() (n int) {
	for _, x := range w.worlds() {
		n += x.rt.Left()
	}
	return n
}

// StopLeft ends the goroutines that cells left behind, and returns how many did
// not end: those wait in compiled code, and go on when they come back from
// there. It is not for the middle of a cell.
func (s *Session) StopLeft() int {
	if s.Left() == 0 {
		return 0
	}
	s.stop()
	s.settle()
	s.resume()
	return s.Left()
}

// settle waits until goroutines that have been stopped have ended.
func (w *world) settle() {
	const pause = 200 * time.Microsecond
	for waited := time.Duration(0); waited < leftGrace && w.left() > 0; waited += pause {
		time.Sleep(pause)
	}
}
