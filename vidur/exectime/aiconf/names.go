package aiconf

import (
	"path/filepath"
	"slices"
	"strings"
)

// Kind is what a table measures.
type Kind string

// The kinds of tables that are read. Others are listed only.
const (
	GEMM                Kind = "gemm"
	ContextAttention    Kind = "context_attention"
	GenerationAttention Kind = "generation_attention"
	CustomAllReduce     Kind = "custom_allreduce"
	NCCL                Kind = "nccl"
	MoE                 Kind = "moe"
)

// bfloat16 is the numeric type of what options and samples leave open.
const bfloat16 = "bfloat16"

var kinds = [...]Kind{GEMM, ContextAttention, GenerationAttention, CustomAllReduce, NCCL, MoE}

// families are the folders of kinds in AIConfigurator's tree.
var families = [...]string{"gemm", "attention", "comm", "moe", "mla", "mamba", "dsa", "wideep"}

// ID says which measurements a table belongs to.
type ID struct {
	System  string // the GPU: a100_sxm, h100_sxm, …
	Backend string // the engine, or nccl
	Version string // of the engine
}

func (id ID) String() string { return id.System + " " + id.Backend + " " + id.Version }

// parseName reads a table's ID and kind from where it lies:
// system/family/backend/version/kind_perf.ext or, without the family,
// system/backend/version/kind_perf.ext; or from a flat name
// system_family_backend_version_kind_perf.ext.
func parseName(path string) (id ID, family string, kind Kind, ok bool) {
	base := filepath.Base(path)
	ext := filepath.Ext(base)
	if !slices.Contains([]string{".parquet", ".csv", ".txt"}, strings.ToLower(ext)) {
		return id, "", "", false
	}
	stem, ok := strings.CutSuffix(strings.TrimSuffix(base, ext), "_perf")
	if !ok || stem == "" {
		return id, "", "", false
	}
	if id, family, kind, ok := flatName(stem); ok {
		return id, family, kind, true
	}
	dirs := strings.Split(filepath.ToSlash(filepath.Dir(path)), "/")
	n := len(dirs)
	if n < 3 {
		return id, "", "", false
	}
	id.Version, id.Backend, id.System = dirs[n-1], dirs[n-2], dirs[n-3]
	if slices.Contains(families[:], id.System) && n > 3 {
		family, id.System = id.System, dirs[n-4]
	}
	return id, family, Kind(stem), id.System != "" && id.Backend != "" && id.Version != ""
}

// flatName takes a name apart at its family, and at the kind at its end.
func flatName(stem string) (id ID, family string, kind Kind, ok bool) {
	for _, f := range families {
		system, rest, found := strings.Cut(stem, "_"+f+"_")
		if !found || system == "" {
			continue
		}
		backend, rest, found := strings.Cut(rest, "_")
		if !found || backend == "" {
			continue
		}
		version, k, found := strings.Cut(rest, "_")
		if !found || version == "" || k == "" {
			continue
		}
		return ID{system, backend, version}, f, Kind(k), true
	}
	return id, "", "", false
}
