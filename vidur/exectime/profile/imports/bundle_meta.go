package imports

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// bundleMeta is what is read of meta.yaml.
type bundleMeta struct {
	Profiler     string `yaml:"profiler_version"`
	VLLM         string `yaml:"vllm_version"`
	CUDA         string `yaml:"cuda_version"`
	GPU          string `yaml:"gpu"`
	Hardware     string `yaml:"hardware"`
	Architecture string `yaml:"architecture"`
	Model        string `yaml:"model"`
	Variant      string `yaml:"variant"`
	Iterations   int    `yaml:"measurement_iterations"`
	Engine       struct {
		MaxTokens int `yaml:"max_num_batched_tokens"`
		MaxSeqs   int `yaml:"max_num_seqs"`
		BlockSize int `yaml:"block_size"`
	} `yaml:"engine_effective"`
	SkewFit struct {
		Enabled bool `yaml:"enabled"`
	} `yaml:"skew_fit"`
}

// meta reads meta.yaml, of the bundle or of the folder above its tables.
func (b *bundle) meta(path, dir string) error {
	file := filepath.Join(path, "meta.yaml")
	if !isFile(file) {
		file = filepath.Join(filepath.Dir(filepath.Clean(dir)), "meta.yaml")
	}
	if !isFile(file) {
		b.trace.note("no meta.yaml: model, GPU and versions are not known")
		return nil
	}
	raw, err := readWhole(file)
	if err != nil {
		return err
	}
	m, err := parseMeta(file, raw)
	if err != nil {
		return err
	}
	b.trace.Model, b.trace.Device, b.trace.DType = m.Model, cmp.Or(m.Hardware, m.GPU), m.Variant
	b.trace.note("%s: vLLM %s, CUDA %s, on %s; the mean of %s runs; up to %s tokens and %s requests; blocks of %s tokens",
		file, cmp.Or(m.VLLM, "unknown"), cmp.Or(m.CUDA, "unknown"), cmp.Or(m.GPU, "an unknown GPU"),
		known(m.Iterations), known(m.Engine.MaxTokens), known(m.Engine.MaxSeqs), known(m.Engine.BlockSize))
	if m.SkewFit.Enabled {
		b.trace.note("LLMServingSim corrects these times for requests of different contexts in a batch (skew_fit); the simulator does not")
	}
	return nil
}

// known is a number that 0 stands for an unknown one of.
func known(n int) string {
	if n == 0 {
		return "unknown"
	}
	return strconv.Itoa(n)
}

// yamlLine finds the line in an error of the YAML reader.
var yamlLine = regexp.MustCompile(`line (\d+): `)

// parseMeta reads the content of meta.yaml. Keys that are not known are skipped.
func parseMeta(file string, raw []byte) (*bundleMeta, error) {
	var m bundleMeta
	err := yaml.Unmarshal([]byte(strings.TrimPrefix(string(raw), "\ufeff")), &m)
	if err == nil {
		return &m, nil
	}
	text, line := err.Error(), 0
	if at := yamlLine.FindStringSubmatch(text); at != nil {
		line, _ = strconv.Atoi(at[1])
	}
	return nil, errorAt(file, line, "%s", strings.Join(strings.Fields(strings.TrimPrefix(text, "yaml: ")), " "))
}
