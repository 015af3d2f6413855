package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSeen(t *testing.T) {
	var s Seen
	for range 2 {
		if s.Again("") {
			t.Error("messages without a signature are all alike")
		}
	}
	for i := range maxSeen + 10 {
		sig := fmt.Sprint(i)
		if s.Again(sig) || !s.Again(sig) {
			t.Fatalf("signature %d", i)
		}
	}
	if len(s.known) != maxSeen || len(s.order) != maxSeen {
		t.Errorf("%d and %d are remembered", len(s.known), len(s.order))
	}
	if !s.Again(fmt.Sprint(maxSeen/2)) || !s.Again("10") || s.Again("9") {
		t.Error("not the oldest are forgotten")
	}
}

func TestSignaturesAreKnownOnlyIfThereAreAny(t *testing.T) {
	for _, key := range []string{"", "secret"} {
		s := NewSession(key, "")
		m, err := s.Decode(s.Encode(Draft{Type: "t", Content: map[string]any{}}))
		if err != nil || (m.Signature != "") != (key != "") {
			t.Errorf("key %q: signature %q, %v", key, m.Signature, err)
		}
	}
}

func TestCheckMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "connection.json")
	if err := CheckMode(path); err == nil {
		t.Error("the file is not there")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, bad := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o620: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		err := CheckMode(path)
		if runtime.GOOS == "windows" {
			bad = false
		}
		if (err != nil) != bad || bad && !strings.Contains(err.Error(), fmt.Sprintf("%#o", mode)) {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
}
