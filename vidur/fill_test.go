package vidur

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// randomReplica has requests in all states: waiting, some with blocks; running and
// prefilled in part; decoding.
func randomReplica(rng *rand.Rand) *Replica {
	rep := &Replica{KV: KV{BlockSize: 1 + rng.IntN(4), Blocks: 8 + rng.IntN(30)}}
	for id := range rng.IntN(12) {
		r := &Request{ID: id, Prompt: 1 + rng.IntN(12), Arrival: Arrival{At: float64(rng.IntN(4)), Decode: 9}}
		r.Prefill = r.Prompt
		switch rng.IntN(4) {
		case 0:
			rep.KV.Alloc(r, rng.IntN(2))
			rep.Waiting.Push(r)
			continue
		case 1:
			r.Done = rng.IntN(r.Prompt)
			if !rep.KV.Alloc(r, rep.KV.For(r.Done)) {
				continue
			}
		default:
			r.Done = r.Prompt + 1 + rng.IntN(4)
			if !rep.KV.Alloc(r, rep.KV.For(r.Done-1)) {
				continue
			}
		}
		rep.Running.Push(r)
	}
	return rep
}

func randomLimits(rng *rand.Rand) Limits {
	l := Limits{Requests: rng.IntN(8), Tokens: rng.IntN(20), Holders: rng.IntN(6), Reserve: rng.IntN(3), Whole: rng.IntN(3) == 0}
	if rng.IntN(3) == 0 {
		l.Restart = (*Request).RestartAtDone
	}
	return l
}

// state is all that the helpers may change.
func state(rep *Replica, b *Batch) string {
	s := fmt.Sprintf("blocks %d holders %d tokens %d decodes %d err %v;", rep.KV.used, rep.KV.holders, b.NumTokens, b.NumDecodes, b.err)
	for i := range b.Slots {
		s += fmt.Sprintf(" %d:%d+%d/%d", b.Slots[i].Request.ID, b.Slots[i].Cached, b.Slots[i].Tokens, b.Slots[i].Request.blocks)
	}
	for _, q := range []*Queue{&rep.Waiting, &rep.Running} {
		s += " |"
		for i := range q.Len() {
			r := q.At(i)
			s += fmt.Sprintf(" %d:%d/%d/%d/%d", r.ID, r.Done, r.Prompt, r.blocks, r.Restarts)
		}
	}
	return s
}

// slowDecodeAll looks at one request after the other.
func slowDecodeAll(rep *Replica, b *Batch, l Limits) {
	var aside []*Request
	for rep.Running.Len() > 0 && (l.Requests == 0 || b.Len() < l.Requests) {
		r := rep.Running.Pop()
		if !r.Prefilled() {
			aside = append(aside, r)
			continue
		}
		for victim := (*Request)(nil); victim != r; {
			if rep.KV.Free() > 0 && rep.KV.Extend(r) {
				b.Add(r, 1)
				break
			}
			if victim = rep.Running.PopBack(); victim == nil {
				victim = r
			}
			if rep.KV.Release(victim); l.Restart != nil {
				l.Restart(victim)
			} else {
				victim.Restart()
			}
			rep.Waiting.PushFront(victim)
		}
	}
	for len(aside) > 0 {
		rep.Running.PushFront(aside[len(aside)-1])
		aside = aside[:len(aside)-1]
	}
}

// slowTokens is what a batch has room for of a prompt.
func slowTokens(b *Batch, l Limits, r *Request) int {
	switch room := l.Tokens - b.NumTokens; {
	case l.Requests > 0 && b.Len() >= l.Requests:
		return 0
	case l.Tokens == 0 || r.Left() <= room:
		return r.Left()
	case l.Whole:
		return 0
	default:
		return max(0, room)
	}
}

func slowPrefill(rep *Replica, b *Batch, l Limits) {
	for i := 0; i < rep.Running.Len(); {
		r := rep.Running.At(i)
		n := slowTokens(b, l, r)
		lack := (r.Done+n+rep.KV.BlockSize-1)/rep.KV.BlockSize - rep.KV.Held(r)
		if r.Prefilled() || n == 0 || lack > rep.KV.Free() {
			i++
			continue
		}
		rep.KV.Alloc(r, max(0, lack))
		b.Add(rep.Running.Remove(i), n)
	}
}

func slowAdmit(rep *Replica, b *Batch, l Limits) {
	for rep.Waiting.Len() > 0 {
		r := rep.Waiting.At(0)
		lack := (max(r.Prompt, r.Done)+rep.KV.BlockSize-1)/rep.KV.BlockSize - rep.KV.Held(r)
		n := slowTokens(b, l, r)
		if r.Prefilled() && (l.Requests == 0 || b.Len() < l.Requests) {
			n = 1
		}
		if n == 0 || rep.KV.Free()-lack < l.Reserve ||
			l.Holders > 0 && rep.KV.Held(r) == 0 && rep.KV.Holders() >= l.Holders {
			return
		}
		rep.KV.Alloc(r, max(0, lack))
		b.Add(rep.Waiting.Pop(), n)
	}
}

// TestHelpersAgainstSlowOnes does each helper and its plain twin on the same
// replica, alone and after the others.
func TestHelpersAgainstSlowOnes(t *testing.T) {
	admit := func(rep *Replica, b *Batch, l Limits) {
		for rep.Admit(b, l) {
		}
		if rep.Admissible(b, l) != 0 {
			t.Error("Admit stops before Admissible is 0")
		}
	}
	decode := func(rep *Replica, b *Batch, l Limits) { rep.DecodeAll(b, l) }
	steps := [3][2]func(*Replica, *Batch, Limits){{decode, slowDecodeAll}, {(*Replica).Prefill, slowPrefill}, {admit, slowAdmit}}
	for seed := range uint64(5000) {
		rng := rand.New(rand.NewPCG(seed, 0))
		l := randomLimits(rng)
		order := rng.Perm(3)[:1+rng.IntN(3)]
		fast, slow := randomReplica(rand.New(rand.NewPCG(seed, 1))), randomReplica(rand.New(rand.NewPCG(seed, 1)))
		var a, b Batch
		for _, i := range order {
			steps[i][0](fast, &a, l)
			steps[i][1](slow, &b, l)
		}
		if x, y := state(fast, &a), state(slow, &b); x != y || a.err != nil {
			t.Fatalf("seed %d, %+v, steps %v:\n%s\n%s", seed, l, order, x, y)
		}
	}
}

func TestDecodeAllCountsWhatItPasses(t *testing.T) {
	rep := decodeReplica(5)
	rep.Running.PushFront(&Request{ID: 9, Prompt: 3})
	var b Batch
	if n := rep.DecodeAll(&b, Limits{}); n != 2 || b.Len() != 3 || rep.Running.Len() != 2 || rep.Running.At(0).ID != 9 {
		t.Errorf("%d passed, %d taken, %d left", n, b.Len(), rep.Running.Len())
	}
}

func TestEvict(t *testing.T) {
	rep := decodeReplica(0)
	if !rep.Evict(2) || rep.Running.Len() != 2 || rep.KV.Free() != 2 || rep.Waiting.Len() != 2 || rep.Waiting.At(0).Restarts != 1 {
		t.Errorf("%d run, %d free", rep.Running.Len(), rep.KV.Free())
	}
	if rep.Evict(99) || rep.Running.Len() != 0 || rep.KV.Used() != 0 {
		t.Errorf("99 blocks of 7: %d run", rep.Running.Len())
	}
}
