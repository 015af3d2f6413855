package plan

// tokenSizes are the numbers of tokens that the original simulator's profiles
// have, up to largest, which is among them.
func tokenSizes(largest int) []int {
	return upTo(stepped([]int{1, 2, 4}, 8, 1024, largest), largest)
}

// chunkSizes are the chunks of prompts.
func chunkSizes(largest int) []int {
	sizes := []int{1, 16, 32, 64, 80, 96, 112, 128}
	return upTo(stepped(sizes, 32, 1024, largest), largest)
}

// cachedSizes are the cached tokens, none not among them.
func cachedSizes(largest int) []int {
	return upTo(stepped(nil, 32, 1024, largest), largest)
}

// batchSizes are the numbers of requests: eight per octave, which are all to 16.
func batchSizes(largest int) []int {
	return upTo(stepped(nil, 1, 16, largest), largest)
}

// stepped appends multiples of step beyond the last of sizes, and doubles the step
// at octave and at each further octave.
func stepped(sizes []int, step, octave, largest int) []int {
	at := 0
	if len(sizes) > 0 {
		at = sizes[len(sizes)-1] / step * step
	}
	for at += step; at <= largest; at += step {
		sizes = append(sizes, at)
		for at >= octave {
			octave, step = 2*octave, 2*step
		}
	}
	return sizes
}

// upTo cuts sizes that are too large off, and has the largest at the end.
func upTo(sizes []int, largest int) []int {
	n := 0
	for n < len(sizes) && sizes[n] < largest {
		n++
	}
	return append(sizes[:n:n], largest)
}
