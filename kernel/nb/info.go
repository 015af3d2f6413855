package nb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/govidur/govidur/data"
)

const module = "github.com/govidur/govidur"

// BuildInfo says what computed a result.
type BuildInfo struct {
	Module   string `json:"module"`
	Version  string `json:"version"`            // "(devel)" in a checkout
	Revision string `json:"revision,omitempty"` // of the checkout; "" if the binary does not know it
	Modified bool   `json:"modified,omitempty"` // the checkout had changes
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	ArchTune string `json:"arch_level,omitempty"` // such as v1, the value of GOAMD64

	Dependencies []Hash `json:"dependencies"` // versions of what computes and draws
	Data         []Hash `json:"data"`         // SHA-256 of the figures of models, devices and operators that are built in
}

// Hash is a name and what identifies its content.
type Hash struct {
	Name string `json:"name"`
	Hash string `json:"hash"` // hexadecimal, or the version of a module
}

// Info says which versions run. A binary knows the revision if go build made it
// of the package in the repository; go run x.go leaves it out. So Info is the one
// thing that a compiled and an interpreted script may print differently.
func Info() BuildInfo {
	info := BuildInfo{Module: module, Version: "(unknown)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Data: dataHashes()}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	if build.Main.Path == module {
		info.Version = build.Main.Version
	}
	for _, d := range build.Deps {
		switch d.Path {
		case module:
			info.Version = d.Version
		case "gonum.org/v1/gonum", "gonum.org/v1/plot", "github.com/go-gota/gota":
			info.Dependencies = append(info.Dependencies, Hash{d.Path, d.Version})
		}
	}
	for _, s := range build.Settings {
		own := build.Main.Path == module || build.Main.Path == ""
		switch {
		case s.Key == "vcs.revision" && own:
			info.Revision = s.Value
		case s.Key == "vcs.modified" && own:
			info.Modified = s.Value == "true"
		case s.Key == "GO"+strings.ToUpper(runtime.GOARCH):
			info.ArchTune = s.Value
		}
	}
	return info
}

// String is a line for each thing.
func (i BuildInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", i.Module, i.Version)
	if i.Revision != "" {
		fmt.Fprintf(&b, ", revision %s", i.Revision)
	}
	if i.Modified {
		b.WriteString(" with changes")
	}
	fmt.Fprintf(&b, "\n%s %s/%s %s", i.Go, i.OS, i.Arch, i.ArchTune)
	for _, d := range i.Dependencies {
		fmt.Fprintf(&b, "\n%s %s", d.Name, d.Hash)
	}
	for _, d := range i.Data {
		fmt.Fprintf(&b, "\ndata/%s %s", d.Name, d.Hash[:min(12, len(d.Hash))])
	}
	return b.String()
}

// dataHashes are those of the built-in files, sorted by name.
func dataHashes() []Hash {
	names, err := fs.Glob(data.FS, "*")
	if err != nil {
		return nil
	}
	slices.Sort(names)
	var list []Hash
	for _, name := range names {
		if content, err := fs.ReadFile(data.FS, name); err == nil {
			list = append(list, Hash{name, sum(content)})
		}
	}
	return list
}

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}
