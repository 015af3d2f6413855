package aiconf

import (
	"fmt"
	"slices"
	"strings"
)

// systems are AIConfigurator's names of devices.
var systems = [...]struct{ device, system string }{
	{"a100", "a100_sxm"}, {"a100-sxm-80gb", "a100_sxm"},
	{"h100", "h100_sxm"}, {"h100-sxm", "h100_sxm"},
	{"h200", "h200_sxm"}, {"b200", "b200_sxm"},
	{"l40s", "l40s"},
}

// SystemOf is AIConfigurator's name of a device, or "" if it has none that is
// known here.
func SystemOf(device string) string {
	for _, s := range systems {
		if strings.EqualFold(s.device, device) {
			return s.system
		}
	}
	return ""
}

// Engine is the one system, backend and version that a predictor takes all tables
// from. What options leave open must leave one choice.
func (l *Library) Engine(device string, o *Options) (ID, error) {
	system := o.System
	if system == "" {
		system = SystemOf(device)
	}
	if system == "" {
		return ID{}, fmt.Errorf("device %q: no system of AIConfigurator is known for it; name one (Options.System); there are %s", device, l.summary())
	}
	var ids []ID
	for _, t := range l.tables {
		own := t.System == system && t.Read && t.Kind != NCCL
		if own && (o.Backend == "" || o.Backend == t.Backend) && (o.Version == "" || o.Version == t.Version) && !slices.Contains(ids, t.ID) {
			ids = append(ids, t.ID)
		}
	}
	switch len(ids) {
	case 0:
		return ID{}, fmt.Errorf("no tables of system %s, backend %q, version %q; there are %s", system, o.Backend, o.Version, l.summary())
	case 1:
		return ids[0], nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return ID{}, fmt.Errorf("times of different engines do not mix: choose a backend and a version (Options.Backend and Version; flags --backend, --backend-version) of %s", strings.Join(names, "; "))
}

// nccl chooses the version of NCCL.
func (l *Library) nccl(system, version string) (ID, error) {
	var ids []ID
	for _, t := range l.tables {
		if t.System == system && t.Kind == NCCL && (version == "" || version == t.Version) {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	if len(ids) == 0 {
		return ID{}, &MissingError{ID: ID{system, "nccl", version}, Kind: NCCL, Have: l.summary()}
	}
	return ID{}, fmt.Errorf("several versions of NCCL on %s: choose nccl/VERSION (Options.AllReduce; flag --all-reduce); there are %s", system, l.summary())
}
