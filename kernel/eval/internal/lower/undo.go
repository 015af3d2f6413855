package lower

import (
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// state is what a Lowerer remembers of the files before.
type state struct {
	names   map[types.Object]string // of package-level objects
	hides   typeutil.Map            // struct type → its hidden fields
	reps    typeutil.Map            // struct type → name of its declaration in the interpreter
	indexes typeutil.Map            // type → its number in the Runtime
	boxed   []types.Type            // types of values that were put in interfaces, in order
	joined  int                     // how many of boxed have been joined to tables
	tables  []*table
	tableOf map[string]*table
	ifaces  []types.Type // compiled interfaces that interpreted values are converted to
	decls   map[*types.Func]*function
	named   map[string]string // helpers and instances by key → name
	strict  bool              // the text of run-time errors can be seen: indexes are checked one by one
	began   bool              // the first file has been written
}

func (s *state) clone() state {
	c := *s
	c.names, c.tableOf = maps.Clone(s.names), maps.Clone(s.tableOf)
	c.decls, c.named = maps.Clone(s.decls), maps.Clone(s.named)
	c.boxed, c.tables, c.ifaces = slices.Clone(s.boxed), slices.Clone(s.tables), slices.Clone(s.ifaces)
	c.hides, c.reps, c.indexes = cloneMap(&s.hides), cloneMap(&s.reps), cloneMap(&s.indexes)
	return c
}

func cloneMap(m *typeutil.Map) (c typeutil.Map) {
	m.Iterate(func(k types.Type, v any) { c.Set(k, v) })
	return c
}

// Undo forgets the last file. The host calls it if the interpreter does not
// compile what File returned: later files must not rely on what it declares.
func (l *Lowerer) Undo() {
	if l.saved != nil {
		l.state, l.saved, l.queue = *l.saved, nil, nil
	}
}
