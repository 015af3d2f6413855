package lower

import "go/types"

// env gives type parameters their arguments.
type env map[*types.TypeParam]types.Type

// newEnv pairs a list of parameters with arguments.
func newEnv(params *types.TypeParamList, args []types.Type) env {
	e := env{}
	for i := range params.Len() {
		e[params.At(i)] = args[i]
	}
	return e
}

// subst replaces type parameters in t.
func (e env) subst(t types.Type) types.Type {
	if len(e) == 0 || t == nil {
		return t
	}
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		if a, ok := e[t]; ok {
			return a
		}
	case *types.Pointer:
		return types.NewPointer(e.subst(t.Elem()))
	case *types.Slice:
		return types.NewSlice(e.subst(t.Elem()))
	case *types.Array:
		return types.NewArray(e.subst(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(e.subst(t.Key()), e.subst(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), e.subst(t.Elem()))
	case *types.Tuple:
		return e.tuple(t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, e.tuple(t.Params()), e.tuple(t.Results()), t.Variadic())
	case *types.Named:
		return e.named(t)
	case *types.Struct:
		return e.structure(t)
	case *types.Interface:
		return e.iface(t)
	}
	return t
}

func (e env) tuple(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		v := t.At(i)
		vars[i] = types.NewVar(v.Pos(), v.Pkg(), v.Name(), e.subst(v.Type()))
	}
	return types.NewTuple(vars...)
}

func (e env) named(t *types.Named) types.Type {
	if t.TypeArgs().Len() == 0 {
		return t
	}
	args := make([]types.Type, t.TypeArgs().Len())
	for i := range args {
		args[i] = e.subst(t.TypeArgs().At(i))
	}
	inst, err := types.Instantiate(nil, t.Origin(), args, false)
	if err != nil {
		return t
	}
	return inst
}

func (e env) structure(t *types.Struct) types.Type {
	fields := make([]*types.Var, t.NumFields())
	tags := make([]string, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		fields[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), e.subst(f.Type()), f.Embedded())
		tags[i] = t.Tag(i)
	}
	return types.NewStruct(fields, tags)
}

func (e env) iface(t *types.Interface) types.Type {
	if t.NumMethods() == 0 {
		return t
	}
	methods := make([]*types.Func, t.NumMethods())
	for i := range methods {
		m := t.Method(i)
		methods[i] = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), e.subst(m.Signature()).(*types.Signature))
	}
	return types.NewInterfaceType(methods, nil).Complete()
}
