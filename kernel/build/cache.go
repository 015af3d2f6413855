package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// maxBuilds is how many programs the cache keeps.
const maxBuilds = 32

// cacheDir is a directory of the user's for what can be made again.
func cacheDir(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "vidur", name)
	return dir, os.MkdirAll(dir, 0o700)
}

// prune removes the programs that were not used for longest, and what builds
// that were killed have left.
func prune(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	type kept struct {
		path string
		used time.Time
	}
	var all []kept
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // another process was faster
		}
		path := filepath.Join(dir, e.Name())
		if !e.IsDir() {
			all = append(all, kept{path, info.ModTime()})
		} else if time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(path)
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return b.used.Compare(a.used) })
	for _, k := range all[min(len(all), maxBuilds):] {
		_ = os.Remove(k.path) // next time
	}
	return nil
}

// moduleOf finds the directory of the module in which a program is built: that
// which its file lies in, if it is ours or requires ours, or the sources that
// this program was built from. It is "" if there is neither.
func moduleOf(file string) (string, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	for {
		if b, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.Contains(string(b), modulePath) {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		root := filepath.Join(filepath.Dir(file), "..", "..")
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root, nil
		}
	}
	return "", nil
}

// ownModule makes a module in dir that requires the version this program is of.
func (p *Program) ownModule(dir string) (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != modulePath || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "", fmt.Errorf("%s needs the sources of %s: put the %s into a module that requires it", p.Option, modulePath, p.What)
	}
	text := fmt.Sprintf("module script\n\ngo 1.26\n\nrequire %s %s\n", modulePath, info.Main.Version)
	return dir, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600)
}

// key is a name for all that determines the program: its files, the toolchain, and
// the module's files by size and time.
func (p *Program) key(ctx context.Context, module, goCmd string) (string, error) {
	version, err := exec.CommandContext(ctx, goCmd, "env", "GOVERSION", "GOOS", "GOARCH").Output()
	if err != nil {
		return "", fmt.Errorf("%s env: %w", goCmd, err)
	}
	name, err := filepath.Abs(p.Name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s", name, version)
	for _, f := range p.Files {
		fmt.Fprintf(h, "\x00%s\x00%s", f.Name, f.Code)
	}
	if module == "" {
		info, _ := debug.ReadBuildInfo()
		fmt.Fprint(h, info)
	} else if err := hashModule(h, module); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// hashModule adds the files of a module that a program may be built of.
func hashModule(h hash.Hash, module string) error {
	return filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != module && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !builtFrom(module, path):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s\x00%d\x00%d\x00", path, info.Size(), info.ModTime().UnixNano())
		return nil
	})
}

// builtFrom reports whether a file of a module may be in a program: its sources,
// and the data that is embedded. What scripts write is not.
func builtFrom(module, path string) bool {
	switch filepath.Ext(path) {
	case ".go":
		return !strings.HasSuffix(path, "_test.go")
	case ".mod", ".sum":
		return true
	}
	return strings.HasPrefix(path, filepath.Join(module, "data")+string(filepath.Separator))
}
