package catalog

import (
	"fmt"
	"strings"

	"github.com/govidur/govidur/vidur/internal/near"
)

// UnknownError says that no entry has a name.
type UnknownError struct {
	Kind string   // model, device or node
	Name string   // asked for
	Near []string // names like it, at most five, the nearest first
	All  []string // the names there are
}

func (e *UnknownError) Error() string {
	s := fmt.Sprintf("no %s %q", e.Kind, e.Name)
	if len(e.Near) > 0 {
		return s + "; near: " + strings.Join(e.Near, ", ")
	}
	return s + "; known: " + strings.Join(e.All, ", ")
}

const maxNear = 5

// unknown names the entries whose name or alias is like what was asked for, by
// the name that is.
func unknown[E entry](kind, name string, entries []E) error {
	var all []string
	owner := map[string]int{}
	for i, e := range entries {
		own, aliases := e.names()
		for _, n := range append([]string{own}, aliases...) {
			all, owner[n] = append(all, n), i
		}
	}
	err := &UnknownError{Kind: kind, Name: name, All: names(entries)}
	listed := map[int]bool{}
	for _, n := range near.Names(strings.TrimSpace(name), all, len(all)) {
		if i := owner[n]; !listed[i] && len(err.Near) < maxNear {
			listed[i] = true
			err.Near = append(err.Near, n)
		}
	}
	return err
}
