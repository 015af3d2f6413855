package server

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTheLogIsSpared(t *testing.T) {
	var got []string
	l := &sparing{log: func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }}
	for i := range 1000 {
		l.line("line %d", i)
	}
	if len(got) != logLines || got[logLines-1] != fmt.Sprintf("line %d", logLines-1) {
		t.Fatalf("%d lines, the last is %q", len(got), got[len(got)-1])
	}
	l.since = l.since.Add(-logEvery - time.Second)
	l.line("later")
	if rest := strings.Join(got[logLines:], "; "); rest != "950 lines were left out here; later" {
		t.Error(rest)
	}
}
