package vidur

import "fmt"

// Lack is what keeps the head of [Replica.Waiting] out of a batch, and with it
// those behind. The Simulator sets Replica.Lacks to LackNothing before it asks a
// scheduler; Admit and Admissible note what they find, the first in the order of
// the constants; a scheduler that admits by rules of its own may set it. It
// changes nothing in a run: package breakdown explains waiting with it.
type Lack uint8

const (
	LackNothing Lack = iota // nothing: it was taken, or the scheduler leaves it there for other reasons
	LackSlots               // a slot: the batch or the replica has as many requests as it may
	LackTokens              // room for its tokens in the batch
	LackMemory              // KV blocks
)

var lackNames = [...]string{"nothing", "slots", "tokens", "memory"}

// String is "nothing", "slots", "tokens" or "memory".
func (l Lack) String() string {
	if int(l) >= len(lackNames) {
		return fmt.Sprintf("Lack(%d)", l)
	}
	return lackNames[l]
}

// refuse notes what the head of Waiting lacks, and says that no token of it can
// be taken.
func (rep *Replica) refuse(l Lack) int {
	rep.Lacks = l
	return 0
}
