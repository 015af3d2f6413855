package pyrand

const (
	words = 624 // of the state
	shift = 397 // distance of the words that are mixed
)

// twister is the generator MT19937: a state of 624 words and the number of
// them that were given out.
type twister struct {
	state [words]uint32
	used  int
}

// seedWord fills the state from one word, by the linear congruential rule of
// the 2002 reference implementation.
func (t *twister) seedWord(seed uint32) {
	t.state[0] = seed
	for i := uint32(1); i < words; i++ {
		prev := t.state[i-1]
		t.state[i] = 1812433253*(prev^prev>>30) + i
	}
	t.used = words
}

// seedKey fills the state from a key of any length, so that seeds beyond one
// word make a difference.
func (t *twister) seedKey(key []uint32) {
	t.seedWord(19650218)
	i, j := 1, 0
	next := func() {
		if i++; i == words {
			t.state[0], i = t.state[words-1], 1
		}
	}
	for range max(words, len(key)) {
		prev := t.state[i-1]
		t.state[i] = (t.state[i] ^ (prev^prev>>30)*1664525) + key[j] + uint32(j)
		next()
		j = (j + 1) % len(key)
	}
	for range words - 1 {
		prev := t.state[i-1]
		t.state[i] = (t.state[i] ^ (prev^prev>>30)*1566083941) - uint32(i)
		next()
	}
	t.state[0] = 1 << 31
}

// twist makes the next 624 words.
func (t *twister) twist() {
	for i := range t.state {
		y := t.state[i]&(1<<31) | t.state[(i+1)%words]&(1<<31-1)
		v := t.state[(i+shift)%words] ^ y>>1
		if y&1 == 1 {
			v ^= 0x9908b0df
		}
		t.state[i] = v
	}
	t.used = 0
}

// uint32 is the next word, tempered.
func (t *twister) uint32() uint32 {
	if t.used == words {
		t.twist()
	}
	y := t.state[t.used]
	t.used++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// float64 is uniform in [0, 1): 53 bits of two words.
func (t *twister) float64() float64 {
	hi, lo := t.uint32()>>5, t.uint32()>>6
	return float64(uint64(hi)<<26|uint64(lo)) / (1 << 53)
}
