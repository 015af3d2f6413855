package queue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"github.com/govidur/govidur/vidur/search/queue/broker"
)

// keys are a pair, its public name and its seed.
type keys struct {
	nkeys.KeyPair
	name string
	seed []byte
}

func newKeys(t *testing.T, make func() (nkeys.KeyPair, error)) keys {
	t.Helper()
	pair, err := make()
	if err != nil {
		t.Fatal(err)
	}
	name, err1 := pair.PublicKey()
	seed, err2 := pair.Seed()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return keys{pair, name, seed}
}

// lets starts a server of a configuration and tries to do a task with each of the
// options; those of in must, those of out must not be let in.
func lets(t *testing.T, dir, config string, in, out Options) {
	t.Helper()
	path := filepath.Join(dir, "nats.conf")
	write(t, path, []byte("listen: \"127.0.0.1:-1\"\n"+config))
	b, err := broker.Start(broker.Options{Config: path, Dir: filepath.Join(dir, "streams"), Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for i, o := range []Options{in, out, {}} {
		o.URL, o.Lease, o.Patience = b.URL(), leastLease, time.Minute
		began := time.Now()
		q, err := Connect(t.Context(), o)
		if (err == nil) != (i == 0) {
			t.Fatalf("%+v: %v", o, err)
		}
		if err != nil {
			if time.Since(began) > 20*time.Second {
				t.Error("a server that refuses is asked again")
			}
			continue
		}
		t.Cleanup(q.Close)
		go func() { _ = q.Work(t.Context(), 1, upper) }()
		ask(t, q, "let in", 3)
	}
}

// TestNKey: a server that knows users by their NKeys.
func TestNKey(t *testing.T) {
	dir := t.TempDir()
	mine, other := newKeys(t, nkeys.CreateUser), newKeys(t, nkeys.CreateUser)
	in, out := filepath.Join(dir, "mine.nk"), filepath.Join(dir, "other.nk")
	write(t, in, mine.seed)
	write(t, out, other.seed)
	lets(t, dir, fmt.Sprintf("authorization { users: [ { nkey: %s } ] }\n", mine.name), Options{NKey: in}, Options{NKey: out})
}

// TestCredentials: a server with an operator, which knows accounts by their JWTs, and
// a user's file of credentials as nsc writes it.
func TestCredentials(t *testing.T) {
	dir := t.TempDir()
	operator, system := newKeys(t, nkeys.CreateOperator), newKeys(t, nkeys.CreateAccount)
	account, stranger := newKeys(t, nkeys.CreateAccount), newKeys(t, nkeys.CreateAccount)
	encode := func(c jwt.Claims, by keys) string {
		text, err := c.Encode(by.KeyPair)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	claims := jwt.NewAccountClaims(account.name)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	of := jwt.NewOperatorClaims(operator.name)
	of.SystemAccount = system.name
	config := fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload: { %s: %s, %s: %s }\n", encode(of, operator),
		system.name, encode(jwt.NewAccountClaims(system.name), operator), account.name, encode(claims, operator))
	file := func(name string, by keys) string {
		user := newKeys(t, nkeys.CreateUser)
		text, err := jwt.FormatUserConfig(encode(jwt.NewUserClaims(user.name), by), user.seed)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), text)
		return filepath.Join(dir, name)
	}
	lets(t, dir, config, Options{Creds: file("me.creds", account)}, Options{Creds: file("stranger.creds", stranger)})
}

// TestPatience: a server that comes later is waited for, one that does not come for as
// long as was said.
func TestPatience(t *testing.T) {
	dir := t.TempDir()
	b := serve(t, dir, "")
	at := b.URL()
	b.Close()
	var mu sync.Mutex
	var said []string
	o := Options{URL: at, Patience: 20 * time.Second, Notice: func(text string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, text)
	}}
	later := time.AfterFunc(700*time.Millisecond, func() { serve(t, dir, address(at)) })
	defer later.Stop()
	q, err := Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	q.Close()
	mu.Lock()
	if len(said) == 0 || !strings.Contains(said[0], "does not answer yet") || !strings.Contains(said[0], "20s") {
		t.Errorf("%q", said)
	}
	mu.Unlock()
	_, err = Connect(t.Context(), Options{URL: "nats://127.0.0.1:1", Patience: 600 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "for 600ms") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err = Connect(ctx, Options{URL: "nats://127.0.0.1:1", Patience: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits no longer is told: %v", err)
	}
	if _, err = Connect(t.Context(), Options{Patience: -1}); err == nil {
		t.Error("a patience below 0")
	}
}

// TestNoWorkers: who asks is told, once, that nobody takes tasks.
func TestNoWorkers(t *testing.T) {
	q := connect(t, serve(t, t.TempDir(), "").URL())
	told := make(chan string, 100)
	q.options.Notice = func(text string) { told <- text }
	done := make(chan struct{})
	go func() {
		defer close(done)
		ask(t, q, "alone", 3)
	}()
	select {
	case text := <-told:
		if !strings.Contains(text, "no worker takes tasks so far") {
			t.Error(text)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is said")
	}
	time.Sleep(3 * q.pace.look)
	start(t, q.options.URL, 1, upper)
	<-done
	if len(told) > 0 {
		t.Errorf("and then %q", <-told)
	}
}
