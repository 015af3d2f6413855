package frames

import (
	"bytes"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// TestPieces: a frame in pieces gives the bytes of the whole, row groups and pages
// included, and is read back equal; a piece with other columns is an error.
func TestPieces(t *testing.T) {
	const n = groupRows + 3*batchRows + 17
	numbers, texts := make([]float64, n), make([]string, n)
	for i := range n {
		numbers[i], texts[i] = float64(i*i%1013)/7, string(rune('a'+i%23))
	}
	df := frame(floatsOf("x", numbers), stringsOf("s", texts))
	var whole, csv bytes.Buffer
	if err := WriteParquet(&whole, df, Meta{"k": "v"}); err != nil {
		t.Fatal(err)
	}
	if err := WriteCSV(&csv, df); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, size := range []int{n, batchRows, 7 * batchRows, 2 * n} {
		var parquet, text bytes.Buffer
		p, c := NewParquetWriter(&parquet, Meta{"k": "v"}), NewCSVWriter(&text)
		for from := 0; from < n; from += size {
			to := min(from+size, n)
			piece := frame(floatsOf("x", numbers[from:to]), stringsOf("s", texts[from:to]))
			if err := p.Write(piece); err != nil {
				t.Fatal(err)
			}
			if err := c.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			back, err := ReadParquet(bytes.NewReader(parquet.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			if err := WriteParquet(&again, back, Meta{"k": "v"}); err != nil || !bytes.Equal(again.Bytes(), whole.Bytes()) {
				t.Errorf("it is not read back equal: %v", err)
			}
			first = parquet.Bytes()
		}
		if !bytes.Equal(parquet.Bytes(), first) {
			t.Errorf("pieces of %d rows: %d bytes of Parquet, not those %d of the whole", size, parquet.Len(), len(first))
		}
		if !bytes.Equal(text.Bytes(), csv.Bytes()) {
			t.Errorf("pieces of %d rows: %d bytes of CSV, not those %d of the whole", size, text.Len(), csv.Len())
		}
	}
	p := NewParquetWriter(&bytes.Buffer{})
	if p.Close() == nil {
		t.Error("a file of no piece")
	}
	if err := p.Write(df); err != nil {
		t.Fatal(err)
	}
	if p.Write(dataframe.New(series.New([]int{1}, series.Int, "x"))) == nil {
		t.Error("pieces with other columns")
	}
}
