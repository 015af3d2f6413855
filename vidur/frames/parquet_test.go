package frames

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/parquet-go/parquet-go"
)

func parquetOf(t testing.TB, df dataframe.DataFrame, meta ...Meta) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteParquet(&out, df, meta...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// isUTF8 reports whether all names and strings of a frame are.
func isUTF8(df dataframe.DataFrame) bool {
	for c, name := range df.Names() {
		if !utf8.ValidString(name) || df.Types()[c] == series.String && !utf8.ValidString(strings.Join(df.Col(name).Records(), "")) {
			return false
		}
	}
	return true
}

// What was written is read back equal, and any columns of it in any order.
func TestParquetRoundTrip(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		df := randomFrame(rng, rng.IntN(9))
		if !isUTF8(df) {
			if err := WriteParquet(&bytes.Buffer{}, df); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
				t.Fatalf("seed %d: %v", seed, err)
			}
			continue
		}
		file := parquetOf(t, df)
		back, err := ReadParquet(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		mustEqual(t, back, df)
		names := df.Names()
		rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = names[:1+rng.IntN(len(names))]
		if back, err = ReadParquet(bytes.NewReader(file), names...); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var chosen []series.Series // not with Select, which renames ""
		for _, name := range names {
			chosen = append(chosen, df.Col(name))
		}
		mustEqual(t, back, frame(chosen...))
	}
}

// Several row groups and many pages, from any number of processors the same bytes.
func TestParquetLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	rows := 2*groupRows + 77
	words, long := make([]string, rows), make([]string, rows)
	for i := range words {
		words[i] = wild[rng.IntN(4)]
		long[i] = strings.Repeat(string(rune('a'+rng.IntN(26))), rng.IntN(9)) + words[i]
	}
	df := noise(rows).Mutate(stringsOf("words", words)).Mutate(stringsOf("long", long)).
		Mutate(series.New(missable(rng, rows, func(i int) any { return i * i }), series.Int, "n")).
		Mutate(series.New(missable(rng, rows, func(int) any { return rng.IntN(2) == 0 }), series.Bool, "b"))
	file := parquetOf(t, df, Meta{"seed": "7", "a": "b"})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !bytes.Equal(file, parquetOf(t, df, Meta{"a": "b"}, Meta{"seed": "7"})) {
		t.Error("other bytes on one processor")
	}
	back, err := ReadParquet(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, back, df)
	meta, err := ReadMeta(bytes.NewReader(file))
	if err != nil || len(meta) != 2 || meta["seed"] != "7" || meta["a"] != "b" {
		t.Error(meta, err)
	}
}

func TestUnits(t *testing.T) {
	units := Units(Requests(simulate(t, 3, false)))
	if units["unit.prefill_e2e_time"] != "s" || units["unit.request_num_tokens"] != "tokens" || len(units["unit.tenant"]) != 0 {
		t.Error(units)
	}
	if units := Units(frame(floatsOf("attn_prefill", nil), floatsOf("kv_blocks_held", nil), floatsOf("x", nil))); len(units) != 2 || units["unit.attn_prefill"] != "ms" {
		t.Error(units)
	}
}

// Columns of other writers: required ones, narrow and unsigned ones.
func TestParquetOthers(t *testing.T) {
	type row struct {
		Small int8    `parquet:"small"`
		Wide  uint32  `parquet:"wide"`
		Half  float32 `parquet:"half"`
		Text  string  `parquet:"text,enum"`
		Big   uint64  `parquet:"big"`
		List  []int64 `parquet:"list"`
		When  int64   `parquet:"when,timestamp"`
		Price int64   `parquet:"price,decimal(2:18)"`
	}
	var out bytes.Buffer
	if err := parquet.Write(&out, []row{{-1, math.MaxUint32, 0.5, "a", 1 << 63, []int64{1, 2}, 3, 4}, {7, 0, -1, "NaN", 0, nil, 0, 0}}); err != nil {
		t.Fatal(err)
	}
	df, err := ReadParquet(bytes.NewReader(out.Bytes()), "small", "wide", "half", "text")
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, df, frame(intsOf("small", []int{-1, 7}), intsOf("wide", []int{math.MaxUint32, 0}), floatsOf("half", []float64{0.5, -1}), stringsOf("text", []string{"a", "NaN"})))
	for name, want := range map[string]string{
		"big": `column "big": row 0: 9223372036854775808 is greater than 2^63-1`, "list": `column "list" has several values in a row`,
		"when": `column "when" has values of type`, "price": `column "price" has values of type`, "smal": `no column "smal"; there is small`,
	} {
		if df, err := ReadParquet(bytes.NewReader(out.Bytes()), name); err == nil || df.Err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParquetErrors(t *testing.T) {
	df := frame(stringsOf("s", []string{"a", "\xff"}))
	if err := WriteParquet(&bytes.Buffer{}, df); err == nil || !strings.Contains(err.Error(), `column "s", row 1: "\xff" is not UTF-8`) {
		t.Error(err)
	}
	if err := WriteParquet(brokenWriter{}, frame(intsOf("n", []int{1}))); err == nil {
		t.Error("no error of a broken writer")
	}
	if err := WriteParquet(&bytes.Buffer{}, dataframe.DataFrame{}); err == nil {
		t.Error("a frame without columns is written")
	}
	for _, text := range []string{"", "PAR1", "PAR1PAR1PAR1", "PAR1\xff\xff\xff\x7fPAR1", "PAR1\x00\x00\x00\x00PAR1", "a,b\n1,2\n and more than twelve"} {
		if _, err := ReadParquet(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "not a Parquet file") {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := ReadMeta(strings.NewReader(text)); err == nil {
			t.Errorf("%q has metadata", text)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

// Whatever of a file is changed or cut off, reading it ends, with a frame or an
// error.
func TestParquetDamaged(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	file := parquetOf(t, keyed(rng, 50), Meta{"k": "v"})
	errs := 0
	for range 2000 {
		bad := slices.Clone(file)
		for range 1 + rng.IntN(3) {
			bad[rng.IntN(len(bad))] ^= byte(1 << rng.IntN(8))
		}
		if rng.IntN(4) == 0 {
			bad = append(bad[:rng.IntN(len(bad))], bad[rng.IntN(len(bad)):]...)
		}
		if df, err := ReadParquet(bytes.NewReader(bad)); err != nil {
			errs++
		} else if df.Err != nil {
			t.Fatal(df.Err)
		}
	}
	if errs < 500 {
		t.Errorf("only %d of 2000 damaged files are errors", errs)
	}
}

func FuzzReadParquet(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for rows := range 4 {
		f.Add(parquetOf(f, keyed(rng, rows*3), Meta{"k": "v"}))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		df, err := ReadParquet(bytes.NewReader(file))
		if err != nil || !isUTF8(df) || df.Ncol() == 0 {
			return
		}
		back, err := ReadParquet(bytes.NewReader(parquetOf(t, df)))
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, back, df)
	})
}
