package symbols

import "strings"

// Restricted reports whether a script may import a package only with more rights
// (--unrestricted): those that start processes, reach the network, or go past
// Go's memory safety and the settings of the process. Files are not restricted:
// scripts read and write results. This keeps notebooks honest about what they
// do; it is no sandbox. It answers for packages that are not offered too.
func Restricted(path string) bool {
	switch path {
	case "C", "net", "os/exec", "plugin", "runtime/cgo", "runtime/debug", "syscall", "unsafe":
		return true
	case "net/url":
		return false
	}
	return strings.HasPrefix(path, "net/") || strings.HasPrefix(path, "golang.org/x/sys")
}

// restrictedNames are those names of packages without restriction that do what
// restricted packages do, as "package.Name" or "package.Type.Method".
var restrictedNames = map[string]bool{
	"os.FindProcess":  true, // signals and kills any process
	"os.Process":      true,
	"os.ProcAttr":     true,
	"os.StartProcess": true,

	"os.NewFile":          true, // takes over a file descriptor of the host
	"os.File.Fd":          true,
	"os.File.SyscallConn": true,

	"reflect.NewAt":               true, // a value of any type at any address
	"reflect.SliceAt":             true,
	"reflect.Value.UnsafePointer": true,
	"reflect.Value.SetPointer":    true,

	"runtime.LockOSThread":    true, // changes threads and settings of the host
	"runtime.UnlockOSThread":  true,
	"runtime.SetCgoTraceback": true,
}

// RestrictedName reports whether a script may use a name of a package only with
// more rights: every name of a restricted package, and a few others, such as
// os.StartProcess. A method is written "File.Fd".
func RestrictedName(path, name string) bool {
	return Restricted(path) || restrictedNames[path+"."+name]
}
