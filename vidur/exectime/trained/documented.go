package trained

import (
	"strings"

	"github.com/govidur/govidur/vidur"
)

// cardErrors are the errors of the analytic model on a card, mean absolute, in
// percent. GEMMs and pointwise operators: of models that were left out when the
// figures were fitted to mlp.csv of microsoft/vidur; for other cards, of a card
// that was left out. Attention: of cached tokens that were left out (A100), which
// the other cards, where its figures rest on 20 to 62 points, are held to as well.
// Of cards whose figures are fitted to AIConfigurator's tables: of those tables,
// which have thousands of points for ten figures; their pointwise operators are of
// the older profiles, or of another card's.
type cardErrors struct {
	qkv, out, up, down      float64
	norm, act, rope, add    float64
	embed                   float64
	attnDecode, attnPrefill float64
	decodeNote, prefillNote string
	otherNote               string
}

const (
	fewPoints = "few measured points: uncertain"
	noCached  = "chunks after cached tokens were not measured"
	otherCard = "of a card that was left out"
)

var documentedErrors = map[string]cardErrors{
	"a100": {6.1, 6.4, 5.0, 6.1, 7.3, 5.5, 7.1, 5.1, 5.4, 9.2, 4.9, "", "", ""},
	"h100": {7.3, 8.0, 6.6, 10.2, 7.8, 6.1, 8.1, 5.4, 5.2, 9.2, 4.9, fewPoints, fewPoints, ""},
	"a40":  {7.8, 6.8, 6.0, 7.3, 4.5, 5.0, 8.4, 6.1, 4.8, 9.2, 4.9, fewPoints, fewPoints, ""},

	"a100-vllm": {6.5, 6.5, 6.5, 6.5, 7.3, 5.5, 7.1, 5.1, 5.4, 13.1, 17, "", noCached, ""},
	"h100-vllm": {5.9, 5.9, 5.9, 5.9, 7.8, 6.1, 8.1, 5.4, 5.2, 13.3, 14.9, "", noCached, ""},
	"h200-vllm": {6.5, 6.5, 6.5, 6.5, 20, 20, 20, 20, 20, 14.6, 14.9, "", "the H100's; " + noCached, ""},

	// Another card: leaving one of the three out gave 6.9 to 10.8 for GEMMs, 11 to
	// 27 for pointwise operators, 6.7 to 38.9 and 19 to 28 for attention.
	"": {10, 10, 10, 10, 20, 20, 20, 20, 20, 30, 28, otherCard, otherCard, otherCard},
}

const skew = "small messages are further off: the profiles' are mostly skew of the hosts"

// collectiveErrors are the errors of fitted curves, in percent, the mean of those
// below and above 1.5 MB: small messages of the original's profiles are 5 to 60 %
// off, mostly by the skew of the hosts, and large ones 1 to 5 %.
var collectiveErrors = []struct {
	node      string // prefix of its name
	allReduce map[int]float64
	send      float64
	note      string
}{
	{"a100_dgx", map[int]float64{2: 15.1, 4: 21.9, 8: 16.1}, 6.7, skew},
	{"a100_pair", map[int]float64{2: 20.3, 4: 2.8}, 4.5, skew},
	{"h100_dgx", map[int]float64{2: 32.2, 4: 7.6, 8: 7.7}, 3.9, skew},
	{"h100_pair", map[int]float64{2: 21.7, 4: 10.3}, 3.9, skew},
	{"a40", map[int]float64{2: 6.5, 4: 5.2, 8: 12.5}, 3.7, skew},
	{"hgx_a100", map[int]float64{2: 7.2, 4: 5.8, 8: 11.8}, 0, ""},
	{"hgx_h100", map[int]float64{2: 6, 4: 4.2, 8: 7.3}, 0, ""},
	{"h200_dgx", map[int]float64{2: 5.8, 4: 3.7, 8: 12.7}, 0, ""},
}

// Errors of rules that nothing was fitted to: guesses.
const (
	ruledLinkError = 30.0
	kvSaveError    = 50.0
	otherError     = 12.0 // fitted collectives beside the table
)

// documented is the error of an analytic operator, in percent.
func (t *Trained) documented(op vidur.Op) (percent float64, note string) {
	if percent, ok := t.ref.FitError(op); ok {
		return percent, "of its figures in the device file, on what they were fitted to"
	}
	card, ok := documentedErrors[t.ref.Fitted()]
	if !ok {
		card = documentedErrors[""]
	}
	switch op {
	case vidur.OpAttnDecode:
		return card.attnDecode, card.decodeNote
	case vidur.OpAttnPrefill:
		return card.attnPrefill, card.prefillNote
	case vidur.OpKVSave:
		return kvSaveError, "a rule that nothing was fitted to; the error is a guess"
	case vidur.OpAllReduce, vidur.OpSendRecv:
		return t.documentedLink(op)
	case vidur.OpAttnPreProj:
		return card.qkv, card.otherNote
	case vidur.OpAttnPostProj:
		return card.out, card.otherNote
	case vidur.OpMLPUp, vidur.OpLMHead:
		return card.up, card.otherNote
	case vidur.OpMLPDown:
		return card.down, card.otherNote
	case vidur.OpInputNorm, vidur.OpPostNorm:
		return card.norm, card.otherNote
	case vidur.OpMLPAct:
		return card.act, card.otherNote
	case vidur.OpAttnRope:
		return card.rope, card.otherNote
	case vidur.OpAdd:
		return card.add, card.otherNote
	case vidur.OpEmbed:
		return card.embed, card.otherNote
	}
	return 0, ""
}

func (t *Trained) documentedLink(op vidur.Op) (percent float64, note string) {
	allReduce, send := t.ref.Network().Fitted()
	fitted := allReduce
	if op == vidur.OpSendRecv {
		fitted = send
	}
	if !fitted {
		return ruledLinkError, "a rule for links that nothing was fitted to; the error is a guess"
	}
	for _, c := range collectiveErrors {
		if !strings.HasPrefix(t.spec.Node.Name, c.node) {
			continue
		}
		if op == vidur.OpSendRecv {
			return c.send, ""
		}
		if e, ok := c.allReduce[t.spec.TP]; ok {
			return e, c.note
		}
	}
	return otherError, skew
}
