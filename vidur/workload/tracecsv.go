package workload

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// csv reads a CSV file.
func (r *reader) csv(in *bufio.Reader) error {
	t, header, err := readHeader(r.path, in)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseFloat(strings.TrimSpace(header[0]), 64); err == nil && len(header) == 6 {
		return r.serveGen(t, header)
	}
	l, err := recognise(header, false)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", r.path, t.line, err)
	}
	if err := t.find(header, l.columns()); err != nil {
		return err
	}
	return r.table(t, l)
}

// table reads the rows of a file that has been recognised.
func (r *reader) table(t *table, l layout) error {
	r.begin(l)
	clock := clock{layout: l, sessions: map[string]instant{}}
	for {
		more, err := t.next()
		if err != nil || !more {
			return err
		}
		var q timed
		if l.exact {
			q, err = r.exactRow(t, l)
		} else {
			q, err = clock.row(t)
		}
		if err != nil {
			return err
		}
		r.add(q, t.line)
		r.line = t.line
		if clock.dates {
			r.trace.Report.Unit = "date"
		}
	}
}

// begin notes what kind of file it is.
func (r *reader) begin(l layout) {
	r.exact, r.trace.Timed = l.exact, l.at != ""
	rep := &r.trace.Report
	rep.Format, rep.Time, rep.Prompt, rep.Answer = l.format, l.at, l.prompt, l.answer
	if r.trace.Timed {
		rep.Unit = l.unit
	}
}

// exactRow is a row in the format of this simulator.
func (r *reader) exactRow(t *table, l layout) (q timed, err error) {
	if l.at != "" {
		at, err := t.number(colAt)
		if err != nil {
			return q, err
		}
		if at > 1<<52 {
			return q, t.errorf(colAt, "%g s is more than 2^52", at)
		}
		q.at = instant{int64(at), at - math.Floor(at)}
		if n := len(r.list); n > 0 && q.at.compare(r.list[n-1].at) < 0 {
			return q, t.errorf(colAt, "%g is before %g of line %d", at, r.list[n-1].at.seconds(), r.line)
		}
	}
	if q.Prefill, err = t.tokens(colPrompt); err != nil {
		return q, err
	}
	q.Decode, err = t.tokens(colAnswer)
	return q, err
}

// clock reads the times of a file.
type clock struct {
	layout
	dates    bool               // times are dates and not numbers
	sessions map[string]instant // when the last turn of a session came
}

// row is a row of any other format.
func (c *clock) row(t *table) (q timed, err error) {
	if c.at != "" {
		if q.at, err = c.when(t); err != nil {
			return q, err
		}
	}
	if q.Prefill, err = t.count(colPrompt); err != nil {
		return q, err
	}
	q.Decode, err = t.count(colAnswer)
	return q, err
}

// when is the time of a row: its own, or that of the turn before it in its
// session and what it waits after that.
func (c *clock) when(t *table) (instant, error) {
	text, session := t.text(colAt), t.text(colSession)
	before, turn := c.sessions[session]
	if text == "" && turn && session != "" {
		wait, ok := parseClock(t.text(colDelay), c.unit)
		if !ok || wait.whole < 0 {
			return wait, t.errorf(colAt, "empty, and there is no delay after the turn before")
		}
		at := instant{before.whole + wait.whole, before.rest + wait.rest}
		if at.rest >= 1 {
			at = instant{at.whole + 1, at.rest - 1}
		}
		c.sessions[session] = at
		return at, nil
	}
	at, ok := parseClock(text, c.unit)
	if !ok {
		if at, ok = parseDate(text); ok {
			c.dates = true
		}
	}
	switch {
	case text == "":
		return at, t.errorf(colAt, "empty")
	case !ok:
		return at, t.errorf(colAt, "%q is neither a date nor a number", short(text))
	}
	if session != "" {
		c.sessions[session] = at
	}
	return at, nil
}
