package main

import (
	"fmt"
	"go/types"
	"strings"
)

// wrap writes the type through which compiled code calls the methods of an
// interpreted value: a struct with the value and one function per method, in the
// form that yaegi fills in. Methods that are not exported cannot be given one;
// yaegi still wants the wrapper, to pass nil.
func (e *emitter) wrap(obj *types.TypeName, iface *types.Interface) {
	name := "_" + ident(e.pkg.Path()) + "_" + obj.Name()
	e.symbols = append(e.symbols, fmt.Sprintf("{%q, Wrapper, (*%s)(nil)},\n", "_"+obj.Name(), name))
	var fields, methods strings.Builder
	for m := range iface.Methods() {
		if !m.Exported() {
			continue
		}
		params, args, results := e.signature(m.Signature())
		fmt.Fprintf(&fields, "W%s func(%s)%s\n", m.Name(), params, results)
		fmt.Fprintf(&methods, "\nfunc (w %s) %s(%s)%s {\n", name, m.Name(), params, results)
		if m.Name() == "String" {
			methods.WriteString("if w.WString == nil {\nreturn \"\"\n}\n")
		}
		if m.Signature().Results().Len() > 0 {
			methods.WriteString("return ")
		}
		fmt.Fprintf(&methods, "w.W%s(%s)\n}\n", m.Name(), args)
	}
	fmt.Fprintf(&e.wraps, "\ntype %s struct {\nIValue any\n%s}\n%s", name, fields.String(), methods.String())
}

// signature is the parameters, the arguments that pass them on, and the results
// of a method. The parameters get names of ours, which hide no package.
func (e *emitter) signature(sig *types.Signature) (params, args, results string) {
	var ps, as, rs []string
	for i := range sig.Params().Len() {
		arg, t := fmt.Sprintf("a%d", i), types.TypeString(sig.Params().At(i).Type(), e.qualify)
		if sig.Variadic() && i == sig.Params().Len()-1 {
			ps, as = append(ps, arg+" ..."+strings.TrimPrefix(t, "[]")), append(as, arg+"...")
			continue
		}
		ps, as = append(ps, arg+" "+t), append(as, arg)
	}
	for v := range sig.Results().Variables() {
		rs = append(rs, types.TypeString(v.Type(), e.qualify))
	}
	if len(rs) > 0 {
		results = " (" + strings.Join(rs, ", ") + ")"
	}
	return strings.Join(ps, ", "), strings.Join(as, ", "), results
}
