package wandb

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// of is a record of n bytes that differ from place to place.
func of(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func hold(t *testing.T, records [][]byte) {
	t.Helper()
	l := newLog()
	for _, r := range records {
		l.add(r)
	}
	got, err := readLog(l.bytes)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(records) {
		t.Fatalf("%d records of %d", len(got), len(records))
	}
	for i := range got {
		if !bytes.Equal(got[i], records[i]) {
			t.Fatalf("record %d of %d bytes is another one, of %d", i, len(records[i]), len(got[i]))
		}
	}
}

// TestLogBlocks has records end at every place around the ends of blocks: with room for a header, for
// a part of one, for a header and nothing else.
func TestLogBlocks(t *testing.T) {
	for _, blocks := range []int{1, 2, 3} {
		for d := -30; d <= 30; d++ {
			hold(t, [][]byte{of(max(0, blocks*blockSize-7*(blocks+1)+d)), of(5), {}, of(70000), of(1)})
		}
	}
	hold(t, nil)
}

// FuzzLog reads a sequence of sizes.
func FuzzLog(f *testing.F) {
	f.Add([]byte{0, 0, 255, 127, 1, 0})
	f.Add([]byte{0xea, 0x7f, 0xf9, 0x7f, 0, 0})
	f.Fuzz(func(t *testing.T, sizes []byte) {
		var records [][]byte
		for ; len(sizes) >= 2 && len(records) < 50; sizes = sizes[2:] {
			records = append(records, of(int(binary.LittleEndian.Uint16(sizes))))
		}
		hold(t, records)
	})
}

// FuzzMessage reads back a message of each kind of field.
func FuzzMessage(f *testing.F) {
	f.Add(int64(0), "", true)
	f.Add(int64(math.MinInt64), "a\xffb", false)
	f.Add(int64(300), strings.Repeat("long", 100), true)
	f.Fuzz(func(t *testing.T, n int64, s string, b bool) {
		m := message{}.int(1, n).text(16, s).bool(200, b).sub(3, message{}.int(2, n))
		list, err := readMessage(m)
		if err != nil {
			t.Fatal(err)
		}
		var num int64
		var text []byte
		var yes, sub bool
		for _, e := range list {
			switch e.field {
			case 1:
				num = int64(e.num)
			case 16:
				text = e.bytes
			case 200:
				yes = e.num == 1
			case 3:
				sub = bytes.Equal(e.bytes, message{}.int(2, n))
			}
		}
		if num != n || yes != b || !sub || !utf8.Valid(text) || utf8.ValidString(s) && string(text) != s {
			t.Errorf("%d %q %v came back as %d %q %v", n, s, b, num, text, yes)
		}
	})
}
