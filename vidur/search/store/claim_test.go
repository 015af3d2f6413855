package store

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestClaim(t *testing.T) {
	dir := t.TempDir()
	s, key := open(t, dir), Key(nil)
	release, ok := s.Claim(key)
	if !ok {
		t.Fatal("the first gets none")
	}
	for _, other := range []*Store{s, open(t, dir)} {
		if _, ok := other.Claim(key); ok {
			t.Error("there are two claims")
		}
	}
	if r, ok := s.Claim(Key([]byte{1})); !ok {
		t.Error("another key is claimed")
	} else {
		r()
	}
	release()
	release, ok = s.Claim(key)
	if !ok {
		t.Fatal("there is none after the release")
	}
	release()
	if s.claims.stop != nil {
		t.Error("the renewal goes on without a claim")
	}
}

// dead is the number of a process that has ended.
func dead(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestStaleClaims takes over the claims of processes that are gone, and no others.
func TestStaleClaims(t *testing.T) {
	host, _ := os.Hostname()
	self := os.Getpid()
	for what, c := range map[string]struct {
		text string
		age  time.Duration
		mine bool
	}{
		"a process that has ended":               {fmt.Sprintf("%s %d 1\n", host, dead(t)), 0, true},
		"an earlier process of our number":       {fmt.Sprintf("%s %d 1\n", host, self), 0, true},
		"another store of this process":          {owner(), 0, false},
		"a process that is alive":                {fmt.Sprintf("%s %d 1\n", host, os.Getppid()), 0, false},
		"another machine":                        {"elsewhere 1 1\n", 0, false},
		"another machine, not renewed":           {"elsewhere 1 1\n", 2 * expires, true},
		"a claim that is just being written":     {"", 0, false},
		"a claim that was never written":         {"", 2 * written, true},
		"a claim that was written in part":       {"what", 2 * written, true},
		"a claim of another form":                {"one two three four", 2 * written, false},
		"a process that is alive, a minute late": {fmt.Sprintf("%s %d 1\n", host, os.Getppid()), 2 * expires, true},
	} {
		s, key := open(t, t.TempDir()), Key(nil)
		path, _ := s.path(key)
		path += ".claim"
		if release, ok := s.Claim(key); ok { // makes the folder
			release()
		}
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-c.age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		release, ok := s.Claim(key)
		if ok != c.mine {
			t.Errorf("%s: claimed is %t", what, ok)
		}
		if ok {
			if text, _ := os.ReadFile(path); !strings.HasPrefix(string(text), host) {
				t.Errorf("%s: the claim is of %q", what, text)
			}
			release()
		}
	}
}

// TestClaimWithoutFolder gives claims where no file can be made: without them work
// may be done twice, and nothing else happens.
func TestClaimWithoutFolder(t *testing.T) {
	dir := t.TempDir()
	s, key := open(t, dir), Key(nil)
	if err := os.WriteFile(dir+"/"+key[:2], nil, 0o644); err != nil {
		t.Fatal(err)
	}
	release, ok := s.Claim(key)
	if !ok {
		t.Fatal("no claim")
	}
	release()
	if release, ok := s.Claim("no key"); !ok {
		t.Error("no claim")
	} else {
		release()
	}
}

// TestOneClaims has many stores claim the same keys: each is held once at a time.
func TestOneClaims(t *testing.T) {
	dir := t.TempDir()
	var held [3]atomic.Int32
	var all sync.WaitGroup
	for range 6 {
		s := open(t, dir)
		all.Go(func() {
			for i := range 60 {
				k := i % len(held)
				release, ok := s.Claim(Key([]byte{byte(k)}))
				if !ok {
					continue
				}
				if n := held[k].Add(1); n != 1 {
					t.Errorf("%d hold one claim", n)
				}
				held[k].Add(-1)
				release()
			}
		})
	}
	all.Wait()
}
