package lower

import (
	"fmt"
	"go/constant"
	"go/types"
	"math"
	"strconv"
	"strings"
)

// constant is a constant of type t as Go text.
func (g *gen) constant(v constant.Value, t types.Type) string {
	b, ok := under(t).(*types.Basic)
	if !ok {
		refuse(g.pos, "a constant of type "+t.String(), "")
	}
	text := ""
	switch {
	case b.Info()&types.IsBoolean != 0:
		text = strconv.FormatBool(constant.BoolVal(v))
	case b.Info()&types.IsString != 0:
		text = strconv.Quote(constant.StringVal(v))
		if strings.Contains(text, `\x`) || strings.Contains(text, `\u`) {
			text = byteEscapes(constant.StringVal(v))
		}
	case b.Info()&types.IsInteger != 0:
		text = constant.ToInt(v).ExactString()
	case b.Info()&types.IsFloat != 0:
		return g.floating(v, b, g.rep(t))
	case b.Info()&types.IsComplex != 0:
		part := types.Typ[types.Float64]
		if b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		c := constant.ToComplex(v)
		return g.rep(t) + "(complex(" + g.floating(constant.Real(c), part, part.Name()) + ", " + g.floating(constant.Imag(c), part, part.Name()) + "))"
	}
	return g.rep(t) + "(" + text + ")"
}

func byteEscapes(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, `\x%02x`, s[i])
	}
	b.WriteByte('"')
	return b.String()
}

func (g *gen) floating(v constant.Value, b *types.Basic, rep string) string {
	f, _ := constant.Float64Val(constant.ToFloat(v))
	bits := 64
	if b.Kind() == types.Float32 {
		f32, _ := constant.Float32Val(constant.ToFloat(v))
		f, bits = float64(f32), 32
	}
	if f == 0 {
		f = math.Abs(f)
	}
	s := strconv.FormatFloat(f, 'g', -1, bits)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return rep + "(" + s + ")"
}
