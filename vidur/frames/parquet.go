package frames

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/govidur/govidur/vidur/metrics"
)

// Meta is text that a Parquet file carries beside its columns, by key.
type Meta map[string]string

const (
	groupRows     = 1 << 17 // of a row group: about what DuckDB takes for one thread's share
	batchRows     = 1 << 10 // written at a time, so that pages end near their size
	smallPage     = 1 << 14 // bytes, of a ParquetWriter
	maxDictionary = 1 << 20 // bytes; strings that differ by more are stored as they are
	createdBy     = "govidur"
	unitKey       = "unit." // and the name of a column
)

// WriteParquet writes a frame as a Parquet file, which pandas, PyArrow, DuckDB
// and ReadParquet read: Float as DOUBLE, Int as INT64, Bool as BOOLEAN,
// String as UTF-8, compressed with Zstandard. All columns are optional; what is
// missing is null. Gota does not tell NaN from missing, so no value is NaN, and
// the string "NaN" is null. Every bit of a number is kept. The bytes depend on
// the frame and the metadata alone. A string that is not UTF-8 is an error, for
// other readers refuse the file.
func WriteParquet(w io.Writer, df dataframe.DataFrame, meta ...Meta) error {
	p := &ParquetWriter{w: w, meta: meta, page: parquet.DefaultPageBufferSize}
	if err := p.Write(df); err != nil {
		return err
	}
	return p.Close()
}

// ParquetWriter writes as [WriteParquet] does a frame that is given in pieces, each
// of some of its rows, so that it need not be in memory as a whole. Pages are smaller,
// for the same reason: 16 kB of a column. The bytes do not depend on the pieces if
// each but the last has a multiple of 1024 rows.
type ParquetWriter struct {
	w    io.Writer
	meta []Meta
	page int        // bytes
	out  parquetOut // nil before the first piece
	rows int        // of the row group that is being written
}

// parquetOut is what is asked of a writer of the library, the type of which is
// deprecated for another use.
type parquetOut interface {
	ColumnWriters() []*parquet.ColumnWriter
	Schema() *parquet.Schema
	Flush() error
	Close() error
}

// NewParquetWriter makes one.
func NewParquetWriter(w io.Writer, meta ...Meta) *ParquetWriter {
	return &ParquetWriter{w: w, meta: meta, page: smallPage}
}

// Write writes the rows of a piece. All pieces must have the same columns; the first
// says which.
func (p *ParquetWriter) Write(df dataframe.DataFrame) error {
	if err := sound(df); err != nil {
		return err
	}
	schema, err := schemaOf(df)
	if err != nil {
		return err
	}
	if p.out == nil {
		p.out = parquet.NewWriter(p.w, &parquet.WriterConfig{
			CreatedBy: createdBy, Schema: schema, Compression: &zstd.Codec{},
			DictionaryMaxBytes: maxDictionary, PageBufferSize: p.page, KeyValueMetadata: merged(p.meta),
		})
	} else if want := p.out.Schema().String(); schema.String() != want {
		return fmt.Errorf("frames: a piece with other columns: %s, not %s", schema, want)
	}
	columns := make([]series.Series, df.Ncol())
	for c, name := range df.Names() {
		columns[c] = df.Col(name)
	}
	for from := 0; from < df.Nrow(); {
		to := min(from+groupRows-p.rows, df.Nrow())
		if err := p.writeRows(columns, span{from, to}); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// writeRows writes rows of one group.
func (p *ParquetWriter) writeRows(columns []series.Series, rows span) error {
	errs := make([]error, len(columns))
	each(len(columns), func(c int) { errs[c] = writeRows(p.out.ColumnWriters()[c], columns[c], c, rows) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if p.rows += rows.to - rows.from; p.rows == groupRows {
		return p.flush()
	}
	return nil
}

// flush ends a row group.
func (p *ParquetWriter) flush() error {
	p.rows = 0
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("frames: %w", err)
	}
	return nil
}

// Close ends the file; w is not closed. Without a piece there is no file, which is an
// error.
func (p *ParquetWriter) Close() error {
	if p.out == nil {
		return errors.New("frames: a Parquet file without a frame")
	}
	if p.rows > 0 {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if err := p.out.Close(); err != nil {
		return fmt.Errorf("frames: %w", err)
	}
	return nil
}

func merged(list []Meta) map[string]string {
	all := map[string]string{}
	for _, m := range list {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}

// Units are the units of those columns of a frame that metrics knows by name, as
// metadata for WriteParquet: the key is unit. and the name, the value s, ms,
// tokens and the like.
func Units(df dataframe.DataFrame) Meta {
	units := Meta{}
	st := metrics.New(metrics.Options{KeepBatches: true, Operations: true})
	for _, name := range df.Names() {
		c, err := st.Column(name)
		if err != nil {
			c, err = st.BatchColumn(name)
		}
		if err == nil && c.Unit != "" {
			units[unitKey+name] = c.Unit
		}
	}
	return units
}

// root is the schema of a frame: a parquet.Group, but in the order of its
// columns and not of their names.
type root struct {
	parquet.Group
	fields []parquet.Field
}

func (r *root) Fields() []parquet.Field { return r.fields }

// GoType is asked for but not used: rows are not written from structs.
func (r *root) GoType() reflect.Type { return reflect.TypeFor[struct{}]() }

// field is a column of a schema.
type field struct {
	parquet.Node
	name string
}

func (f *field) Name() string { return f.name }

// Value is of a struct that a row is written from, of which there is none.
func (f *field) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func schemaOf(df dataframe.DataFrame) (*parquet.Schema, error) {
	r := &root{}
	for c, name := range df.Names() {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("frames: the name of column %q is not UTF-8", name)
		}
		var node parquet.Node
		switch df.Types()[c] {
		case series.Int:
			node = parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.Plain)
		case series.Float:
			node = parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.Plain)
		case series.Bool:
			node = parquet.Leaf(parquet.BooleanType)
		default:
			node = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
		}
		r.fields = append(r.fields, &field{parquet.Optional(node), name})
	}
	return parquet.NewSchema("frame", r), nil
}

// span is the rows from one on and before another.
type span struct{ from, to int }

// writeRows writes some rows of the c-th column.
func writeRows(w *parquet.ColumnWriter, s series.Series, c int, rows span) error {
	var batch [batchRows]parquet.Value
	for from := rows.from; from < rows.to; from += batchRows {
		values := batch[:min(batchRows, rows.to-from)]
		for i := range values {
			e := s.Elem(from + i)
			if missing(e) {
				values[i] = parquet.Value{}.Level(0, 0, c)
				continue
			}
			v := parquetValue(e)
			if v.Kind() == parquet.ByteArray && !utf8.Valid(v.ByteArray()) {
				return fmt.Errorf("frames: column %q, row %d: %q is not UTF-8", s.Name, from+i, e.String())
			}
			values[i] = v.Level(0, 1, c)
		}
		if _, err := w.WriteRowValues(values); err != nil {
			return fmt.Errorf("frames: column %q: %w", s.Name, err)
		}
	}
	return nil
}

// parquetValue is a value that is not missing.
func parquetValue(e series.Element) parquet.Value {
	switch e.Type() {
	case series.Int:
		v, _ := e.Int()
		return parquet.Int64Value(int64(v))
	case series.Float:
		return parquet.DoubleValue(e.Float())
	case series.Bool:
		v, _ := e.Bool()
		return parquet.BooleanValue(v)
	}
	return parquet.ByteArrayValue([]byte(e.String()))
}
