package wire

import "sync"

// maxSeen is how many signatures are remembered, as many as jupyter_client does
// (Session.digest_history_size).
const maxSeen = 1 << 16

// Seen knows the signatures of messages that have come, the latest 65,536: every
// message has an identity and a time of its own, so one that comes again was
// recorded by a stranger. The zero Seen is ready; it may be used from any
// goroutine.
type Seen struct {
	mu    sync.Mutex
	known map[string]bool
	order []string // the oldest is at next, once there are maxSeen
	next  int
}

// Again notes a signature and says whether it was known. An empty one never is.
func (s *Seen) Again(signature string) bool {
	if signature == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[signature] {
		return true
	}
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[signature] = true
	if len(s.order) < maxSeen {
		s.order = append(s.order, signature)
		return false
	}
	delete(s.known, s.order[s.next])
	s.order[s.next] = signature
	s.next = (s.next + 1) % maxSeen
	return false
}
