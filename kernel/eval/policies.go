package eval

import (
	"go/types"
	"slices"
	"strings"
)

// Named is a thing of package level that the user declared.
type Named struct {
	Name string
	Kind string // function, type, constant, variable
	Type string // in Go
}

// Declared lists what is current, sorted by name.
func (s *Session) Declared() []Named {
	var out []Named
	for name, o := range s.objects {
		c := candidate(o)
		out = append(out, Named{Name: name, Kind: c.Kind, Type: c.Type})
	}
	slices.SortFunc(out, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Policy is an expression of the user's declarations that makes a policy.
type Policy struct {
	Name string // of the function or the type
	Kind string // scheduler or router
	Make string // Go: a vidurtest.NewScheduler or a vidurtest.NewRouter
}

// Policies finds the schedulers and routers among the declarations: functions
// that make them, and types that are them and that no such function mentions.
func (s *Session) Policies() ([]Policy, error) {
	p, err := s.importPath(policyPath)
	if err != nil {
		return nil, err
	}
	var made, found []Policy
	mentioned := map[string]bool{}
	for _, k := range policyKinds {
		iface := p.Scope().Lookup(k.iface).Type().Underlying().(*types.Interface)
		for _, name := range sortedKeys(s.objects) {
			switch o := s.objects[name].(type) {
			case *types.Func:
				if makes(o, p.Scope().Lookup(k.iface).Type(), k.params) {
					made = append(made, Policy{Name: name, Kind: k.kind, Make: name})
					for r := range s.decls.by[name].refs {
						mentioned[r] = true
					}
				}
			case *types.TypeName:
				if t := o.Type(); types.Implements(types.NewPointer(t), iface) && !types.IsInterface(t) && !generic(t) {
					found = append(found, Policy{Name: name, Kind: k.kind, Make: k.of(name)})
				}
			}
		}
	}
	found = slices.DeleteFunc(found, func(p Policy) bool { return mentioned[p.Name] })
	return append(made, found...), nil
}

// policyPath is the package of the interfaces of policies.
const policyPath = "github.com/govidur/govidur/vidur"

// policyKind is one of the kinds of policies whose laws can be tried.
type policyKind struct {
	kind, iface string
	params      int
	of          func(name string) string
}

var policyKinds = []policyKind{
	{"scheduler", "Scheduler", 1, func(name string) string {
		return "func(*vidur.Replica) (vidur.Scheduler, error) { return &" + name + "{}, nil }"
	}},
	{"router", "Router", 2, func(name string) string {
		return "func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return &" + name + "{}, nil }"
	}},
}

// makes reports whether a function has the form of Config.NewScheduler or
// Config.NewRouter.
func makes(f *types.Func, result types.Type, params int) bool {
	sig := f.Signature()
	return sig.Recv() == nil && sig.TypeParams() == nil && sig.Params().Len() == params && sig.Results().Len() == 2 &&
		types.Identical(sig.Results().At(0).Type(), result)
}

func generic(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.TypeParams() != nil
}
