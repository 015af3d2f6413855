package nb

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// ended runs f and returns how it ended.
func ended(f func()) (e Ended, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			e, ok = r.(Ended)
		}
	}()
	f()
	return e, false
}

func TestHostEnds(t *testing.T) {
	var failed []error
	var codes []int
	defer SetHost(&Host{
		Fail: func(err error) { failed = append(failed, err) },
		Exit: func(code int) { codes = append(codes, code) },
		Args: []string{"--qps", "x"},
	})()
	broken := errors.New("broken")
	if e, ok := ended(func() { Check(broken) }); !ok || e.Code != 1 || !errors.Is(e, broken) || len(failed) != 1 || !errors.Is(failed[0], broken) {
		t.Error(e, failed)
	}
	p := defaults()
	var wrong *ParamError
	if e, ok := ended(func() { Params(&p) }); !ok || e.Code != 2 || len(failed) != 2 || !errors.As(failed[1], &wrong) || wrong.Name != "qps" {
		t.Error(e, failed)
	}
	var out bytes.Buffer
	restore := SetHost(&Host{Exit: func(code int) { codes = append(codes, code) }, Args: []string{"-h"}, Stdout: &out})
	if e, ok := ended(func() { Params(&p) }); !ok || e.Code != 0 || e.Err != nil || len(codes) != 1 || codes[0] != 0 || !strings.HasPrefix(out.String(), "Flags:\n") {
		t.Error(e, codes, out.String())
	}
	restore()
	restore() // the second time does nothing
	if h, ok := host(); !ok || h.Fail == nil {
		t.Error("the host before is not back")
	}
	if e, ok := ended(func() { Check(nil) }); ok {
		t.Error(e)
	}
	if s := (Ended{Code: 3}).Error(); s != "ended with status 3" {
		t.Error(s)
	}
}

func TestHostWithoutFail(t *testing.T) {
	defer SetHost(&Host{Args: []string{"-h"}, Stdout: new(bytes.Buffer)})()
	if e, ok := ended(func() { Check(flag.ErrHelp) }); !ok || e.Code != 1 {
		t.Error(e)
	}
	if e, ok := ended(func() { Params(&struct{}{}) }); !ok || e.Code != 0 {
		t.Error(e)
	}
}

func TestInjected(t *testing.T) {
	for _, c := range []struct {
		params map[string]string
		want   func(*all)
		err    string
	}{
		{map[string]string{}, func(*all) {}, ""},
		{map[string]string{"qps": "8", "loads": "[1,2,4]", "full": "true", "chunk_sizes": "1"}, func(a *all) {
			a.QPS, a.Loads, a.Full, a.Chunk = 8, []float64{1, 2, 4}, true, []int{1}
		}, ""},
		{map[string]string{"qsp": "8", "full": "true"}, func(*all) {}, "there is no parameter qsp; did you mean qps?"},
		{map[string]string{"seed": "x", "full": "true"}, func(*all) {}, `seed: "x" is not a whole number of at least 0`},
		{map[string]string{"no_full": "true"}, func(*all) {}, "there is no parameter no_full; did you mean full?"},
		{map[string]string{"chunk_sizes": "1", "chunk-sizes": "2"}, func(*all) {}, "chunk-sizes is given twice"},
	} {
		restore := SetHost(&Host{Params: c.params, Args: []string{"--qps", "99"}})
		got, want := defaults(), defaults()
		c.want(&want)
		e, failed := ended(func() { Params(&got) })
		if !reflect.DeepEqual(got, want) || failed != (c.err != "") || failed && e.Error() != c.err {
			t.Errorf("%v: %+v, %v", c.params, got, e)
		}
		restore()
	}
}

// TestDefaultsAndValues: the table knows both after Params.
func TestDefaultsAndValues(t *testing.T) {
	restore := SetHost(&Host{Args: []string{"--qps", "8", "rest"}})
	p := struct{ QPS float64 }{4}
	Params(&p)
	table, err := ParamsTable(&p)
	if err != nil || table[0].Default != "4" || table[0].Value != "8" {
		t.Error(table, err)
	}
	if got := Args(); len(got) != 1 || got[0] != "rest" {
		t.Error(got)
	}
	restore()
	if table, err := ParamsTable(&p); err != nil || table[0].Default != "8" || len(Args()) != 0 {
		t.Error("a script after another knows its parameters", table, err)
	}
}

func TestHostContextAndDisplay(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 1)
	var log []string
	defer SetHost(&Host{
		Context: func() context.Context { return ctx },
		Display: func(b Bundle, id string, update bool) {
			log = append(log, fmt.Sprintf("%v %v %v", b[typeText], id != "", update))
		},
	})()
	if Context() != ctx {
		t.Error("not the host's context")
	}
	Display(1, "two", nil)
	var live Live
	live.Show(1)
	live.Show(2)
	var other Live
	other.Show(3)
	want := []string{"1 false false", "two false false", "<nil> false false", "1 true false", "2 true true", "3 true false"}
	if !reflect.DeepEqual(log, want) {
		t.Error(log)
	}
}

func TestHostStreams(t *testing.T) {
	var out bytes.Buffer
	defer SetHost(&Host{Stdout: &out})()
	gonbui.IsNotebook = true // is for programs without a host
	defer func() { gonbui.IsNotebook = false }()
	Display("a", []point{{Name: "b"}}, "c\n")
	const want = "a\nName  X  Y  N\nb     0  0  0\n1 row × 4 columns\nc\n"
	if out.String() != want {
		t.Errorf("%q", out.String())
	}
}

func TestConcurrentDisplays(t *testing.T) {
	var out bytes.Buffer
	defer SetHost(&Host{Stdout: &out})()
	bar := NewProgress("x", 100)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			Display(strings.Repeat("x", 100))
			bar.Add(1)
		})
	}
	wait.Wait()
	bar.Done()
	if out.String() != strings.Repeat(strings.Repeat("x", 100)+"\n", 8) || bar.state.Done != 8 {
		t.Error(out.String())
	}
}

func TestHostProgress(t *testing.T) {
	draws = bucket{left: mostDraws}
	var log []string
	defer SetHost(&Host{Progress: func(s ProgressState) {
		log = append(log, fmt.Sprintf("%s %d/%d %v", s.Label, s.Done, s.Total, s.Ended))
	}})()
	p := NewProgress("runs", 10)
	for range 10000 {
		p.Add(1)
	}
	p.mu.Lock()
	p.drawn = p.drawn.Add(-barEvery) // as if a tenth of a second had passed
	p.mu.Unlock()
	p.Set(5)
	p.Done()
	p.Done()
	p.Set(6)
	n := len(log)
	if n > 20 || log[0] != "runs 0/10 false" || log[n-2] != "runs 5/10 false" || log[n-1] != "runs 5/10 true" {
		t.Error(log)
	}
	log = nil
	bar := SweepBar("sweep")
	for i := range 3 {
		bar(i+1, 3, nil, nil)
	}
	if log[0] != "sweep 0/3 false" || log[len(log)-1] != "sweep 3/3 true" {
		t.Error(log)
	}
}

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		s     ProgressState
		width int
		want  string
	}{
		{ProgressState{Label: "runs", Done: 5, Total: 10}, 80, "runs [===============               ] 5 of 10, 0 s"},
		{ProgressState{Label: "runs", Done: 5, Total: 10}, 30, "runs [=====     ] 5 of 10, 0 s"},
		{ProgressState{Label: "runs", Done: 5}, 80, "runs 5, 0 s"},
		{ProgressState{Done: 5, Since: 2 * time.Second}, 80, "5, 2 s, 2.5/s"},
		{ProgressState{Done: 5, Total: 10, Since: 2 * time.Second}, 34, "[= ] 5 of 10, 2 s, 2.5/s, 2 s left"},
		{ProgressState{Done: 1, Total: 100, Since: 2 * time.Minute}, 10, "1 of 100, "},
		{ProgressState{Done: 20, Total: 10}, 27, "[===========] 20 of 10, 0 s"},
		{ProgressState{Done: -3, Total: 10}, 27, "[           ] -3 of 10, 0 s"},
		{ProgressState{Done: math.MaxInt, Total: math.MaxInt}, 60, "[==========] 9223372036854775807 of 9223372036854775807, 0 s"},
		{ProgressState{Label: "größer\n\x1b", Total: 1}, 8, "größer 0"},
		{ProgressState{Label: "x", Total: 1}, 0, ""},
		{ProgressState{Label: "x", Total: 1}, -1, ""},
	} {
		if got := c.s.line(c.width); got != c.want {
			t.Errorf("%+v: %q", c.s, got)
		}
	}
	for want, s := range map[string]ProgressState{
		"1 of 3, 2 s, 2 s each, 4 s left":            {Done: 1, Total: 3, Since: 2 * time.Second},
		"3 of 3, 2 s, 1.5/s":                         {Done: 3, Total: 3, Since: 2 * time.Second},
		"1 of 100, 120 s, 120 s each, 3 h left":      {Done: 1, Total: 100, Since: 2 * time.Minute},
		"10 of 20, 600 s, 60 s each, 10 min left":    {Done: 10, Total: 20, Since: 10 * time.Minute},
		"1000000 of 2000000, 1 s, 1e+06/s, 1 s left": {Done: 1e6, Total: 2e6, Since: time.Second},
	} {
		if got := s.counts(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	bars := []ProgressState{{Label: "outer", Done: 1, Total: 4}, {Label: "inner", Done: 1, Total: 2}}
	if got := together(bars, 60); got != "outer [==       ] 1 of 4, 0 s  inner [====     ] 1 of 2, 0 s" {
		t.Errorf("%q", got)
	}
	b := ProgressState{Label: "a < b", Done: 1, Total: 2}.Bundle()
	if b[typeHTML] != `a &lt; b <progress value="1" max="2" style="vertical-align:middle"></progress> 1 of 2, 0 s` || b[typeText] != "a < b [===============               ] 1 of 2, 0 s" {
		t.Error(b)
	}
	if b := (ProgressState{Ended: true}).Bundle(); b[typeHTML] != "" || b[typeText] != "" {
		t.Error(b)
	}
}

// TestProgressRate: however many bars there are and however fast they are, they
// are drawn ten times a second and ten times besides.
func TestProgressRate(t *testing.T) {
	draws = bucket{left: mostDraws}
	var mu sync.Mutex
	drawn, ended, open := 0, 0, map[int]bool{}
	defer SetHost(&Host{Progress: func(s ProgressState) {
		mu.Lock()
		defer mu.Unlock()
		if s.Ended {
			ended++
			if !open[s.ID] {
				t.Error("a bar ends that was not drawn")
			}
			delete(open, s.ID)
			return
		}
		drawn++
		open[s.ID] = true
	}})()
	begun := time.Now()
	outer := NewProgress("outer", 200)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 25 {
				inner := NewProgress("inner", 100)
				for range 100 {
					inner.Add(1)
				}
				inner.Done()
				outer.Add(1)
			}
		})
	}
	wait.Wait()
	outer.Done()
	if most := int(mostDraws*(1+time.Since(begun).Seconds())) + 1; drawn > most || drawn < 1 || len(open) > 0 || outer.state.Done != 200 {
		t.Errorf("drawn %d times, at most %d; %d ended, %d not, %+v", drawn, most, ended, len(open), outer.state)
	}
	b := bucket{left: 1}
	now := time.Unix(0, 0)
	if !b.take(now) || b.take(now) || b.take(now.Add(90*time.Millisecond)) || !b.take(now.Add(110*time.Millisecond)) || b.take(now) {
		t.Error("the bucket leaks")
	}
}
