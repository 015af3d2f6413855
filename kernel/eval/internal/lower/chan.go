package lower

import (
	"fmt"
	"go/types"
)

// receiver is a function that receives from a channel of type t.
func (g *gen) receiver(t types.Type) string {
	rep, elem := g.rep(t), g.rep(under(t).(*types.Chan).Elem())
	key := "receive " + rep
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("receive")
		g.l.named[key] = name
		fmt.Fprintf(&g.l.file.funcs, "func %s(c %s) %s {\n\tp := new(%s)\n\t%s(c, p)\n\treturn *p\n}\n\n", name, rep, elem, elem, g.l.rtf("Recv"))
	}
	return name
}

// receive declares v, ok := <-ch.
func (g *gen) receive(v, ok, ch string, elem types.Type) {
	p := g.l.fresh("p")
	g.line("%s := new(%s)", p, g.rep(elem))
	g.line("%s := %s(%s, %s)", ok, g.l.rtf("Recv"), ch, p)
	g.line("%s := *%s", v, p)
}
