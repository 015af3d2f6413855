package search

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
)

const modulePath = "github.com/govidur/govidur"

// engine says which program simulates, for keys: the module's version if that
// tells all, and else a hash of the program itself, since sources that are being
// worked at have no version. It is empty if neither is known.
var engine = sync.OnceValue(func() string {
	if v := moduleVersion(); v != "" && v != "(devel)" && !strings.Contains(v, "+dirty") {
		return v
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	sum, err := hashFile(path)
	if err != nil {
		return ""
	}
	return "program " + sum
})

func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	if info.Main.Path == modulePath {
		return info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == modulePath && d.Replace == nil {
			return d.Version
		}
	}
	return ""
}

// hashFile is the SHA-256 of a file, in hexadecimal.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
