package aiconf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// openParquet opens a flat Parquet file.
func openParquet(file string, content []byte) (s *sheet, err error) {
	defer guard(&err, file)
	if err := checkFooter(content); err != nil {
		return nil, fmt.Errorf("%s: not a Parquet file: %w", file, err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%s: not a Parquet file: %w", file, err)
	}
	if n := f.NumRows(); n < 0 || n > maxRows {
		return nil, fmt.Errorf("%s: %d rows, more than %d", file, n, maxRows)
	}
	s = &sheet{file: file, rows: int(f.NumRows())}
	for _, path := range f.Schema().Columns() {
		if len(path) != 1 {
			return nil, fmt.Errorf("%s: column %q is not a flat one", file, path)
		}
		s.names = append(s.names, path[0])
	}
	s.read = func(i int) (cells []cell, err error) {
		defer guard(&err, "corrupt")
		texts := map[string]string{}
		for _, group := range f.RowGroups() {
			if cells, err = readChunk(cells, group.ColumnChunks()[i], s.rows, texts); err != nil {
				return nil, err
			}
		}
		return cells, nil
	}
	return s, nil
}

// checkFooter reports a footer that is longer than the file, for which the reader
// would make room before it finds out. A file ends in the footer's length, 4 bytes
// little-endian, and the magic number, with which it also begins.
func checkFooter(content []byte) error {
	const magic = "PAR1"
	n := len(content)
	if n < 3*len(magic) || string(content[:4]) != magic || string(content[n-4:]) != magic {
		return fmt.Errorf("%d bytes without %q at both ends; the file may be cut short", n, magic)
	}
	if footer := binary.LittleEndian.Uint32(content[n-8:]); uint64(footer) > uint64(n-12) {
		return fmt.Errorf("its footer of %d bytes does not fit into %d", footer, n)
	}
	return nil
}

// guard makes an error of a panic: the Parquet reader has some for files that are
// not what they say they are. What it cannot help is the room that the reader makes
// for lists whose length a damaged file overstates.
func guard(err *error, what string) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: the Parquet reader gave up: %v", what, p)
	}
}

// readChunk appends the values of a column in one row group, at most limit in all.
func readChunk(cells []cell, chunk parquet.ColumnChunk, limit int, texts map[string]string) ([]cell, error) {
	pages := chunk.Pages()
	defer pages.Close()
	var buffer [256]parquet.Value
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return cells, nil
		}
		if err != nil {
			return nil, err
		}
		values := page.Values()
		for err == nil {
			var n int
			n, err = values.ReadValues(buffer[:])
			if len(cells)+n > limit {
				return nil, fmt.Errorf("more values than the %d rows", limit)
			}
			for i := range buffer[:n] {
				cells = append(cells, toCell(&buffer[i], texts))
			}
			if n == 0 && err == nil {
				err = io.ErrNoProgress
			}
		}
		parquet.Release(page)
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
}

// toCell copies a value; the texts that a column repeats are kept once.
func toCell(v *parquet.Value, texts map[string]string) cell {
	switch v.Kind() {
	case parquet.Int32:
		return cell{number: float64(v.Int32()), numeric: true}
	case parquet.Int64:
		return cell{number: float64(v.Int64()), numeric: true}
	case parquet.Float:
		return cell{number: float64(v.Float()), numeric: true}
	case parquet.Double:
		return cell{number: v.Double(), numeric: true}
	case parquet.ByteArray, parquet.FixedLenByteArray:
		raw := v.ByteArray()
		text, ok := texts[string(raw)]
		if !ok {
			text = string(raw)
			texts[text] = text
		}
		return cell{text: text, null: text == ""}
	}
	if v.IsNull() {
		return cell{null: true}
	}
	return cell{text: v.String()}
}
