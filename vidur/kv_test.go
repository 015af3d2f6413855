package vidur

import (
	"math/rand/v2"
	"testing"
)

// TestKVBalance does random operations and compares with a map.
func TestKVBalance(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		k := KV{BlockSize: 1 + rng.IntN(5), Blocks: 1 + rng.IntN(30)}
		rs := make([]Request, 6)
		held := map[*Request]int{}
		for range 500 {
			r := &rs[rng.IntN(len(rs))]
			used := 0
			for _, n := range held {
				used += n
			}
			want, ok, did := held[r], true, true
			switch rng.IntN(3) {
			case 0:
				n := rng.IntN(8) - 1
				if ok = n >= 0 && used+n <= k.Blocks; ok {
					want += n
				}
				did = k.Alloc(r, n)
			case 1:
				r.Done = rng.IntN(40)
				need := max(want, (r.Done+k.BlockSize-1)/k.BlockSize)
				if ok = used-want+need <= k.Blocks; ok {
					want = need
				}
				did = k.Extend(r)
			case 2:
				k.Release(r)
				want = 0
			}
			if did != ok || k.Held(r) != want {
				t.Fatalf("seed %d: did %v, holds %d; want %v, %d", seed, did, k.Held(r), ok, want)
			}
			held[r] = want
			checkKV(t, &k, held)
		}
	}
}

func checkKV(t *testing.T, k *KV, held map[*Request]int) {
	t.Helper()
	used, holders := 0, 0
	for _, n := range held {
		used += n
		if n > 0 {
			holders++
		}
	}
	if k.Used() != used || k.Free() != k.Blocks-used || k.Holders() != holders {
		t.Fatalf("used %d, free %d of %d, holders %d; want %d and %d", k.Used(), k.Free(), k.Blocks, k.Holders(), used, holders)
	}
}

func TestKVFor(t *testing.T) {
	k := KV{BlockSize: 16}
	for tokens, want := range map[int]int{0: 0, 1: 1, 15: 1, 16: 1, 17: 2, 32: 2, 33: 3} {
		if got := k.For(tokens); got != want {
			t.Errorf("For(%d) = %d, want %d", tokens, got, want)
		}
	}
}
