//go:build !unix

package measure

import (
	"os"
	"os/exec"
)

// lock does nothing where files cannot be locked as on Unix.
func lock(*os.File) error { return nil }

// group does nothing where there are no process groups.
func group(*exec.Cmd) {}

// terminate has no gentler way than kill.
func terminate(cmd *exec.Cmd) { kill(cmd) }

// kill ends the process.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
