package imports

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/internal/walk"
)

// Formats are all kinds of files that can be imported, in the order in which
// they are tried.
func Formats() []Format {
	return []Format{
		kinetoFormat(), averagesFormat(), layerwiseFormat(),
		opTimesFormat(), kernelRowsFormat(), kernelDatFormat(), engineLogFormat(), batchingFormat(),
		bundleFormat(), aiconfFormat(),
	}
}

// FormatNames are the words for --format.
func FormatNames() (names []string) {
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// headBytes is how much of a file its format is told by.
const headBytes = 64 << 10

// Open reads what is at path: a file or folder of a known format, or a folder of
// files, of which those in no known format are skipped. An empty format means the
// first that detects it. Errors about the content are *[Error].
func Open(path, format string, o Options) ([]*Trace, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	head, err := headOf(path, info)
	if err != nil {
		return nil, err
	}
	for _, f := range Formats() {
		if format != "" && f.Name != format || format == "" && !f.Detect(path, head) {
			continue
		}
		if info.IsDir() && format != "" && !f.Detect(path, nil) {
			continue // its files are
		}
		t, err := f.Read(path, o)
		if err != nil {
			return nil, err
		}
		if info.IsDir() && format == "" {
			t.strangers(path)
		}
		return []*Trace{t}, nil
	}
	if info.IsDir() {
		return openFolder(path, format, o)
	}
	return nil, errorAt(path, 1, "in no known format%s; there are %s", mistaken(head), strings.Join(FormatNames(), ", "))
}

// openFolder reads the files in a folder, in the order of their paths.
func openFolder(dir, format string, o Options) ([]*Trace, error) {
	var all []*Trace
	skipped := 0
	err := walk.Files(dir, func(file string) error {
		head, err := headOf(file, nil)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(Formats(), func(f Format) bool {
			return (format == "" || f.Name == format) && f.Detect(file, head)
		}) {
			skipped++
			return nil
		}
		t, err := Open(file, format, o)
		all = append(all, t...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errorAt(dir, 0, "no file in it is in a known format; there are %s", strings.Join(FormatNames(), ", "))
	}
	if skipped > 0 {
		all[0].note("%s: files in no known format were skipped: %d", dir, skipped)
	}
	return all, nil
}

// headOf is the beginning of a file, unpacked; nil for a folder.
func headOf(path string, info fs.FileInfo) ([]byte, error) {
	if info != nil && info.IsDir() {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain, err := unzipped(f)
	if err != nil {
		return nil, errorAt(path, 1, "%v", err)
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(plain, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errorAt(path, 1, "%v", err)
	}
	return head[:n], nil
}
