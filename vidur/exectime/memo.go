package exectime

import "sync/atomic"

const (
	memoPage  = 256
	memoPages = 1024
)

// Memo remembers the values of a function of a small integer. Entries are made
// when they are first asked for; two goroutines may make the same one, which
// comes out the same. A look-up takes no lock and, once made, no allocation.
type Memo[T any] struct {
	Make  func(n int, v *T) // sets v, which is zero, to the value at n
	pages [memoPages]atomic.Pointer[[memoPage]atomic.Pointer[T]]
}

// Get is the value at n, which must not be changed. Beyond 262,143 it is not
// remembered.
func (m *Memo[T]) Get(n int) *T {
	if uint(n) < memoPage*memoPages {
		if page := m.pages[n/memoPage].Load(); page != nil {
			if v := page[n%memoPage].Load(); v != nil {
				return v
			}
		}
	}
	return m.fill(n)
}

func (m *Memo[T]) fill(n int) *T {
	v := new(T)
	m.Make(n, v)
	if uint(n) >= memoPage*memoPages {
		return v
	}
	slot := &m.pages[n/memoPage]
	if slot.Load() == nil {
		slot.CompareAndSwap(nil, new([memoPage]atomic.Pointer[T]))
	}
	slot.Load()[n%memoPage].Store(v)
	return v
}
