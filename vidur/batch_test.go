package vidur

import (
	"strings"
	"testing"
)

func TestAddMisuse(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Request
		n    int
		want string // empty: it is right
	}{
		{"whole prompt", Request{Prompt: 5}, 5, ""},
		{"first chunk", Request{Prompt: 5}, 1, ""},
		{"last chunk", Request{Prompt: 5, Done: 3}, 2, ""},
		{"decode", Request{Prompt: 5, Done: 6}, 1, ""},
		{"nothing", Request{Prompt: 5}, 0, "0 tokens"},
		{"negative", Request{Prompt: 5}, -1, "-1 tokens"},
		{"more than the prompt", Request{Prompt: 5}, 6, "it has 5 left to prefill"},
		{"more than is left", Request{Prompt: 5, Done: 3}, 3, "it has 2 left to prefill"},
		{"two in a decode", Request{Prompt: 5, Done: 6}, 2, "a decode takes one"},
		{"none in a decode", Request{Prompt: 5, Done: 6}, 0, "a decode takes one"},
		{"complete", Request{Prompt: 5, Done: 6, completed: true}, 1, "it is complete"},
		{"twice", Request{Prompt: 5, inBatch: true}, 5, "in a batch already"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b Batch
			b.Add(&c.r, c.n)
			if c.want == "" {
				if b.err != nil || b.Len() != 1 || b.NumTokens != c.n || b.Slots[0].Advance != int32(c.n) {
					t.Errorf("%+v", b)
				}
				return
			}
			if b.err == nil || !strings.Contains(b.err.Error(), c.want) || b.Len() != 0 {
				t.Errorf("got %v, want %q", b.err, c.want)
			}
		})
	}
}

func TestAddReportsTheFirstMisuse(t *testing.T) {
	var b Batch
	b.Add(&Request{ID: 1, Prompt: 5}, 0)
	b.Add(&Request{ID: 2, Prompt: 5}, 9)
	if b.err == nil || !strings.Contains(b.err.Error(), "request 1 ") {
		t.Error(b.err)
	}
}

// TestDecodeIsAddInALoop compares the fast way of forming a batch of decodes
// with the plain one.
func TestDecodeIsAddInALoop(t *testing.T) {
	for free := range 6 {
		for limit := range 6 {
			fast, slow := decodeReplica(free), decodeReplica(free)
			var a, b Batch
			fast.Decode(&a, limit)
			for slow.Running.Len() > 0 && b.Len() < limit && slow.KV.Free() > 0 {
				if r := slow.Running.At(0); !r.Prefilled() || !slow.KV.Extend(r) {
					break
				}
				b.Add(slow.Running.Pop(), 1)
			}
			if b.err != nil || a.Len() > b.Len() || a.Len() < min(free, limit, 3) {
				t.Fatalf("free %d limit %d: %d and %d slots, %v", free, limit, a.Len(), b.Len(), b.err)
			}
			for fast.Running.Len() > slow.Running.Len() { // Decode is careful: it stops when a block might be lacking
				r := fast.Running.Pop()
				fast.KV.Extend(r)
				a.Add(r, 1)
			}
			if a.NumTokens != b.NumTokens || a.NumDecodes != b.NumDecodes || a.DecodeCached != b.DecodeCached || a.Attended != b.Attended ||
				a.PrefillTokens != 0 || fast.KV.Used() != slow.KV.Used() || fast.KV.Holders() != slow.KV.Holders() {
				t.Errorf("free %d limit %d:\n%+v\n%+v", free, limit, a, b)
			}
		}
	}
}

// TestDecodeThenAdd: what Decode took is in the batch, and cannot be added again.
func TestDecodeThenAdd(t *testing.T) {
	var b Batch
	decodeReplica(5).Decode(&b, 1)
	if b.Add(b.Slots[0].Request, 1); b.err == nil || !strings.Contains(b.err.Error(), "in a batch already") {
		t.Error(b.err)
	}
}

// decodeReplica has three requests that decode, of which the first and the last
// lack a block, and one that does not.
func decodeReplica(free int) *Replica {
	rep := &Replica{KV: KV{BlockSize: 2, Blocks: 7 + free}}
	for i, r := range []*Request{{Done: 5, Prompt: 4}, {Done: 6, Prompt: 4}, {Done: 5, Prompt: 4}, {Done: 2, Prompt: 4}} {
		rep.KV.Alloc(r, []int{2, 3, 2, 0}[i])
		rep.Running.Push(r)
	}
	return rep
}
