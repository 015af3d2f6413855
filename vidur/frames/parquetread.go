package frames

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// ReadParquet reads all columns of a Parquet file or, if some are named, these.
// Whole numbers of any width are Int, floating-point ones Float, booleans Bool,
// texts and enumerations String. Nulls and NaN are missing values, and so is the
// text "NaN". Other columns, as of lists, decimals and times, are an error that
// names them, if they are asked for. So are whole numbers above 2^63-1, columns
// compressed with LZ4, and damaged files.
func ReadParquet(r io.Reader, columns ...string) (dataframe.DataFrame, error) {
	df, err := readParquet(r, columns)
	if err != nil {
		return failed(err), err
	}
	return df, df.Err
}

// ReadMeta reads the metadata of a Parquet file.
func ReadMeta(r io.Reader) (meta Meta, err error) {
	defer guard(&err)
	f, err := openParquet(r)
	if err != nil {
		return nil, err
	}
	meta = Meta{}
	for _, kv := range f.Metadata().KeyValueMetadata {
		meta[kv.Key] = kv.Value
	}
	return meta, nil
}

func openParquet(r io.Reader) (*parquet.File, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if err := checkFooter(content); err != nil {
		return nil, fmt.Errorf("frames: not a Parquet file: %w", err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("frames: not a Parquet file: %w", err)
	}
	if n := f.NumRows(); n < 0 || n > math.MaxInt32 {
		return nil, fmt.Errorf("frames: a Parquet file with %d rows", n)
	}
	return f, nil
}

// guard makes an error of a panic: the Parquet reader has some for files that
// are not what they say they are.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("frames: a damaged Parquet file: %v", p)
	}
}

func readParquet(r io.Reader, columns []string) (df dataframe.DataFrame, err error) {
	defer guard(&err)
	f, err := openParquet(r)
	if err != nil {
		return df, err
	}
	fields := f.Root().Columns()
	names := make([]string, len(fields))
	for i, c := range fields {
		names[i] = c.Name()
	}
	if len(columns) == 0 {
		columns = names
	}
	list := make([]series.Series, len(columns))
	errs := make([]error, len(columns))
	for _, name := range columns {
		if err := known(name, names); err != nil {
			return df, err
		}
	}
	each(len(columns), func(i int) {
		defer guard(&errs[i])
		for _, c := range fields {
			if c.Name() == columns[i] {
				list[i], errs[i] = readColumn(f, c)
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		return df, err
	}
	return frame(list...), nil
}

// readColumn reads a column from all row groups.
func readColumn(f *parquet.File, c *parquet.Column) (series.Series, error) {
	b, err := builderOf(c)
	if err != nil {
		return series.Series{}, err
	}
	for i, group := range f.RowGroups() {
		if codec := f.Metadata().RowGroups[i].Columns[c.Index()].MetaData.Codec; codec == format.Lz4Raw || codec == format.Lz4 {
			// Its decoder asks for ever more memory where a page is damaged.
			return series.Series{}, fmt.Errorf("frames: column %q is compressed with LZ4; Zstandard, Snappy and gzip are read", c.Name())
		}
		if err := readChunk(b, group.ColumnChunks()[c.Index()], int(f.NumRows())); err != nil {
			return series.Series{}, fmt.Errorf("frames: column %q: %w", c.Name(), err)
		}
	}
	if b.rows != int(f.NumRows()) {
		return series.Series{}, fmt.Errorf("frames: column %q has %d values, the file has %d rows", c.Name(), b.rows, f.NumRows())
	}
	return b.series(), nil
}

// readChunk reads the values of a column in one row group, at most limit in all.
func readChunk(b *builder, chunk parquet.ColumnChunk, limit int) error {
	pages := chunk.Pages()
	defer pages.Close()
	var buffer [batchRows]parquet.Value
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values := page.Values()
		for err == nil {
			var n int
			n, err = values.ReadValues(buffer[:])
			if b.rows+n > limit {
				return fmt.Errorf("more values than the %d rows of the file", limit)
			}
			for i := range buffer[:n] {
				if bad := b.put(&buffer[i]); bad != nil {
					return bad
				}
			}
			if n == 0 && err == nil {
				err = io.ErrNoProgress
			}
		}
		parquet.Release(page)
		if !errors.Is(err, io.EOF) {
			return err
		}
	}
}

// builder collects the values of a column.
type builder struct {
	name  string
	kind  parquet.Kind
	rows  int
	nulls []int // rows

	ints     []int
	floats   []float64
	bools    []bool
	texts    []string
	known    map[string]string // of texts, so that one that is repeated is kept once
	unsigned bool
}

// builderOf is a builder for the values of a column, if a frame can have them.
func builderOf(c *parquet.Column) (*builder, error) {
	if !c.Leaf() || c.Repeated() {
		return nil, fmt.Errorf("frames: column %q has several values in a row", c.Name())
	}
	b := &builder{name: c.Name(), kind: c.Type().Kind(), known: map[string]string{}}
	switch b.kind {
	case parquet.Int96, parquet.FixedLenByteArray:
		return nil, fmt.Errorf("frames: column %q has values of type %v, which a frame has not", c.Name(), c.Type())
	}
	logical := c.Type().LogicalType()
	if logical == nil {
		return b, nil
	}
	switch l := logical.Value.(type) {
	case nil:
	case *format.IntType:
		b.unsigned = !l.IsSigned
	case *format.StringType, *format.EnumType, *format.JsonType, *format.NullType:
	default:
		return nil, fmt.Errorf("frames: column %q has values of type %v, which a frame has not", c.Name(), c.Type())
	}
	return b, nil
}

// put adds a value.
func (b *builder) put(v *parquet.Value) error {
	null := v.IsNull()
	if null {
		b.nulls = append(b.nulls, b.rows)
	}
	b.rows++
	switch b.kind {
	case parquet.Int32, parquet.Int64:
		i, err := b.whole(v, null)
		b.ints = append(b.ints, i)
		return err
	case parquet.Boolean:
		b.bools = append(b.bools, !null && v.Boolean())
	case parquet.Float, parquet.Double:
		b.floats = append(b.floats, b.float(v, null))
	default:
		b.texts = append(b.texts, b.text(v, null))
	}
	return nil
}

func (b *builder) whole(v *parquet.Value, null bool) (int, error) {
	switch {
	case null:
		return 0, nil
	case b.kind == parquet.Int32 && b.unsigned:
		return int(uint32(v.Int32())), nil
	case b.kind == parquet.Int32:
		return int(v.Int32()), nil
	}
	i := v.Int64()
	if b.unsigned && i < 0 {
		return 0, fmt.Errorf("row %d: %d is greater than 2^63-1", b.rows-1, uint64(i))
	}
	return int(i), nil
}

func (b *builder) float(v *parquet.Value, null bool) float64 {
	switch {
	case null:
		return math.NaN()
	case b.kind == parquet.Float:
		return float64(v.Float())
	}
	return v.Double()
}

func (b *builder) text(v *parquet.Value, null bool) string {
	if null {
		return gotaMissing
	}
	raw := v.ByteArray()
	text, ok := b.known[string(raw)]
	if !ok {
		text = string(raw)
		b.known[text] = text
	}
	return text
}

// series is the column.
func (b *builder) series() series.Series {
	var s series.Series
	switch b.kind {
	case parquet.Int32, parquet.Int64:
		s = intsOf(b.name, b.ints)
	case parquet.Boolean:
		s = series.New(b.bools, series.Bool, b.name)
	case parquet.Float, parquet.Double:
		return floatsOf(b.name, b.floats)
	default:
		return stringsOf(b.name, b.texts)
	}
	for _, row := range b.nulls {
		s.Elem(row).Set(gotaMissing)
	}
	return s
}
