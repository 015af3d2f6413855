package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// writeImported makes a directory of imported profiles of the fixture's replica.
func writeImported(t *testing.T, manifest string) (string, vidur.ReplicaSpec) {
	t.Helper()
	dir := t.TempDir()
	spec := vidur.ReplicaSpec{
		Model:  vidur.Model{Name: "maker/m", Layers: 2, Hidden: 512, QHeads: 8, KVHeads: 2, FFN: 1024, Vocab: 100, Gated: true},
		Device: vidur.Device{Name: "chip"}, Node: vidur.Node{Name: "box", Devices: 2}, TP: 1,
	}
	for path, text := range map[string]string{
		"manifest.json": manifest,
		"profiling/compute/chip/maker/m/mlp.csv": `time_stats.emb.median,time_stats.mlp_up_proj.median,time_stats.attn_kv_cache_save.median,n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers
0.01,0.5,,8,2,512,1024,100,True,4,1
,0.9,0.02,8,2,512,1024,100,True,64,1
0.01,0.9,0.02,8,2,512,1024,100,True,64,2
`,
		"profiling/compute/chip/maker/m/iteration.csv": `time_stats.lm_head.median,time_stats.other.median,num_tokens,batch_size,num_tensor_parallel_workers
0.3,0.03,4,4,1
,0.04,64,1,1
`,
	} {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, spec
}

// A manifest that says so makes blank cells unmeasured, and what other readers pass
// over read.
func TestReadImported(t *testing.T) {
	dir, spec := writeImported(t, `{"provenance": "imported", "sources": []}`)
	for _, place := range []string{dir, filepath.Join(dir, "profiling")} {
		set, err := Read(place, spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows := map[vidur.Op]int{vidur.OpEmbed: 1, vidur.OpMLPUp: 2, vidur.OpKVSave: 1, vidur.OpLMHead: 1, vidur.OpOther: 2}
		for op, s := range set.Ops {
			if s == nil && rows[vidur.Op(op)] > 0 || s != nil && (len(s.Y) != rows[vidur.Op(op)] || !s.Imported) {
				t.Errorf("%v: %+v", vidur.Op(op), s)
			}
		}
		if s := set.Ops[vidur.OpKVSave]; s.X[0][0] != 64 || s.Y[0] != 0.02 || s.Lines[0] != 3 {
			t.Errorf("%+v", s)
		}
	}
	report, err := Check(dir, nil)
	if err != nil || report.Count(Error) > 0 {
		t.Error(report, err)
	}
	if _, err := Read(dir, spec, Options{Compute: filepath.Join(dir, "profiling/compute/chip/maker/m/mlp.csv")}); err == nil {
		t.Error("a file that was named is measured, and must have all columns")
	}
}

func TestManifestErrors(t *testing.T) {
	dir, spec := writeImported(t, `{"provenance": "measured"}`)
	if _, err := Read(dir, spec, Options{}); err == nil || !strings.Contains(err.Error(), "attn_pre_proj") {
		t.Error("profiles that were measured need all columns:", err)
	}
	dir, spec = writeImported(t, `{`)
	if _, err := Read(dir, spec, Options{}); err == nil || !strings.Contains(err.Error(), "manifest.json") {
		t.Error(err)
	}
	if _, err := Check(dir, nil); err == nil || !strings.Contains(err.Error(), "manifest.json") {
		t.Error(err)
	}
}

// A plan measures sizes that tell most and no full grid, so that gaps of measured
// profiles are nothing to look at; of others they are.
func TestGapsAsPlanned(t *testing.T) {
	for manifest, want := range map[string]Severity{`{"provenance": "measured"}`: Info, `{"provenance": "else"}`: Warning} {
		files := fixtures()
		files[attnFile] = dropLines(files[attnFile], func(l string) bool { return strings.Contains(l, ",4,0,256,False") })
		files[mlpFile] = dropLines(files[mlpFile], func(l string) bool {
			return strings.Contains(l, "True,64,") || strings.Contains(l, "True,128,") || strings.Contains(l, "True,32,")
		})
		files[ManifestName] = manifest
		gaps := 0
		for _, f := range mustCheck(t, place(t, files), fixtureCatalog{}).Findings {
			if f.Kind != "gap" {
				continue
			}
			if gaps++; f.Severity != want {
				t.Errorf("%s: %v", manifest, f)
			}
		}
		if gaps != 2 {
			t.Errorf("%s: %d gaps", manifest, gaps)
		}
	}
}
