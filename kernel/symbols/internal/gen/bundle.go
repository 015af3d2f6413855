package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"go/token"
	"go/types"
	"io"

	"golang.org/x/tools/go/gcexportdata"
)

// exportData is the types of a package and of all that they refer to, in other
// packages too. It is written without positions: they would change with every
// line of a source.
func exportData(pkg *types.Package) ([]byte, error) {
	var b bytes.Buffer
	err := gcexportdata.Write(&b, token.NewFileSet(), pkg)
	return b.Bytes(), err
}

// archive packs one entry per package, each compressed by itself so that it can
// be read without the others. The suffix keeps an entry apart from the folder of
// the packages below it.
func archive(paths []string, suffix string, entry func(path string) ([]byte, error)) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, path := range paths {
		data, err := entry(path)
		if err != nil {
			return nil, err
		}
		f, err := w.Create(path + suffix)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func docsEntry(s *source) ([]byte, error) { return json.Marshal(docs(s.Files)) }
