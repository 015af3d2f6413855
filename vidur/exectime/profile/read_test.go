package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

const (
	mlpFile    = "profiling/compute/chip/maker/small/mlp.csv"
	attnFile   = "profiling/compute/chip/maker/small/attention.csv"
	reduceFile = "profiling/network/chip_box/all_reduce.csv"
	sendFile   = "profiling/network/chip_box/send_recv.csv"
	cpuFile    = "profiling/cpu_overhead/chip_box/maker/small/cpu_overheads.csv"
)

func mustRead(t testing.TB, dir string, spec vidur.ReplicaSpec, opt Options) *Set {
	t.Helper()
	set, err := Read(dir, spec, opt)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Every operator has the rows, features and targets that its file says.
func TestReadFixtures(t *testing.T) {
	set := mustRead(t, "testdata", fixtureSpec(2, 2), Options{})
	rows := map[vidur.Op]int{vidur.OpKVSave: 36, vidur.OpAttnPrefill: 20, vidur.OpAttnDecode: 16, vidur.OpAllReduce: 15, vidur.OpSendRecv: 15}
	for _, op := range computeOps {
		rows[op] = 11
	}
	for _, op := range cpuOps {
		rows[op] = 5
	}
	for i, s := range set.Ops {
		op := vidur.Op(i)
		if (s != nil) != (rows[op] > 0) {
			t.Errorf("%v: samples %v, %d rows are due", op, s != nil, rows[op])
		}
		if s == nil {
			continue
		}
		if s.Op != op || len(s.Y) != rows[op] || len(s.Lines) != rows[op] || len(s.X) != len(s.Features) || len(s.X[0]) != rows[op] {
			t.Errorf("%v: %d rows of %d, features %v", op, len(s.Y), rows[op], s.Features)
		}
	}
	for _, v := range []struct {
		op       vidur.Op
		row      int
		features []string
		x        []float64
		line     int
	}{
		{vidur.OpMLPUp, 10, []string{NumTokens}, []float64{1024}, 23},
		{vidur.OpAttnPrefill, 1, []string{KVCacheSize, ChunkSquared}, []float64{0, 64 * 64}, 39},
		{vidur.OpAttnDecode, 2, []string{BatchSize, KVCacheSize}, []float64{4, 64}, 48},
		{vidur.OpKVSave, 0, []string{NumTokens}, []float64{32}, 38},
		{vidur.OpAllReduce, 1, []string{NumTokens}, []float64{1}, 18},
		{vidur.OpSendRecv, 0, []string{NumTokens}, []float64{0.5}, 17},
		{vidur.OpComm, 4, []string{BatchSize}, []float64{16}, 11},
	} {
		s := set.Ops[v.op]
		var x []float64
		for _, c := range s.X {
			x = append(x, c[v.row])
		}
		if !slices.Equal(s.Features, v.features) || !slices.Equal(x, v.x) || s.Lines[v.row] != v.line {
			t.Errorf("%v row %d: %v = %v in line %d, due are %v = %v in line %d", v.op, v.row, s.Features, x, s.Lines[v.row], v.features, v.x, v.line)
		}
	}
	want, _ := fixtureTime(shapeOf(&fixtureModel, 2), vidur.OpMLPUp, 1024)
	if got := fmt.Sprintf("%.3f", set.Ops[vidur.OpMLPUp].Y[10]); got != want {
		t.Errorf("mlp_up_proj takes %s ms, %s is due", got, want)
	}
	if got := set.Ops[vidur.OpComm].Y[4]; got != 0.3+0.01*4*16 {
		t.Errorf("ray_comm_time is %v: the mean is due", got)
	}
	if got := set.Ops[vidur.OpSchedule].Y[0]; got != 0.2 {
		t.Errorf("schedule is %v: the median is due", got)
	}
}

// Collectives are read when a replica has them; between nodes when it fills more
// than one.
func TestReadByParallelism(t *testing.T) {
	one := mustRead(t, "testdata", fixtureSpec(1, 1), Options{SkipCPU: true})
	if one.Ops[vidur.OpAllReduce] != nil || one.Ops[vidur.OpSendRecv] != nil || one.Ops[vidur.OpSchedule] != nil {
		t.Error("one device has collectives, or CPU operators that were not asked for")
	}
	far := mustRead(t, "testdata", fixtureSpec(2, 4), Options{}).Ops[vidur.OpSendRecv]
	near := mustRead(t, "testdata", fixtureSpec(2, 2), Options{}).Ops[vidur.OpSendRecv]
	if far.Lines[0] != 2 || near.Lines[0] != 17 {
		t.Errorf("send_recv begins in line %d between nodes, %d inside one", far.Lines[0], near.Lines[0])
	}
	if zero := mustRead(t, "testdata", fixtureSpec(0, 0), Options{SkipCPU: true}); zero.Sum != one.Sum {
		t.Error("TP 0 is not TP 1")
	}
}

// A layer that is shared by more devices than a node has is summed between nodes.
func TestReadAllReduceBetweenNodes(t *testing.T) {
	apart := fixtureSpec(2, 1)
	apart.Node.Devices = 1
	for _, c := range []struct {
		spec vidur.ReplicaSpec
		line int // the first of its rows
	}{{apart, 2}, {fixtureSpec(2, 1), 17}} {
		s := mustRead(t, "testdata", c.spec, Options{SkipCPU: true}).Ops[vidur.OpAllReduce]
		if s.Lines[0] != c.line || len(s.Lines) != 15 {
			t.Errorf("%d devices a node: %d rows from line %d on, not 15 from line %d", c.spec.Node.Devices, len(s.Lines), s.Lines[0], c.line)
		}
	}
}

// Missing files are noted; those that were named are errors.
func TestReadMissingFiles(t *testing.T) {
	set := mustRead(t, t.TempDir(), fixtureSpec(2, 2), Options{})
	for i, s := range set.Ops {
		if s != nil {
			t.Errorf("%v has samples", vidur.Op(i))
		}
	}
	if len(set.Notes) != 5 {
		t.Errorf("notes %q, one per file is due", set.Notes)
	}
	if _, err := Read("testdata", fixtureSpec(1, 1), Options{Compute: "testdata/{DEVICE}.csv"}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "testdata/chip.csv") {
		t.Errorf("a named file that is missing: %v", err)
	}
	named := Options{Compute: "testdata/profiling/compute/{DEVICE}/{MODEL}/mlp.csv", SendRecv: "testdata/profiling/network/{NETWORK_DEVICE}/send_recv.csv"}
	if got := mustRead(t, t.TempDir(), fixtureSpec(2, 2), named); got.Ops[vidur.OpMLPUp] == nil || got.Ops[vidur.OpSendRecv] == nil {
		t.Error("named files are not read")
	}
	if got := mustRead(t, "testdata/profiling", fixtureSpec(2, 2), Options{}); got.Sum != mustRead(t, "testdata", fixtureSpec(2, 2), Options{}).Sum {
		t.Error("the folder profiling itself is read in another way")
	}
}

// edit is a fixture with a piece replaced.
func edit(t testing.TB, file string, oldNew ...string) string {
	t.Helper()
	files := fixtures()
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(files[file], oldNew[i]) {
			t.Fatalf("%s has no %q", file, oldNew[i])
		}
		files[file] = strings.Replace(files[file], oldNew[i], oldNew[i+1], 1)
	}
	return place(t, files)
}

// Errors name file, line and column.
func TestReadErrors(t *testing.T) {
	spec := fixtureSpec(2, 2)
	for _, v := range []struct{ file, old, new, want string }{
		{mlpFile, "n_head", "heads", `mlp.csv:1: column "n_head": missing`},
		{mlpFile, "n_kv_head", "n_head", `mlp.csv:1: column "n_head": given twice`},
		{mlpFile, "True,1,2\n", "True,x,2\n", `mlp.csv:13: column "num_tokens": "x" is not a number`},
		{mlpFile, "True,1,2\n", "True,,2\n", `mlp.csv:13: column "num_tokens": blank`},
		{mlpFile, "True,1,2\n", "True,1.5,2\n", `mlp.csv:13: column "num_tokens": 1.5 is no whole number`},
		{mlpFile, "True,1,2\n", "True,-1,2\n", `mlp.csv:13: column "num_tokens": -1 is no whole number`},
		{mlpFile, "True,1,2\n", "True,1\n", `mlp.csv:13: 52 fields where the header has 53`},
		{mlpFile, "True,1,2\n", "True,1,2,\n", `mlp.csv:13: 54 fields where the header has 53`},
		{mlpFile, "time_stats.mlp_act.median", "mlp_act.median", `mlp.csv:1: column "time_stats.mlp_act.median": missing`},
		{attnFile, "kv_cache_size", "context", `attention.csv:1: column "kv_cache_size": missing`},
		{attnFile, "block_size", "block", `attention.csv:1: column "block_size": missing`},
		{reduceFile, "size", "bytes", `all_reduce.csv:1: column "size": missing`},
		{sendFile, "devices_per_node", "per_node", `send_recv.csv:1: column "devices_per_node": missing`},
		{cpuFile, "schedule_median", "schedule", `cpu_overheads.csv:1: column "schedule_median": missing`},
		{cpuFile, "ray_comm_time_mean", "ray", `cpu_overheads.csv:1: column "ray_comm_time_mean": missing`},
		{cpuFile, "model_name", "model", `cpu_overheads.csv:1: column "model_name": missing`},
	} {
		_, err := Read(edit(t, v.file, v.old, v.new), spec, Options{})
		if err == nil || !strings.Contains(err.Error(), v.want) || !strings.Contains(err.Error(), filepath.FromSlash(v.file)) {
			t.Errorf("%s instead of %s: %v; due is %s", v.new, v.old, err, v.want)
		}
	}
	files := fixtures()
	for name, v := range map[string]string{"": "mlp.csv:1: empty file", "\n\n": "mlp.csv:1: empty file", "a\"b\n": "mlp.csv:1: "} {
		files[mlpFile] = name
		if _, err := Read(place(t, files), spec, Options{}); err == nil || !strings.Contains(err.Error(), v) {
			t.Errorf("content %q: %v; due is %s", name, err, v)
		}
	}
	if _, err := Read("testdata", spec, Options{BlockSize: -1}); err == nil {
		t.Error("a negative block size is taken")
	}
}

// Times that cannot be are errors, with their place.
func TestReadBadTimes(t *testing.T) {
	lines := strings.Split(fixtureMLP(), "\n")
	at := slices.Index(strings.Split(lines[0], ","), medianColumn(vidur.OpMLPUp))
	norm := slices.Index(strings.Split(lines[0], ","), medianColumn(vidur.OpPostNorm))
	for _, v := range []struct {
		column int
		cell   string
		want   string
	}{
		{at, "", `mlp.csv:14: column "time_stats.mlp_up_proj.median": blank`},
		{at, "nan", `mlp.csv:14: column "time_stats.mlp_up_proj.median": blank`},
		{at, "-0.1", `mlp.csv:14: column "time_stats.mlp_up_proj.median": -0.1 is no time`},
		{at, "inf", `mlp.csv:14: column "time_stats.mlp_up_proj.median": +Inf is no time`},
		{at, "1e999", `mlp.csv:14: column "time_stats.mlp_up_proj.median": +Inf is no time`},
		{at, "0x10", `mlp.csv:14: column "time_stats.mlp_up_proj.median": "0x10" is not a number`},
		{norm, "", ""},
	} {
		fields := strings.Split(lines[13], ",")
		fields[v.column] = v.cell
		changed := slices.Clone(lines)
		changed[13] = strings.Join(fields, ",")
		files := fixtures()
		files[mlpFile] = strings.Join(changed, "\n")
		set, err := Read(place(t, files), fixtureSpec(2, 1), Options{})
		if v.want == "" {
			if err != nil || set.Ops[vidur.OpPostNorm].Y[1] != 0 {
				t.Errorf("a blank norm is not 0: %v", err)
			}
		} else if err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("cell %q: %v; due is %s", v.cell, err, v.want)
		}
	}
}

// A filter that leaves nothing is named, with what there is.
func TestReadEmpty(t *testing.T) {
	other := func(change func(*vidur.ReplicaSpec)) vidur.ReplicaSpec {
		s := fixtureSpec(2, 2)
		change(&s)
		return s
	}
	for _, v := range []struct {
		spec vidur.ReplicaSpec
		opt  Options
		want string
		nils []vidur.Op
	}{
		{other(func(s *vidur.ReplicaSpec) { s.TP = 8 }), Options{}, "num_tensor_parallel_workers = 8: the file has 1, 2, 4", []vidur.Op{vidur.OpMLPUp, vidur.OpAllReduce}},
		{other(func(s *vidur.ReplicaSpec) { s.TP = 4 }), Options{}, "no rows for attention: num_tensor_parallel_workers = 4: the file has 1, 2", []vidur.Op{vidur.OpAttnDecode}},
		{other(func(s *vidur.ReplicaSpec) { s.Model.Vocab = 7 }), Options{}, "vocab_size = 7: the file has 32000", []vidur.Op{vidur.OpAdd}},
		{other(func(s *vidur.ReplicaSpec) { s.Model.Gated = false }), Options{}, "use_gated_mlp = 0: the file has 1", []vidur.Op{vidur.OpAdd}},
		{fixtureSpec(2, 2), Options{BlockSize: 32, Strict: true}, "block_size = 32: the file has 16", []vidur.Op{vidur.OpAttnPrefill}},
	} {
		_, err := Read("testdata", v.spec, v.opt)
		var empty *EmptyError
		if !errors.As(err, &empty) || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v; due is %s", err, v.want)
		}
		v.opt.Lenient = true
		set := mustRead(t, "testdata", v.spec, v.opt)
		for _, op := range v.nils {
			if set.Ops[op] != nil {
				t.Errorf("%s: leniently, %v has samples", v.want, op)
			}
		}
		if !strings.Contains(strings.Join(set.Notes, "\n"), v.want) {
			t.Errorf("notes %q lack %s", set.Notes, v.want)
		}
	}
	for _, v := range []struct{ file, drop, want string }{
		{attnFile, ",False,", "decode attention: prefill_chunk_size = 0: the file has 32, 64, 128, 256"},
		{attnFile, ",True,", "prefill attention: prefill_chunk_size = not 0: the file has 0"},
		{mlpFile, ",True,", "the file has none at all"},
	} {
		files := fixtures()
		files[v.file] = dropLines(files[v.file], func(line string) bool { return strings.Contains(line, v.drop) })
		_, err := Read(place(t, files), fixtureSpec(2, 1), Options{})
		var empty *EmptyError
		if !errors.As(err, &empty) || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v; due is %s", err, v.want)
		}
	}
}

func dropLines(text string, drop func(string) bool) string {
	var kept []string
	for _, line := range strings.SplitAfter(text, "\n") {
		if !drop(line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// Files of older versions: columns that they lack are 0, and said.
func TestOlderVersions(t *testing.T) {
	dir := edit(t, mlpFile, "time_stats.post_attention_layernorm.median", "x", "time_stats.add.median", "y", "time_stats.input_layernorm.median", "z")
	set := mustRead(t, dir, fixtureSpec(2, 1), Options{SkipCPU: true})
	for _, op := range []vidur.Op{vidur.OpPostNorm, vidur.OpAdd, vidur.OpInputNorm, vidur.OpKVSave} {
		if s := set.Ops[op]; s == nil || slices.Max(s.Y) != 0 {
			t.Errorf("%v is not 0", op)
		}
		if !strings.Contains(strings.Join(set.Notes, "\n"), medianColumn(op)) {
			t.Errorf("notes %q lack %v", set.Notes, op)
		}
	}
	dir = edit(t, reduceFile, "collective", "kind")
	if set := mustRead(t, dir, fixtureSpec(2, 1), Options{}); len(set.Ops[vidur.OpAllReduce].Y) != 15 {
		t.Error("without a column collective not all rows are taken")
	}
	saved := strings.Replace(fixtureAttention(), "time_stats.attn_decode.min", medianColumn(vidur.OpKVSave), 1)
	files := fixtures()
	files[attnFile] = saved
	set = mustRead(t, place(t, files), fixtureSpec(2, 1), Options{})
	kv := set.Ops[vidur.OpKVSave]
	if kv.Y[0] != 0 || slices.Max(kv.Y) == 0 || kv.X[0][8] != 1 {
		t.Errorf("KV save: %v ms at %v tokens: blanks are 0, and the others their column", kv.Y, kv.X[0])
	}
}

// The nearest block size is taken, and said, unless told otherwise.
func TestBlockSize(t *testing.T) {
	files := fixtures()
	files[attnFile] = strings.ReplaceAll(files[attnFile], ",4,16,1,", ",4,8,1,")
	files[attnFile] = strings.ReplaceAll(files[attnFile], ",4,16,2,", ",4,32,2,")
	dir := place(t, files)
	set := mustRead(t, dir, fixtureSpec(2, 1), Options{})
	if !strings.Contains(strings.Join(set.Notes, "\n"), "no rows with block_size = 16: those with 32 were taken") {
		t.Errorf("notes %q", set.Notes)
	}
	spec := fixtureSpec(2, 1)
	spec.BlockSize = 32
	for _, opt := range []Options{{}, {Strict: true}, {BlockSize: 32}} {
		for _, note := range mustRead(t, dir, spec, opt).Notes {
			if strings.Contains(note, "block_size") {
				t.Error(note)
			}
		}
	}
	var empty *EmptyError
	if _, err := Read(dir, spec, Options{BlockSize: 16, Strict: true}); !errors.As(err, &empty) || empty.Filter != "block_size" {
		t.Errorf("strictly, another block size is taken: %v", err)
	}
}

// Times in other units are noticed, in every file.
func TestUnits(t *testing.T) {
	for _, v := range []struct {
		op     vidur.Op
		file   string
		factor float64
		unit   string
	}{
		{vidur.OpMLPUp, mlpFile, 1000, "µs"}, {vidur.OpAttnRope, mlpFile, 1e-3, "s"}, {vidur.OpAdd, mlpFile, 1e6, "ns"},
		{vidur.OpAttnDecode, attnFile, 1000, "µs"}, {vidur.OpAttnPrefill, attnFile, 1e-3, "s"},
		{vidur.OpAllReduce, reduceFile, 1000, "µs"}, {vidur.OpSendRecv, sendFile, 1e-3, "s"},
	} {
		files := fixtures()
		files[v.file] = scaled(files[v.file], medianColumn(v.op), v.factor)
		dir := place(t, files)
		_, err := Read(dir, fixtureSpec(2, 2), Options{})
		var unit *UnitError
		if !errors.As(err, &unit) || unit.Unit != v.unit || unit.Op != v.op {
			t.Errorf("%v × %v: %v; in %s is due", v.op, v.factor, err, v.unit)
		}
		set := mustRead(t, dir, fixtureSpec(2, 2), Options{Lenient: true})
		if set.Ops[v.op] != nil || !strings.Contains(strings.Join(set.Notes, "\n"), "must be in ms") {
			t.Errorf("%v × %v: leniently, it is taken; notes %q", v.op, v.factor, set.Notes)
		}
		unknown := fixtureSpec(2, 2)
		unknown.Device = vidur.Device{Name: "chip"}
		if _, err := Read(dir, unknown, Options{}); err != nil {
			t.Errorf("without a datasheet: %v", err)
		}
	}
}

// scaled multiplies a column.
func scaled(text, column string, factor float64) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	at := slices.Index(strings.Split(lines[0], ","), column)
	for i := range lines[1:] {
		fields := strings.Split(lines[i+1], ",")
		var v float64
		if _, err := fmt.Sscan(fields[at], &v); err == nil {
			fields[at] = fmt.Sprint(v * factor)
		}
		lines[i+1] = strings.Join(fields, ",")
	}
	return strings.Join(lines, "\n")
}
