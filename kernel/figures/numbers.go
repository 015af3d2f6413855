package figures

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// header is the first line of numbers.csv. A part is a series of a panel; the
// column is one of the CSV file beside the figure.
var header = []string{"figure", "part", "column", "count", "least", "mean", "greatest"}

// key says which numbers of a figure.
type key struct{ figure, part, column string }

// stats are numbers of a column.
type stats struct {
	count             int
	least, mean, most float64
}

// table is numbers.csv.
type table struct {
	keys []key // in order
	rows map[key]stats
}

// Numbers is the text of numbers.csv.
func (s *Set) Numbers() ([]byte, error) {
	t, err := s.table()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(header) // an error stays, and Flush of memory has none
	for _, k := range t.keys {
		r := t.rows[k]
		_ = w.Write([]string{k.figure, k.part, k.column, strconv.Itoa(r.count), digits(r.least), digits(r.mean), digits(r.most)})
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// digits are more than Tolerance looks at, and few enough to be read.
func digits(x float64) string { return strconv.FormatFloat(x, 'g', 9, 64) }

// table is computed from the CSV files beside the figures.
func (s *Set) table() (*table, error) {
	t := &table{rows: map[key]stats{}}
	for _, name := range s.names() {
		if !strings.HasSuffix(name, ".csv") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err == nil {
			err = t.add(strings.TrimSuffix(name, ".csv"), text)
		}
		if err != nil {
			return nil, fmt.Errorf("figures: %s: %w", name, err)
		}
	}
	return t, nil
}

// add adds the columns of numbers of a figure, of which texts name the part.
func (t *table) add(figure string, text []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, row := range rows[1:] {
		part := partOf(rows[0], row)
		for i, column := range rows[0] {
			if names[column] || row[i] == "" {
				continue
			}
			x, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				return fmt.Errorf("column %s: %w", column, err)
			}
			t.count(key{figure, part, column}, x)
		}
	}
	for _, k := range t.keys {
		if r := t.rows[k]; k.figure == figure {
			r.mean /= float64(r.count)
			t.rows[k] = r
		}
	}
	return nil
}

// names are the columns of a figure's CSV file that say what its numbers are of.
var names = map[string]bool{"panel": true, "series": true, "kind": true, "group": true}

// partOf is the panel, the series and the kind of a row, in words.
func partOf(header, row []string) string {
	var words []string
	for i, column := range header {
		if names[column] && column != "group" && row[i] != "" {
			words = append(words, row[i])
		}
	}
	return strings.Join(words, " ")
}

// count adds a number; the mean is a sum until all are there.
func (t *table) count(k key, x float64) {
	r, ok := t.rows[k]
	if !ok {
		t.keys = append(t.keys, k)
		r.least, r.most = math.Inf(1), math.Inf(-1)
	}
	r.count++
	r.least, r.mean, r.most = min(r.least, x), r.mean+x, max(r.most, x)
	t.rows[k] = r
}

// readNumbers reads numbers.csv.
func readNumbers(text []byte) (*table, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", NumbersFile, err)
	}
	t := &table{rows: map[key]stats{}}
	for i, row := range rows {
		if len(row) != len(header) {
			return nil, fmt.Errorf("%s:%d: there are %d columns, not %d", NumbersFile, i+1, len(row), len(header))
		}
		if i == 0 {
			continue
		}
		var r stats
		var err [4]error
		r.count, err[0] = strconv.Atoi(row[3])
		for j, x := range []*float64{&r.least, &r.mean, &r.most} {
			*x, err[j+1] = strconv.ParseFloat(row[4+j], 64)
		}
		for _, e := range err {
			if e != nil {
				return nil, fmt.Errorf("%s:%d: %w", NumbersFile, i+1, e)
			}
		}
		k := key{row[0], row[1], row[2]}
		t.keys, t.rows[k] = append(t.keys, k), r
	}
	return t, nil
}
