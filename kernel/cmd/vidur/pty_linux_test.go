package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// console is the command at a terminal, and whoever sits there.
type console struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	ended  chan error

	mu   sync.Mutex
	text bytes.Buffer // that the command has written
	read int          // of it, by expect
}

// sitDown starts the command at a pseudo terminal of 80 columns.
func sitDown(t *testing.T, home string, args ...string) *console {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 80}); err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, master: master, slave: slave, ended: make(chan error, 1), cmd: exec.Command(os.Args[0], args...)}
	c.cmd.Env = append(os.Environ(), asVidur+"=1", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TERM=xterm")
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr, c.cmd.Dir = slave, slave, slave, home
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go c.collect()
	go func() { c.ended <- c.cmd.Wait() }()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = slave.Close()
		_ = master.Close()
	})
	return c
}

func (c *console) collect() {
	buf := make([]byte, 4096)
	for {
		n, err := c.master.Read(buf)
		c.mu.Lock()
		c.text.Write(buf[:n])
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// types presses keys.
func (c *console) types(keys string) {
	c.t.Helper()
	if _, err := c.master.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// expect waits for a text on the screen, after what was waited for before.
func (c *console) expect(text string) {
	c.t.Helper()
	for range 1500 {
		c.mu.Lock()
		i := strings.Index(c.text.String()[c.read:], text)
		if i >= 0 {
			c.read += i + len(text)
		}
		c.mu.Unlock()
		if i >= 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Fatalf("%q does not come; the screen shows\n%q", text, c.text.String()[c.read:])
}

// leaves waits for the end and returns the status.
func (c *console) leaves() int {
	c.t.Helper()
	select {
	case <-c.ended:
		return c.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		c.t.Fatal("it does not end")
	}
	return -1
}

// mode is the state of the terminal.
func (c *console) mode() unix.Termios {
	c.t.Helper()
	m, err := unix.IoctlGetTermios(int(c.slave.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return *m
}
