package workload

import (
	"fmt"
	"math"
)

// Window is a part of a trace. Empty bounds are open.
type Window struct {
	Start, End string // rows strictly between them count; written like the rows
}

// ReadTimes reads arrival times from the column arrival_time of a CSV file,
// which may be packed by gzip, and keeps those in the window. A time is a date
// like "2023-11-16 18:15:46.6805900", with or without a zone (UTC if without),
// or a number of seconds. The result counts from the first time that is kept.
//
// Rows must be in order of time. Errors have the form file:line: column "x":
// what is wrong.
func ReadTimes(path string, w Window) (Recorded, error) {
	t, f, err := openTable(path, "arrival_time")
	if err != nil {
		return Recorded{}, err
	}
	defer f.Close()
	return t.times(w)
}

func (t *table) times(w Window) (Recorded, error) {
	start, err := w.bound("Start", w.Start, math.Inf(-1))
	if err != nil {
		return Recorded{}, err
	}
	end, err := w.bound("End", w.End, math.Inf(1))
	if err != nil {
		return Recorded{}, err
	}
	var list Recorded
	var origin, last instant
	lastLine := 0
	for {
		more, err := t.next()
		if err != nil {
			return Recorded{}, err
		}
		if !more {
			break
		}
		at, ok := parseTime(t.text(0))
		if !ok {
			return Recorded{}, t.errorf(0, "%q is neither a date nor a number of seconds", short(t.text(0)))
		}
		if lastLine > 0 && at.sub(last) < 0 {
			return Recorded{}, t.errorf(0, "%s is %g s before line %d", short(t.text(0)), -at.sub(last), lastLine)
		}
		last, lastLine = at, t.line
		if s := at.seconds(); s <= start || s >= end {
			continue
		}
		if list.Times == nil {
			origin = at
		}
		list.Times = append(list.Times, at.sub(origin))
	}
	if len(list.Times) == 0 {
		return Recorded{}, fmt.Errorf("%s: no arrival_time is between %q and %q", t.path, w.Start, w.End)
	}
	return list, nil
}

func (Window) bound(name, text string, open float64) (float64, error) {
	if text == "" {
		return open, nil
	}
	at, ok := parseTime(text)
	if !ok {
		return 0, fmt.Errorf("workload: Window.%s %q is neither a date nor a number of seconds", name, short(text))
	}
	return at.seconds(), nil
}
