package worker

import (
	"strings"
	"testing"
)

func TestUsefulTrace(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":   {"", ""},
		"message": {"fatal error: all gone\n", "fatal error: all gone"},
		"stack": {"fatal error: concurrent map writes\n\ngoroutine 9 [running]:\ninternal/runtime/maps.fatal({0x1, 0x2})\n\t/go/src/runtime/panic.go:1181 +0x18\n" +
			"github.com/govidur/govidur/vidur.(*Replica).Add(0x1, {0x2})\n\t/src/vidur/replica.go:12 +0x18\ncreated by main.main in goroutine 1\n\t/x.go:1\n\n" +
			"goroutine 1 [sleep]:\ntime.Sleep(0x1)\n\t/go/src/runtime/time.go:3 +0x1\n",
			"fatal error: concurrent map writes|    github.com/govidur/govidur/vidur.(*Replica).Add replica.go:12"},
		"overflow": {"runtime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0xc0\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw()\n\t/x.go:1\n\ngoroutine 1 [running]:\nmain.f()\n\t/x.go:2\n",
			"runtime: goroutine stack exceeds 1000000000-byte limit|runtime: sp=0xc0|fatal error: stack overflow"},
	} {
		got := strings.Join(usefulTrace(c.in), "|")
		if got = strings.NewReplacer(dim, "", plain, "").Replace(got); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever the text and its pieces, what is passed on and what is held are the
// text, and what is passed on without a release has no last words.
func FuzzTrap(f *testing.F) {
	f.Add("one\npanic: two\nthree", 3)
	f.Add("fatal error: x", 1)
	f.Add("a panic: b\n", 20)
	f.Fuzz(func(t *testing.T, in string, piece int) {
		if piece <= 0 || len(in) > 1<<16 {
			t.Skip()
		}
		var passed strings.Builder
		tr := &trap{pass: func(s string) { passed.WriteString(s) }, later: func() {}}
		for rest := in; rest != ""; {
			n := min(piece, len(rest))
			tr.take(rest[:n])
			rest = rest[n:]
		}
		before := passed.String()
		if piece >= len(in) {
			for _, w := range lastWords {
				if strings.HasPrefix(before, w) || strings.Contains(before, "\n"+w) {
					t.Fatalf("%q was passed on", before)
				}
			}
		}
		tr.release()
		if passed.String() != in || tr.end() != "" {
			t.Fatalf("%q comes out as %q", in, &passed)
		}
	})
}
