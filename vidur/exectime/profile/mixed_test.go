package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// scaledLine multiplies the cell of an operator's time in a line.
func scaledLine(text, column string, line int, factor float64) string {
	lines := strings.SplitAfter(text, "\n")
	one := scaled(lines[0]+lines[line-1], column, factor)
	lines[line-1] = one[len(lines[0]):] + "\n"
	return strings.Join(lines, "")
}

// One row in another unit is noticed, in every file, with its line: by Check, also
// of a device that nobody knows, and by Read.
func TestMixedUnits(t *testing.T) {
	for _, v := range []struct {
		file, column string
		op           vidur.Op
		line         int // of a row for TP 2
	}{
		{mlpFile, medianColumn(vidur.OpMLPUp), vidur.OpMLPUp, 18},
		{mlpFile, medianColumn(vidur.OpAdd), vidur.OpAdd, 13},
		{attnFile, medianColumn(vidur.OpAttnPrefill), vidur.OpAttnPrefill, 40},
		{attnFile, medianColumn(vidur.OpAttnDecode), vidur.OpAttnDecode, 48},
		{reduceFile, medianColumn(vidur.OpAllReduce), vidur.OpAllReduce, 25},
		{sendFile, medianColumn(vidur.OpSendRecv), vidur.OpSendRecv, 26},
		{cpuFile, cpuColumn(vidur.OpSampler), vidur.OpSampler, 9},
	} {
		for unit, factor := range map[string]float64{"µs": 1e3, "ns": 1e6, "s": 1e-3} {
			if v.file == cpuFile && unit == "s" {
				continue // may be as short
			}
			files := fixtures()
			files[v.file] = scaledLine(files[v.file], v.column, v.line, factor)
			dir := place(t, files)
			_, err := Read(dir, fixtureSpec(2, 2), Options{})
			var at *UnitError
			if !errors.As(err, &at) || at.Op != v.op || at.Line != v.line || at.Unit != unit {
				t.Errorf("%v × %v: %v", v.op, factor, err)
				continue
			}
			if want := fmt.Sprintf("%s:%d: %s: units are mixed: ", filepath.Base(v.file), v.line, v.op); !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "such rows: 1 of ") {
				t.Errorf("%v, want %q in it", err, want)
			}
			set := mustRead(t, dir, fixtureSpec(2, 2), Options{Lenient: true})
			if set.Ops[v.op] != nil || !strings.Contains(strings.Join(set.Notes, "\n"), err.Error()) {
				t.Errorf("%v × %v, read leniently: %q", v.op, factor, set.Notes)
			}
			for name, c := range map[string]Catalog{"known": fixtureCatalog{}, "unknown": nil} {
				if r := mustCheck(t, dir, c); r.Count(Error) != 1 || !strings.Contains(r.String(), fmt.Sprintf("%s:%d: %s: ", filepath.Base(v.file), v.line, v.op)) {
					t.Errorf("%v × %v, %s device:\n%v", v.op, factor, name, r)
				}
			}
		}
	}
}

// Times of the host are noticed too where they are far too long; they may be short.
func TestUnitsOfTheCPU(t *testing.T) {
	for factor, want := range map[float64]string{1e3: "µs", 1e6: "ns", 1: "", 1e-3: ""} {
		files := fixtures()
		files[cpuFile] = scaled(files[cpuFile], cpuColumn(vidur.OpSampler), factor)
		dir := place(t, files)
		_, err := Read(dir, fixtureSpec(2, 2), Options{})
		var at *UnitError
		if errors.As(err, &at) != (want != "") || want != "" && (at.Op != vidur.OpSampler || at.Unit != want || at.Line != 0 || at.Rows != 5) {
			t.Errorf("× %v: %v; in %q is due", factor, err, want)
		}
		r := mustCheck(t, dir, nil)
		if text := "cpu_overheads.csv:2: sampler_e2e: TP 1: the median time is "; strings.Contains(r.String(), text) != (want != "") || want == "" && r.Count(Error) > 0 {
			t.Errorf("× %v:\n%v", factor, r)
		}
	}
}

// Times of 0 among others are said, with the first of them.
func TestSomeZeros(t *testing.T) {
	files := fixtures()
	for _, line := range []int{18, 20} {
		files[mlpFile] = setCell(files[mlpFile], medianColumn(vidur.OpMLPUp), line, "0")
	}
	dir := place(t, files)
	if r := mustCheck(t, dir, fixtureCatalog{}); !strings.Contains(r.String(), "warning: compute/chip/maker/small/mlp.csv:18: mlp_up_proj: times of 0: 2 of 33\n") {
		t.Error(r)
	}
	set := mustRead(t, dir, fixtureSpec(2, 2), Options{})
	if notes := strings.Join(set.Notes, "\n"); !strings.Contains(notes, "mlp.csv:18: mlp_up_proj: times of 0: 2 of 11; they are taken as they are") {
		t.Error(notes)
	}
}

func TestGaps(t *testing.T) {
	span := func(from, to, step float64) (list []float64) {
		for v := from; v <= to; v += step {
			list = append(list, v)
		}
		return list
	}
	for name, v := range map[string]struct {
		grid     []float64
		from, to float64
	}{
		"none":                  {span(8, 4096, 8), 0, 0},
		"twice as large":        {append(span(8, 1024, 8), span(2048, 4096, 8)...), 1024, 2048},
		"less than twice":       {append(span(8, 1024, 8), span(1536, 4096, 32)...), 1024, 1536},
		"a step or two":         {append(span(8, 1024, 8), span(1064, 4096, 8)...), 0, 0},
		"the last":              {append(span(8, 1024, 8), 4096), 1024, 4096},
		"coarser from there on": {append(span(1, 32, 1), 48, 64, 96, 128), 0, 0},
		"powers of two":         {[]float64{1, 2, 4, 8, 16, 32, 64}, 0, 0},
		"powers, one missing":   {[]float64{1, 2, 4, 8, 32, 64}, 8, 32},
		"the original's":        {append(append(append([]float64{1, 2, 4}, span(8, 1024, 8)...), span(1040, 2048, 16)...), span(2080, 4096, 32)...), 0, 0},
	} {
		from, to, n := gaps(v.grid)
		if from != v.from || to != v.to || n > 1 || (n == 1) != (v.to > 0) {
			t.Errorf("%s: %d gaps, the first from %v to %v; want %v to %v", name, n, from, to, v.from, v.to)
		}
	}
}

// Folders that are links are read and checked like others, and a folder is the same
// by any of its names.
func TestLinkedFolders(t *testing.T) {
	store, root := place(t, fixtures()), t.TempDir()
	for from, to := range map[string]string{
		"all": store, "inside/profiling": filepath.Join(store, "profiling"), "profiles": filepath.Join(store, "profiling"),
		"parts/profiling/compute": filepath.Join(store, "profiling", "compute"), "parts/profiling/network": filepath.Join(store, "profiling", "network"),
	} {
		from = filepath.Join(root, filepath.FromSlash(from))
		if err := os.MkdirAll(filepath.Dir(from), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, from); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for name, files := range map[string]int{"all": 5, "inside": 5, "inside/profiling": 5, "profiles": 5, "parts": 4} {
		if r := mustCheck(t, filepath.Join(root, name), fixtureCatalog{}); r.Files != files || len(r.Findings) != 1 {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// The manifest beside the folder profiling is found from inside of it.
func TestManifestFromInside(t *testing.T) {
	files := fixtures()
	files[ManifestName] = `{"provenance":"imported"}`
	dir := place(t, files)
	t.Chdir(filepath.Join(dir, "profiling"))
	for _, name := range []string{".", "../profiling", dir} {
		if from, err := provenance(name); from != ProvenanceImported || err != nil {
			t.Errorf("%s: %q, %v", name, from, err)
		}
	}
}

// A node's folder begins with the name of its device, which may have lines in it.
func TestDeviceOfNode(t *testing.T) {
	for node, known := range map[string]bool{"chip_box": true, "chip": true, "chip_v2_box": true, "other_box": false, "chips_box": false} {
		files := map[string]string{"network/" + node + "/all_reduce.csv": fixtureCollective(vidur.OpAllReduce)}
		if r := mustCheck(t, place(t, files), fixtureCatalog{}); strings.Contains(r.String(), "begins with no device") == known {
			t.Errorf("%s: %v", node, r)
		}
	}
}

// Attention of two kernels in one file is taken together, as in the original, and said.
func TestSeveralBackends(t *testing.T) {
	files := fixtures()
	line := lineWith(files[attnFile], ",16,2,4096,4,0,256,False", "", "")
	files[attnFile] = strings.Replace(files[attnFile], line, strings.Replace(line, "FLASHINFER", "FLASH_ATTENTION", 1), 1)
	dir := place(t, files)
	const want = "attention_backend = AttentionBackend.FLASHINFER, AttentionBackend.FLASH_ATTENTION"
	for tp, said := range map[int]bool{1: false, 2: true} {
		if notes := strings.Join(mustRead(t, dir, fixtureSpec(tp, 1), Options{}).Notes, "\n"); strings.Contains(notes, want) != said {
			t.Errorf("TP %d: %s", tp, notes)
		}
	}
	if r := mustCheck(t, dir, fixtureCatalog{}); r.Count(Warning) != 1 || !strings.Contains(r.String(), want) {
		t.Error(r)
	}
}
