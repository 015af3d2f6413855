package server

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/govidur/govidur/kernel/wire"
)

func TestOffsets(t *testing.T) {
	const code = "aé€😀z" // 1, 2, 3, 4 and 1 bytes
	for chars, bytes := range []int{0, 1, 3, 6, 10, 11} {
		if got := byteOffset(code, chars); got != bytes {
			t.Errorf("character %d is at byte %d, want %d", chars, got, bytes)
		}
		if got := charOffset(code, bytes); got != chars {
			t.Errorf("byte %d is at character %d, want %d", bytes, got, chars)
		}
	}
	for _, c := range [][2]int{{-1, 0}, {6, 11}, {1 << 40, 11}} {
		if got := byteOffset(code, c[0]); got != c[1] {
			t.Errorf("character %d is at byte %d, want %d", c[0], got, c[1])
		}
	}
	if charOffset(code, -5) != 0 || charOffset(code, 99) != 5 || byteOffset("", -1) != 0 || byteOffset("", 1) != 0 {
		t.Error("out of range")
	}
}

// drainText takes the text and checks that it can be sent.
func drainText(t *testing.T, tx *text, got map[string]*strings.Builder) {
	turns, last := 0, ""
	for _, p := range tx.take() {
		if p.text == "" || len(p.text) > pieceSize || !utf8.ValidString(p.text) {
			t.Fatalf("a piece of %d bytes: %.100q", len(p.text), p.text)
		}
		if p.name != last {
			turns++
		}
		last = p.name
		got[p.name].WriteString(p.text)
	}
	if turns > maxTurns {
		t.Fatalf("%d turns", turns)
	}
}

// Whatever the pieces in which text comes, each stream comes out as a whole.
func FuzzText(f *testing.F) {
	f.Add("a€b😀c", uint64(1), false)
	f.Add("\xff\xe2\x82", uint64(2), true)
	f.Add(strings.Repeat("€", 22000), uint64(3), false)
	f.Fuzz(func(t *testing.T, in string, seed uint64, mixed bool) {
		if len(in) > 1<<17 {
			t.Skip()
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		var tx text
		got := map[string]*strings.Builder{"stdout": {}, "stderr": {}}
		drain := func() { drainText(t, &tx, got) }
		for _, name := range []string{"stdout", "stderr"} {
			for rest := in; rest != ""; {
				n := min(1+rng.IntN(4+len(in)/2), len(rest))
				tx.add(name, rest[:n])
				rest = rest[n:]
				if rng.IntN(4) == 0 {
					drain()
				}
				if mixed {
					tx.add("stderr", "x")
				}
			}
		}
		tx.end()
		drain()
		if utf8.ValidString(in) && got["stdout"].String() != in {
			t.Fatalf("%.100q comes out as %.100q", in, got["stdout"])
		}
		if !mixed && utf8.ValidString(in) && got["stderr"].String() != in {
			t.Fatalf("%.100q comes out as %.100q", in, got["stderr"])
		}
	})
}

// matches is path.Match without slashes, sets and escapes.
func TestPatterns(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	word := func(letters string, n int) string {
		b := make([]byte, rng.IntN(n))
		for i := range b {
			b[i] = letters[rng.IntN(len(letters))]
		}
		return string(b)
	}
	for range 20000 {
		pattern, text := word("ab*?", 7), word("ab", 9)
		want, err := path.Match(pattern, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := matches([]rune(pattern), []rune(text)); got != want {
			t.Fatalf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	}
	hard := []rune(strings.Repeat("*a", 50) + "b")
	if matches(hard, []rune(strings.Repeat("a", 5000))) {
		t.Error("no b")
	}
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	h, err := openHistory("")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * maxHistory {
		h.put(entry{Session: 1, Line: i + 1, Input: fmt.Sprint(i)})
		if len(h.entries) > maxHistory {
			t.Fatalf("%d entries", len(h.entries))
		}
	}
	if n := len(h.entries); n < maxHistory*8/10 || h.entries[n-1].Line != 3*maxHistory || h.entries[0].Line != 3*maxHistory-n+1 {
		t.Errorf("%d entries, the last is %+v", n, h.entries[n-1])
	}
}

func TestProcStat(t *testing.T) {
	stat := "1 (a) b) (c) S 2 3 4 5 6 7 8 9 10 11 140 15 16 17 18 19 20 21 22 23 5000 25"
	memory, used := parseStat([]byte(stat))
	if memory == 0 || used != 155*tick || used > time.Hour {
		t.Errorf("%d bytes, %v", memory, used)
	}
	for _, bad := range []string{"", ")", "1 (x) S", "1 (x) S a b c d e f g h i j k l m n o p q r s t u v w"} {
		if m, u := parseStat([]byte(bad)); m != 0 || u != 0 {
			t.Errorf("%q: %d %v", bad, m, u)
		}
	}
}

func TestTheQueueHasAnEnd(t *testing.T) {
	q := newQueue()
	for range maxQueued {
		q.put(&request{Message: &wire.Message{}})
	}
	full := make(chan bool)
	go func() { q.put(&request{Message: &wire.Message{}, last: true}); close(full) }()
	q.abort()
	for i := range maxQueued {
		if r := q.take(); !r.aborted && !r.last {
			t.Fatalf("request %d was received before and is not aborted", i)
		}
	}
	<-full
	if r := q.take(); !r.last {
		t.Error("another request")
	}
	done := make(chan *request)
	go func() { done <- q.take() }()
	q.close()
	if r := <-done; r != nil || q.take() != nil {
		t.Error("a closed queue has requests")
	}
}
