package workload

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// fixtures are small files of our own in every format; testdata/traces.txt says
// what is read from each. Rewrite it with -update.
func fixtures(t testing.TB) []string {
	t.Helper()
	list, err := filepath.Glob("testdata/traces/*")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return slices.DeleteFunc(list, func(p string) bool { return strings.HasSuffix(p, "-dataset.json") })
}

func TestReadFormats(t *testing.T) {
	var got bytes.Buffer
	for _, path := range fixtures(t) {
		trace, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(trace.Report.String())
		for i, a := range trace.Requests {
			if i == 4 {
				fmt.Fprintf(&got, "    … %d in all, CV %.2f\n", len(trace.Requests), trace.Requests.CV())
				break
			}
			fmt.Fprintf(&got, "    %.9g s: %d + %d\n", a.At, a.Prefill, a.Decode)
		}
	}
	const golden = "testdata/traces.txt"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("what is read has changed (rewrite with -update):\n%s", got.String())
	}
}

// A file that is packed, has a byte order mark, other line ends or its columns in
// another order and case gives the same requests.
func TestReadIsLenient(t *testing.T) {
	for _, path := range fixtures(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		beside := func(string) ([]byte, error) { return os.ReadFile("testdata/traces/chunk-0-dataset.json") }
		for name, changed := range map[string][]byte{
			"gzip": []byte(packed(string(text))), "mark": append([]byte("\ufeff"), text...),
			"CRLF":   bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
			"no end": bytes.TrimRight(text, "\n"),
		} {
			r := newReader(path)
			r.beside = beside
			got, err := r.read(bytes.NewReader(changed))
			if err != nil {
				t.Errorf("%s, %s: %v", path, name, err)
				continue
			}
			sameRequests(t, got.Requests, want.Requests)
		}
	}
	got, err := Read(writeFile(t, "generatedtokens, Model ,CONTEXT_TOKENS,TimeStamp\n5,x,6,1\n7,y,8,3.5\n"))
	if err != nil {
		t.Fatal(err)
	}
	sameRequests(t, got.Requests, Replay{{At: 0, Prefill: 6, Decode: 5}, {At: 2.5, Prefill: 8, Decode: 7}})
}

func TestReadFormatErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"   \n", "trace.csv: the file is empty"},
		{"TIMESTAMP,ContextTokens\n1,2\n", `trace.csv:1: nothing has the lengths of the answers; there is "TIMESTAMP", "ContextTokens"`},
		{"TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,1,1\nnoon,2,2\n", `trace.csv:3: column "TIMESTAMP": "noon" is neither a date nor a number`},
		{"TIMESTAMP,ContextTokens,GeneratedTokens\n1,2.5,1\n", `trace.csv:2: column "ContextTokens": 2.5 is not a whole number`},
		{"TIMESTAMP,ContextTokens,GeneratedTokens\n1,2,-1\n", `trace.csv:2: column "GeneratedTokens": -1 is negative`},
		{"TIMESTAMP,ContextTokens,GeneratedTokens\n1,2,0\n2,0,2\n", "trace.csv: the file has no requests that can be run: 1 without an answer (from line 2 on), 1 without a prompt (from line 3 on)"},
		{"{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1}\n\n{\"timestamp\": 2, \"input_length\": 5}\n", `trace.csv:3: column "output_length": empty`},
		{"{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1}\n{\"timestamp\": 2, \n", "trace.csv:2: unexpected end of JSON"},
		{"{\"timestamp\": 1, \"input_length\": [5], \"output_length\": 1}\n", `"[5]" is not a number`},
		{"{\"session_id\": 1, \"timestamp\": 1, \"input_length\": 5, \"output_length\": 1}\n{\"session_id\": 1, \"input_length\": 5, \"output_length\": 1}\n", "trace.csv:2: column \"timestamp\": empty, and there is no delay"},
		{"{\"a\": 1}\n", `trace.csv:1: nothing has the lengths of the prompts; there is "a"`},
		{"{\n\"a\": 1,\n\"b\": 2}\n", `trace.csv:1: no input_lens and output_lens`},
		{"{\n\"a\": 1,\n", "trace.csv:3: unexpected EOF"},
		{"{\"input_lens\": [1, 2], \"output_lens\": [1]}", "trace.csv:1: lists of different lengths"},
		{"{\"input_lens\": [1, 2], \"output_lens\": [1, 2.5]}", `trace.csv:2: column "output_lens": 2.5 is not a whole number`},
		{"[\n{\"prompt_len\": 1, \"output_len\": 2},\n{\"prompt_len\": 1},\n{}]", `trace.csv:3: column "output_len": empty`},
		{"[\n{\"prompt_len\": 1, \"output_len\": 2},\n3]", "trace.csv:3: json: cannot unmarshal number"},
		{"[\n{\"prompt_len\": 1, \"output_len\": 2}\n", "trace.csv:"},
		{"[]", "trace.csv: the file has no requests"},
		{"[{\"conversations\": 3}]", "trace.csv:1: conversations:"},
		{"[{\"conversations\": [{\"value\": \"\", \"tokens\": 1.5}, {\"value\": \"\"}]}]", "trace.csv:1: 1.5 is no number of tokens"},
		{"0,1,1,Gamma,1,1\n", "six numbers in a row are the rates of a ServeGen client"},
		{"0,1,1,Pareto,1,1\n", `trace.csv:1: column "pattern": "Pareto" is neither`},
		{"0,1,0,Gamma,1,1\n", `trace.csv:1: column "cv": 0; it must be`},
		{"600,1,1,Gamma,1,1\n0,1,1,Gamma,1,1\n", `trace.csv:2: column "start_time_s": 0 is not after 600`},
		{"0,1e9,1,Gamma,1,1\n", "at most 16777216 can be drawn"},
	} {
		_, err := Read(writeFile(t, c.text))
		wantError(t, err, c.want)
	}
}

// parseDate takes what Azure's traces have, digit by digit.
func TestAzureDates(t *testing.T) {
	begin := time.Date(2023, 11, 16, 18, 15, 46, 0, time.UTC)
	var b strings.Builder
	b.WriteString("TIMESTAMP,ContextTokens,GeneratedTokens\n")
	rng := rand.New(rand.NewPCG(1, 2))
	var want []float64
	at := int64(0) // units of 100 ns
	for range 1000 {
		at += rng.Int64N(3e7)
		fmt.Fprintf(&b, "%s,1,1\n", begin.Add(time.Duration(at)*100).Format("2006-01-02 15:04:05.0000000"))
		want = append(want, float64(at)/1e7)
	}
	trace, err := Read(writeFile(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range trace.Requests {
		if math.Abs(a.At-(want[i]-want[0])) > 1e-9 {
			t.Fatalf("request %d is at %v, not %v", i, a.At, want[i]-want[0])
		}
	}
	if q := trace.Report.Quantum; q != 1e-7 {
		t.Errorf("steps of %g s", q)
	}
}

// Clipped lengths are seen, and such as only happen to be the longest are not.
func TestClipped(t *testing.T) {
	var cut, free strings.Builder
	cut.WriteString("prompt_tokens,output_tokens\n")
	free.WriteString("prompt_tokens,output_tokens\n")
	for i := range 1000 {
		fmt.Fprintf(&cut, "%d,%d\n", 10+i, min(500, 1+i))
		fmt.Fprintf(&free, "%d,%d\n", 10+i, 1+i%500)
	}
	for text, want := range map[string]string{cut.String(): "[{answer 500 501}]", free.String(): "[]"} {
		trace, err := Read(writeFile(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(trace.Report.Clipped); got != want {
			t.Errorf("clipped %s, want %s", got, want)
		}
	}
}

// The reader finds in the traces at hand what they are known to have.
func TestReadPublicTraces(t *testing.T) {
	trace, err := Read(sharedtest.Path(t, "vidur-data", "processed_traces", "splitwise_conv.csv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(trace.Report)
	if n := len(trace.Requests); n != 19366 {
		t.Errorf("%d requests", n)
	}
	m, err := trace.Fit()
	if err != nil {
		t.Fatal(err)
	}
	named, err := Named("azure-conv-2023")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Prefill.P, named.Prefill.P) {
		t.Error("the fit is not the built-in model")
	}
}

// A model that is saved is the same model, and what is no model is refused.
func TestSaveModel(t *testing.T) {
	want, err := Named("azure-code-2023")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.json")
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Named(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("another model, %v", err)
	}
	wantError(t, want.Save("mine.txt"), "saved as .json")
	wantError(t, Model{}.Save(path), "workload: Model.")
	for text, want := range map[string]string{"[]": "cannot unmarshal", "{}": "Model.", `{"prefill": {"tokens": [1], "p": [1, 2]}}`: "Model."} {
		path := filepath.Join(t.TempDir(), "bad.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Named(path)
		wantError(t, err, want)
	}
	_, err = Named("none.json")
	wantError(t, err, "none.json")
}

func FuzzRead(f *testing.F) {
	for _, path := range fixtures(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, []byte(`{"0": {"input_tokens": "{5: 1}", "output_tokens": "{6: 2}"}}`))
	}
	f.Fuzz(func(t *testing.T, text, beside []byte) {
		if len(text) > 2 && text[0] == 0x1f && unpackedSize(text) > 1<<20 {
			return
		}
		r := newReader("x-trace.csv")
		r.beside, r.most = func(string) ([]byte, error) { return beside, nil }, 1000
		trace, err := r.read(bytes.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x-trace.csv:") && !strings.HasPrefix(err.Error(), "x-dataset.json:") {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		if _, err := trace.Requests.New(nil); err != nil {
			t.Errorf("what was read cannot be run: %v", err)
		}
		if n := trace.Report.Kept(); n != len(trace.Requests) {
			t.Errorf("%d requests, %d reported", len(trace.Requests), n)
		}
		if !trace.Timed && trace.Requests[len(trace.Requests)-1].At != 0 {
			t.Error("a time without times")
		}
		_ = trace.Report.String()
		trace.Coarse()
	})
}

// unpackedSize is the size that a gzip file unpacks to, as far as a test goes.
func unpackedSize(text []byte) int {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return 0
	}
	n, _ := z.Read(make([]byte, 1<<20+1))
	return n
}
