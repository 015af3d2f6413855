package imports

import (
	"math/rand/v2"
	"testing"
)

// byID is a map.
func TestByID(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var b byID[int]
		twin := map[int]int{}
		for i := range random.IntN(50) {
			id := random.IntN(40) - 5
			b.add(id, i)
			twin[id] = i
		}
		b.sort()
		for id := -10; id < 50; id++ {
			got, ok := b.get(id)
			if want, has := twin[id]; got != want || ok != has {
				t.Fatalf("%d: %d, %v instead of %d, %v", id, got, ok, want, has)
			}
		}
	}
}
