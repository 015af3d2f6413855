package zmtp

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// subscriber is a client that has subscribed to everything and reads nothing yet.
func subscriber(t *testing.T, s *Socket) *zmtptest.Client {
	t.Helper()
	n := len(s.subscribers(nil))
	c := dial(t, s, zmtptest.Options{Kind: "SUB"})
	c.Subscribe("")
	eventually(t, "the subscription", func() bool { return len(s.subscribers(nil)) == n+1 })
	return c
}

// A subscriber that reads nothing loses what can be spared and nothing else; one
// that reads loses nothing; and once the first one reads again all is well.
func TestASlowSubscriberLosesOnlyWhatCanBeSpared(t *testing.T) {
	const n = 3000
	s := listen(t, XPub, Options{Room: 256 << 10, Patience: 100 * time.Millisecond})
	slow, fast := subscriber(t, s), subscriber(t, s)
	pad := bytes.Repeat([]byte("x"), 8<<10) // 24 MiB in all: more than the system's buffers hold
	read := make(chan int)
	go func() {
		got := 0
		for ; got < 2*n; got++ {
			if _, err := fast.Recv(wait); err != nil {
				break
			}
		}
		read <- got
	}()
	for i := range n {
		s.Offer([][]byte{fmt.Appendf(nil, "stream %d", i), pad})
		s.Publish([][]byte{fmt.Appendf(nil, "status %d", i)})
	}
	if got := <-read; got != 2*n {
		t.Errorf("the fast subscriber has %d of %d", got, 2*n)
	}
	dropped := int(s.Dropped())
	if dropped == 0 || dropped == n {
		t.Errorf("%d of %d messages dropped", dropped, n)
	}
	lastStream, streams := -1, 0
	for status := 0; status < n; {
		m, err := slow.Recv(wait)
		if err != nil {
			t.Fatalf("after %d: %v", status, err)
		}
		var i int
		if _, err := fmt.Sscanf(string(m[0]), "status %d", &i); err == nil {
			if i != status {
				t.Fatalf("status %d where %d is due", i, status)
			}
			status++
			continue
		}
		fmt.Sscanf(string(m[0]), "stream %d", &i)
		if i <= lastStream || i != status {
			t.Fatalf("stream %d after %d and status %d", i, lastStream, status)
		}
		lastStream = i
		streams++
	}
	if streams+dropped != n {
		t.Errorf("%d streams came, %d were dropped, %d were sent", streams, dropped, n)
	}
	s.Offer(frames("again"))
	expect(t, slow, "again")
}

func TestOffersWaitForASubscriberThatIsOnlyLate(t *testing.T) {
	const n = 400
	s := listen(t, XPub, Options{Room: 64 << 10, Patience: time.Hour})
	c := subscriber(t, s)
	pad := bytes.Repeat([]byte("x"), 64<<10)
	sent := make(chan bool)
	go func() {
		for i := range n {
			s.Offer([][]byte{fmt.Append(nil, i), pad})
		}
		close(sent)
	}()
	eventually(t, "a full queue", func() bool { return s.unsent() >= 64<<10 })
	for i := range n {
		m, err := c.Recv(wait)
		if err != nil || string(m[0]) != fmt.Sprint(i) {
			t.Fatalf("%d: %v", i, err)
		}
	}
	<-sent
	if s.Dropped() != 0 {
		t.Errorf("%d dropped", s.Dropped())
	}
	s.Drain(wait)
	if s.unsent() != 0 {
		t.Error("not drained")
	}
}

func TestAnOfferEndsWithThePeer(t *testing.T) {
	s := listen(t, XPub, Options{Room: 1, Patience: time.Hour})
	c := subscriber(t, s)
	sent := make(chan bool)
	go func() {
		for range 1000 {
			s.Offer([][]byte{make([]byte, 64<<10)})
		}
		close(sent)
	}()
	eventually(t, "a full queue", func() bool { return s.unsent() > 0 })
	c.Close()
	<-sent
	if s.Dropped() != 0 {
		t.Errorf("%d dropped for a peer that is gone", s.Dropped())
	}
}

func TestADeadWeightIsDisconnected(t *testing.T) {
	s := listen(t, XPub, Options{MaxQueue: 1 << 20})
	c := subscriber(t, s)
	eventually(t, "the peer is gone", func() bool {
		s.Publish([][]byte{make([]byte, 256<<10)})
		return len(s.subscribers(nil)) == 0
	})
	c.Close()
}

func TestEveryPublisherKeepsItsOrder(t *testing.T) {
	const publishers, each = 4, 500
	s := listen(t, XPub, Options{Room: 4 << 10})
	clients := []*zmtptest.Client{subscriber(t, s), subscriber(t, s), subscriber(t, s)}
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				m := frames(fmt.Sprintf("%d %d", p, i), "body")
				if i%2 == 0 {
					s.Offer(m)
				} else {
					s.Publish(m)
				}
			}
		})
	}
	for _, c := range clients {
		wg.Go(func() {
			var next [publishers]int
			for range publishers * each {
				m, err := c.Recv(wait)
				if err != nil {
					t.Error(err)
					return
				}
				var p, i int
				fmt.Sscanf(string(m[0]), "%d %d", &p, &i)
				if i != next[p] {
					t.Errorf("publisher %d: %d where %d is due", p, i, next[p])
					return
				}
				next[p]++
			}
		})
	}
	wg.Wait()
}
