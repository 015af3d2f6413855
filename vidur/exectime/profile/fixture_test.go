package profile

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

var update = flag.Bool("update", false, "write the fixtures in testdata")

// The fixtures are of this device and model; their times follow by formula from
// the work and are rounded to microseconds.
var (
	fixtureDevice = vidur.Device{Name: "chip", TFLOPS: 100, Bandwidth: 1000, MemoryGB: 40, SMs: 50, L2MB: 10, LinkGBs: 200}
	fixtureModel  = vidur.Model{Name: "maker/small", Layers: 4, Hidden: 2048, QHeads: 16, KVHeads: 4, FFN: 8192, Vocab: 32000, Gated: true}
	fixtureNode   = vidur.Node{Name: "chip_box", Devices: 4}
)

func fixtureSpec(tp, pp int) vidur.ReplicaSpec {
	return vidur.ReplicaSpec{Model: fixtureModel, Device: fixtureDevice, Node: fixtureNode, TP: tp, PP: pp}
}

// fixtureCatalog knows the device and the model of the fixtures.
type fixtureCatalog struct{}

func (fixtureCatalog) Device(name string) (vidur.Device, error) {
	if name != fixtureDevice.Name {
		return vidur.Device{}, fmt.Errorf("no device %q", name)
	}
	return fixtureDevice, nil
}

func (fixtureCatalog) Model(name string) (vidur.Model, error) {
	if name != fixtureModel.Name {
		return vidur.Model{}, fmt.Errorf("no model %q", name)
	}
	return fixtureModel, nil
}

// fixtureTime is the text of a time in ms, and of the five statistics.
func fixtureTime(s shape, op vidur.Op, x ...float64) (median, five string) {
	w, _ := s.work(op, x...)
	ms := w.usual(&fixtureDevice)
	t := func(f float64) string { return fmt.Sprintf("%.3f", ms*f) }
	return t(1), strings.Join([]string{t(0.95), t(1.1), t(1.01), t(1), t(0.02)}, ",")
}

func fiveNames(op vidur.Op) string {
	var names []string
	for _, s := range []string{"min", "max", "mean", "median", "std"} {
		names = append(names, "time_stats."+op.String()+"."+s)
	}
	return strings.Join(names, ",")
}

func fixtureMLP() string {
	var b strings.Builder
	for _, op := range computeOps {
		b.WriteString(fiveNames(op) + ",")
	}
	b.WriteString("n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n")
	for _, tp := range []int{1, 2, 4} {
		s := shapeOf(&fixtureModel, tp)
		for m := 1; m <= 1024; m *= 2 {
			for _, op := range computeOps {
				_, five := fixtureTime(s, op, float64(m))
				b.WriteString(five + ",")
			}
			fmt.Fprintf(&b, "16,4,2048,8192,32000,True,%d,%d\n", m, tp)
		}
	}
	return b.String()
}

func fixtureAttention() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s,%s,n_embd,n_q_head,n_kv_head,block_size,num_tensor_parallel_workers,max_model_len,batch_size,prefill_chunk_size,kv_cache_size,is_prefill,attention_backend\n",
		fiveNames(vidur.OpAttnDecode), fiveNames(vidur.OpAttnPrefill))
	row := func(tp, block, batch, chunk, cached int) {
		s := shapeOf(&fixtureModel, tp)
		decode, prefill, is := ",,,,", ",,,,", "False"
		if chunk == 0 {
			_, decode = fixtureTime(s, vidur.OpAttnDecode, float64(batch), float64(cached))
		} else {
			_, prefill = fixtureTime(s, vidur.OpAttnPrefill, float64(cached), float64(chunk*chunk))
			is = "True"
		}
		fmt.Fprintf(&b, "%s,%s,2048,16,4,%d,%d,4096,%d,%d,%d,%s,AttentionBackend.FLASHINFER\n", decode, prefill, block, tp, batch, chunk, cached, is)
	}
	for _, tp := range []int{1, 2} {
		for _, cached := range []int{0, 64, 128, 256, 512} {
			for _, chunk := range []int{32, 64, 128, 256} {
				row(tp, 16, 1, chunk, cached)
			}
			for _, batch := range []int{1, 2, 4, 8} {
				if cached > 0 {
					row(tp, 16, batch, 0, cached)
				}
			}
		}
	}
	return b.String()
}

func fixtureCollective(op vidur.Op) string {
	var b strings.Builder
	fmt.Fprintf(&b, ",%s,rank,num_workers,size,collective,devices_per_node,max_devices_per_node\n", fiveNames(op))
	i := 0
	for _, d := range [][2]int{{2, 1}, {2, 2}, {4, 4}} {
		if op == vidur.OpSendRecv && d[0] > 2 {
			continue
		}
		for size := 2048; size <= 1<<25; size *= 2 {
			s := shape{hidden: 1, devices: d[0], far: d[1] < d[0]}
			_, five := fixtureTime(s, op, float64(size)/2)
			fmt.Fprintf(&b, "%d,%s,0,%d,%d,%s,%d,4\n", i, five, d[0], size, op, d[1])
			i++
		}
	}
	return b.String()
}

func fixtureCPU() string {
	var b strings.Builder
	b.WriteString("model_name,tensor_parallel_degree,batch_size")
	for _, op := range cpuOps {
		b.WriteString("," + op.String() + "_mean," + op.String() + "_median")
	}
	b.WriteString("\n")
	for _, tp := range []int{1, 2} {
		for batch := 1; batch <= 16; batch *= 2 {
			fmt.Fprintf(&b, "maker/small,%d,%d", tp, batch)
			for i := range cpuOps {
				fmt.Fprintf(&b, ",%.3f,%.3f", 0.3+0.01*float64(i*batch), 0.2+0.01*float64(i*batch))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// fixtures are the files by path.
func fixtures() map[string]string {
	return map[string]string{
		"profiling/compute/chip/maker/small/mlp.csv":                    fixtureMLP(),
		"profiling/compute/chip/maker/small/attention.csv":              fixtureAttention(),
		"profiling/network/chip_box/all_reduce.csv":                     fixtureCollective(vidur.OpAllReduce),
		"profiling/network/chip_box/send_recv.csv":                      fixtureCollective(vidur.OpSendRecv),
		"profiling/cpu_overhead/chip_box/maker/small/cpu_overheads.csv": fixtureCPU(),
	}
}

// place writes files below a new directory.
func place(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
	return dir
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// The files in testdata are those of the formula.
func TestFixtures(t *testing.T) {
	for name, text := range fixtures() {
		path := filepath.Join("testdata", name)
		if *update {
			put(t, path, text)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != text {
			t.Errorf("%s is not what the formula gives; go test -update writes it: %v", path, err)
		}
	}
}
