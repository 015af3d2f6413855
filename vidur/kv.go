package vidur

// KV counts the blocks of a replica's key-value cache.
type KV struct {
	BlockSize int // tokens
	Blocks    int
	used      int
	holders   int
}

// Used is the number of blocks that are held.
func (k *KV) Used() int { return k.used }

// Free is the number of blocks that are not held.
func (k *KV) Free() int { return k.Blocks - k.used }

// Holders is the number of requests that hold blocks.
func (k *KV) Holders() int { return k.holders }

// For is the number of blocks that hold that many tokens.
func (k *KV) For(tokens int) int { return ceilDiv(tokens, k.BlockSize) }

// Held is the number of blocks r holds.
func (k *KV) Held(r *Request) int { return int(r.blocks) }

// Alloc gives n more blocks to r, or does nothing and reports false.
func (k *KV) Alloc(r *Request, n int) bool {
	if n < 0 || n > k.Blocks-k.used {
		return false
	}
	if r.blocks == 0 && n > 0 {
		k.holders++
	}
	r.blocks += int32(n)
	k.used += n
	return true
}

// Extend gives r the blocks that it lacks to hold its processed tokens, or does
// nothing and reports false.
func (k *KV) Extend(r *Request) bool {
	if lack := r.Done - int(r.blocks)*k.BlockSize; lack > 0 {
		return k.Alloc(r, k.For(lack))
	}
	return true
}

// hold gives r the blocks that it lacks to hold that many tokens, or does nothing
// and reports false.
func (k *KV) hold(r *Request, tokens int) bool {
	lack := k.For(tokens) - int(r.blocks)
	return lack <= 0 || k.Alloc(r, lack)
}

// Release takes every block of r back.
func (k *KV) Release(r *Request) {
	if r.blocks > 0 {
		k.used -= int(r.blocks)
		k.holders--
		r.blocks = 0
	}
}
