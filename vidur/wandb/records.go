package wandb

import (
	"math"
	"strconv"
	"time"
)

// Numbers of fields of wandb_internal.proto. A Record has a number and one of the
// others.
const (
	recordNum     = 1
	recordHistory = 2
	recordSummary = 3
	recordFiles   = 6
	recordMetric  = 12
	recordRun     = 17
	recordExit    = 18
	recordHeader  = 21
)

// producer is who wrote the log; oldestReader is the least version of the client
// that the records ask for.
const (
	producer     = "govidur"
	oldestReader = "0.16.0"
)

// log is the transaction log of the run.
func (c *contents) log(id string, start time.Time) []byte {
	l := newLog()
	n := int64(0)
	add := func(field int, m message) {
		n++
		l.add(message{}.int(recordNum, n).sub(field, m))
	}
	add(recordHeader, message{}.sub(1, message{}.text(1, producer).text(2, oldestReader)))
	add(recordRun, c.runRecord(id, start))
	add(recordFiles, filesRecord())
	for _, m := range c.run.History.metrics() {
		add(recordMetric, m)
	}
	c.run.History.records(start, func(m message) { add(recordHistory, m) })
	add(recordSummary, items(c.whole(start)))
	exit := message{}
	if c.run.Failed {
		exit = exit.int(1, 1)
	}
	add(recordExit, exit.int(2, c.seconds()))
	return l.bytes
}

// seconds is how long the run took as an int32 has it.
func (c *contents) seconds() int64 { return int64(min(c.run.Length, math.MaxInt32)) }

// runRecord is a RunRecord.
func (c *contents) runRecord(id string, start time.Time) message {
	r := c.run
	config := items(append([]value{{"_wandb", "{}"}}, c.config...))
	m := message{}.text(1, id).text(3, r.Project).sub(4, config).text(6, r.Group).text(7, r.JobType).text(8, r.Name)
	return m.sub(17, timestamp(start))
}

// filesRecord says which files are to be uploaded beside what the client makes
// itself.
func filesRecord() message {
	return message{}.sub(1, message{}.text(1, metadataName))
}

// items is a ConfigRecord or SummaryRecord that sets values.
func items(list []value) message {
	size := 64
	for _, v := range list {
		size += len(v.name) + len(v.json) + 16
	}
	m := make(message, 0, size)
	for _, v := range list {
		m = m.sub(1, message{}.text(1, v.name).text(16, v.json))
	}
	return m
}

// whole is the summary with what W&B keeps there itself: when the last step was
// and how long the run took.
func (c *contents) whole(start time.Time) []value {
	list := append([]value{}, c.summary...)
	if n := len(c.run.History.Rows); n > 0 {
		list = append(list, value{"_step", strconv.Itoa(n - 1)})
	}
	return append(list,
		value{"_timestamp", number(unix(start) + c.run.Length)},
		value{"_runtime", number(c.run.Length)},
		value{"_wandb", `{"runtime":` + strconv.FormatInt(c.seconds(), 10) + `}`})
}

// metrics are MetricRecords: over what each column is drawn.
func (h *History) metrics() []message {
	var list []message
	options := message{}.bool(1, true).bool(3, true) // the step is logged with it; it was defined
	for i, name := range h.Names {
		m := message{}.text(1, name)
		if i > 0 {
			m = m.text(4, h.Names[0])
		}
		list = append(list, m.sub(6, options))
	}
	return list
}

// records are HistoryRecords, a row each.
func (h *History) records(start time.Time, add func(message)) {
	for i, row := range h.Rows {
		at := 0.0 // s since the start
		if h.Clock && finite(row[0]) {
			at = row[0]
		}
		list := []value{{"_step", strconv.Itoa(i)}, {"_timestamp", number(unix(start) + at)}, {"_runtime", number(at)}}
		for k, v := range row {
			if finite(v) {
				list = append(list, value{h.Names[k], number(v)})
			}
		}
		add(items(list).sub(2, message{}.int(1, int64(i))))
	}
}

func unix(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// number is a finite number in JSON, in the fewest digits that are it.
func number(v float64) string {
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(v, format, -1, 64)
}
