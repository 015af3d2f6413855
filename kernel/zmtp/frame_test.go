package zmtp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

func noCommand([]byte) error { return errors.New("no command was due") }

func parse(data []byte, limit int) ([][]byte, error) {
	return readMessage(bufio.NewReader(bytes.NewReader(data)), limit, noCommand)
}

// naive is the encoding of the test's own client.
func naive(frames [][]byte) (out []byte) {
	for i, f := range frames {
		var flags byte
		if i+1 < len(frames) {
			flags = 1
		}
		out = append(out, zmtptest.Frame(flags, f)...)
	}
	return out
}

func equal(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func TestMessagesComeBackAsTheyWere(t *testing.T) {
	sizes := []int{0, 1, 254, 255, 256, 257, chunk - 1, chunk, chunk + 1, 3*chunk + 7, 1 << 20}
	var frames [][]byte
	for i, n := range sizes {
		frames = append(frames, bytes.Repeat([]byte{byte('a' + i)}, n))
		wire := encode(frames)
		if !bytes.Equal(wire, naive(frames)) {
			t.Errorf("%d frames are encoded wrongly", len(frames))
		}
		if got, err := parse(wire, 16<<20); err != nil || !equal(got, frames) {
			t.Errorf("%d frames come back as %d: %v", len(frames), len(got), err)
		}
	}
}

func TestBrokenFrames(t *testing.T) {
	long := func(flags byte, n string) string { return string([]byte{flags}) + n }
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "EOF"},
		{"no length", "\x00", "unexpected EOF"},
		{"half a length", "\x02\x00\x00", "unexpected EOF"},
		{"no body", "\x00\x05abc", "unexpected EOF"},
		{"second frame is missing", "\x01\x01a", "EOF"},
		{"reserved flag", "\x08\x00", "flags"},
		{"command in parts", "\x05\x00", "flags"},
		{"too long", "\x00\xffx", "255 bytes; the limit is 100"},
		{"longer than memory", long(2, "\xff\xff\xff\xff\xff\xff\xff\xff"), "the limit"},
		{"together too long", "\x01\x40" + strings.Repeat("a", 64) + "\x00\x40" + strings.Repeat("a", 64), "64 bytes; the limit is 36"},
		{"too many", strings.Repeat("\x01\x00", maxFrames+1), "frames"},
	} {
		if _, err := parse([]byte(c.in), 100); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestALengthThatIsOnlyClaimedCostsNothing(t *testing.T) {
	claim := []byte("\x02\x00\x00\x00\x00\x10\x00\x00\x00abc") // 256 MiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := parse(claim, 256<<20); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

func TestCommandsBetweenFrames(t *testing.T) {
	in := "\x01\x01a" + "\x04\x06\x05WORLD" + "\x00\x01b"
	var commands []string
	r := bufio.NewReader(strings.NewReader(in))
	frames, err := readMessage(r, 100, func(b []byte) error { commands = append(commands, string(b)); return nil })
	if err != nil || !equal(frames, [][]byte{[]byte("a"), []byte("b")}) || len(commands) != 1 {
		t.Errorf("%q %q %v", frames, commands, err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte("\x00\x00"))
	f.Add([]byte("\x01\x01a\x00\x02bc"))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00\x02bc"))
	f.Add([]byte("\x04\x05\x04PING\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 1000
		frames, err := readMessage(bufio.NewReader(bytes.NewReader(in)), limit, func([]byte) error { return nil })
		if err != nil {
			return
		}
		total := 0
		for _, b := range frames {
			total += len(b)
		}
		if len(frames) == 0 || total > limit {
			t.Fatalf("%d frames of %d bytes", len(frames), total)
		}
		if again, err := parse(encode(frames), limit); err != nil || !equal(again, frames) {
			t.Fatalf("%q comes back as %q: %v", frames, again, err)
		}
	})
}

func FuzzReady(f *testing.F) {
	f.Add(zmtptest.Ready("DEALER", "me")[2:])
	f.Add([]byte("\x05ERROR\x03why"))
	f.Add([]byte("\x05READY\x0bSocket-Type\x00\x00\x00\xffREQ"))
	f.Fuzz(func(t *testing.T, in []byte) {
		id, err := checkReady(in, Router)
		if err == nil && (len(id) > 255 || strings.HasPrefix(id, "\x00") || len(id) > len(in)) {
			t.Errorf("identity %q of %q", id, in)
		}
		if name, data, err := splitCommand(in); err == nil && 1+len(name)+len(data) != len(in) {
			t.Errorf("the command %q has bytes of nowhere", in)
		}
	})
}

func FuzzGreeting(f *testing.F) {
	f.Add(zmtptest.Greeting(0))
	f.Add(zmtptest.Greeting(1))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := checkGreeting(bytes.NewReader(in)); err == nil {
			if len(in) < 64 || in[0] != 0xFF || in[9]&1 == 0 || in[10] < 3 || string(in[12:16]) != "NULL" {
				t.Errorf("%q is taken for a greeting", in)
			}
		}
	})
}
