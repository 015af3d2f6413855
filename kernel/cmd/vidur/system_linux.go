package main

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// replace puts dir into the place of the directory old, which is dir
// afterwards. There is one of the two in that place at every moment.
func replace(dir, old string) error {
	err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, old, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return swap(dir, old) // not every file system exchanges
	}
	return err
}

// detach makes a command outlive this one.
func detach(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
