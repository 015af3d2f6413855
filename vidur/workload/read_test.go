package workload

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
)

const header = "arrived_at,num_prefill_tokens,num_decode_tokens\n"

func writeFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

func TestReadRequests(t *testing.T) {
	want := Replay{{At: 0, Prefill: 395, Decode: 7}, {At: 1.5, Prefill: 12, Decode: 1}}
	for name, text := range map[string]string{
		"plain":         header + "0,395,7\n1.5,12,1\n",
		"floats":        header + "0.0,395.0,7.0\n1.5e0,12.0,1\n",
		"Windows":       "\ufeffarrived_at,num_prefill_tokens,num_decode_tokens\r\n0,395,7\r\n1.5,12,1\r\n",
		"other columns": "request_id,num_decode_tokens,num_prefill_tokens,arrived_at\n0,7,395,0\n1,1,12,1.5",
		"spaces":        "arrived_at, num_prefill_tokens , num_decode_tokens\n0, 395 , 7\n\n 1.5,12,1\n",
		"gzip":          packed(header + "0,395,7\n1.5,12,1\n"),
	} {
		got, err := ReadRequests(writeFile(t, text), Scaling{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sameRequests(t, got, want)
	}
}

func TestReadScaling(t *testing.T) {
	path := writeFile(t, header+"1,100,30\n2,10,500\n3,1,1\n")
	got, err := ReadRequests(path, Scaling{Time: 2, Prefill: 1.5, Decode: 0.5, MaxTokens: 100})
	if err != nil {
		t.Fatal(err)
	}
	sameRequests(t, got, Replay{{At: 2, Prefill: 85, Decode: 15}, {At: 4, Prefill: 1, Decode: 99}, {At: 6, Prefill: 1, Decode: 1}})
	lengths, err := ReadLengths(path, Scaling{MaxTokens: 100})
	if err != nil {
		t.Fatal(err)
	}
	// 30 too many: 23.08 and 6.92, both rounded up. 410 too many: 8.04 and 401.96.
	if want := []Tokens{{76, 23}, {1, 98}, {1, 1}}; !slices.Equal(lengths, want) {
		t.Errorf("lengths %v, want %v", lengths, want)
	}
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "trace.csv: the file is empty"},
		{header, "trace.csv: the file has no requests"},
		{"a,b\n1,2\n", `trace.csv:1: nothing has the lengths of the prompts; there is "a", "b"`},
		{header + "0,1,1\n1,x,1\n", `trace.csv:3: column "num_prefill_tokens": "x" is not a number`},
		{header + "0,1,\n", `trace.csv:2: column "num_decode_tokens": empty`},
		{header + "-1,1,1\n", `trace.csv:2: column "arrived_at": -1 is negative`},
		{header + "NaN,1,1\n", `column "arrived_at": NaN is not finite`},
		{header + "inf,1,1\n", `column "arrived_at": inf is not finite`},
		{header + "1e999,1,1\n", `column "arrived_at": 1e999 is not finite`},
		{header + "4.1,1,1\n3.2,1,1\n", `trace.csv:3: column "arrived_at": 3.2 is before 4.1 of line 2`},
		{header + "0,0,1\n", `column "num_prefill_tokens": 0 tokens; there must be at least 1`},
		{header + "0,1,2.5\n", `column "num_decode_tokens": 2.5 is not a whole number of tokens`},
		{header + "0,1e300,1\n", `column "num_prefill_tokens": 1e300 tokens are more than`},
		{header + "0,1\n", "trace.csv:2: the row does not have as many fields as the header"},
		{header + "0,\"1,1\n", "trace.csv:"},
		{packed(header)[:30], "trace.csv: "},
	} {
		_, err := ReadRequests(writeFile(t, c.text), Scaling{})
		wantError(t, err, c.want)
	}
	path := writeFile(t, header+"1,1,1\n")
	for _, c := range []struct {
		s    Scaling
		want string
	}{
		{Scaling{Time: -1}, "Scaling.Time is -1"},
		{Scaling{Prefill: math.NaN()}, "Scaling.Prefill is NaN"},
		{Scaling{Decode: math.Inf(1)}, "Scaling.Decode is +Inf"},
		{Scaling{MaxTokens: 1}, "Scaling.MaxTokens is 1"},
		{Scaling{MaxTokens: -5}, "Scaling.MaxTokens is -5"},
	} {
		_, err := ReadRequests(path, c.s)
		wantError(t, err, c.want)
	}
	_, err := ReadRequests(writeFile(t, header+"1e15,1,1\n"), Scaling{Time: 1e300})
	wantError(t, err, "is not finite")
	_, err = ReadLengths(filepath.Join(t.TempDir(), "none.csv"), Scaling{})
	wantError(t, err, "none.csv")
}

func TestReadTimes(t *testing.T) {
	path := writeFile(t, "app,arrival_time\na,1970-01-04 11:59:59\nb,1970-01-04 12:00:00\nc,1970-01-04 12:00:01.25\nd,1970-01-04T12:00:03Z\ne,1970-01-04 14:00:03.5000000+02:00\nf,1970-01-04 15:00:00\n")
	got, err := ReadTimes(path, Window{"1970-01-04 12:00:00", "1970-01-04 15:00:00"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0, 1.75, 2.25}; !slices.Equal(got.Times, want) {
		t.Errorf("times %v, want %v", got.Times, want)
	}
	got, err = ReadTimes(writeFile(t, "arrival_time\n10.5\n11\n"), Window{})
	if err != nil || !slices.Equal(got.Times, []float64{0, 0.5}) {
		t.Errorf("times %v, %v", got.Times, err)
	}
	for _, c := range []struct {
		text, want string
		w          Window
	}{
		{"arrival_time\nx\n", `trace.csv:2: column "arrival_time": "x" is neither a date nor`, Window{}},
		{"arrival_time\n2\n1\n", `trace.csv:3: column "arrival_time": 1 is 1 s before line 2`, Window{}},
		{"arrival_time\n2\n", `no arrival_time is between "5" and ""`, Window{Start: "5"}},
		{"arrival_time\n2\n", `Window.End "soon" is neither`, Window{End: "soon"}},
		{"arrived_at\n2\n", `column "arrival_time": missing`, Window{}},
	} {
		_, err := ReadTimes(writeFile(t, c.text), c.w)
		wantError(t, err, c.want)
	}
}

// Rows are read in about half a microsecond each.
func TestReadMany(t *testing.T) {
	b := bytes.NewBufferString(header)
	for i := range 200_000 {
		fmt.Fprintf(b, "%d.%06d,%d,%d\n", i/10, i%10*100_003, 1+i%4000, 1+i%700)
	}
	path := writeFile(t, b.String())
	begin := time.Now()
	list, err := ReadRequests(path, Scaling{})
	if err != nil || len(list) != 200_000 {
		t.Fatal(len(list), err)
	}
	took := time.Since(begin)
	t.Logf("%v for 200,000 rows", took)
	if took > 10*time.Second {
		t.Errorf("%v for 200,000 rows", took)
	}
}

func FuzzReadRequests(f *testing.F) {
	for _, text := range []string{header + "0,395,7\n1.5,12,1\n", header + "0,1e3,1.0\n", "a\n", packed(header + "0,1,1\n"), header + "\"0\",1,1\n"} {
		f.Add([]byte(text), 1.0, 100)
	}
	f.Fuzz(func(t *testing.T, text []byte, by float64, most int) {
		trace, err := newReader("x").read(bytes.NewReader(text))
		if err != nil {
			return
		}
		list, err := trace.Requests.Scaled(Scaling{Time: by, Prefill: by, MaxTokens: most})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "workload: ") {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		if _, err := list.New(nil); err != nil {
			t.Errorf("what was read cannot be run: %v", err)
		}
		if most > 0 && list.Longest() > most {
			t.Errorf("longest %d of at most %d", list.Longest(), most)
		}
	})
}

func FuzzReadLengths(f *testing.F) {
	f.Add([]byte("num_prefill_tokens,num_decode_tokens\n5,6\n4000,1000\n"), 0.5, 100)
	f.Fuzz(func(t *testing.T, text []byte, by float64, most int) {
		trace, err := newReader("x").read(bytes.NewReader(text))
		if err != nil {
			return
		}
		list, err := trace.ScaledLengths(Scaling{Prefill: by, Decode: by, MaxTokens: most})
		if err != nil {
			return
		}
		s := Shuffled{list}
		if _, err := s.Start(testRand(1)); err != nil {
			t.Errorf("what was read cannot be run: %v", err)
		}
		if most > 0 && s.Longest() > most {
			t.Errorf("longest %d of at most %d", s.Longest(), most)
		}
	})
}

func FuzzReadTimes(f *testing.F) {
	f.Add([]byte("arrival_time\n1970-01-04 12:00:01.25\n1970-01-05\n"), "", "")
	f.Add([]byte("arrival_time\n1\n2e3\n"), "0", "1970-01-04 12:00:01.25")
	f.Fuzz(func(t *testing.T, text []byte, start, end string) {
		tab, err := newTable("x", bytes.NewReader(text), "arrival_time")
		if err != nil {
			return
		}
		times, err := tab.times(Window{start, end})
		if err != nil {
			return
		}
		if _, err := times.Start(nil); err != nil {
			t.Errorf("what was read cannot be run: %v", err)
		}
	})
}

var _ vidur.Workload = (*replay)(nil)
