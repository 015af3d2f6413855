package nb_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTerminal draws a bar on a terminal, which is standard error only.
func TestTerminal(t *testing.T) {
	master, terminal := openTerminal(t)
	cmd := command(t, "terminal")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, terminal
	err := cmd.Run()
	terminal.Close()
	drawn, _ := io.ReadAll(master) // ends with EIO when the terminal is closed
	const want = "\r\x1b[Kruns [                              ] 0 of 4, 0 s\r\x1b[K"
	if err != nil || out.String() != "shown\n" || string(drawn) != want {
		t.Errorf("%v, out %q, drawn %q", err, out.String(), drawn)
	}
}

// openTerminal is a pseudo terminal of 100 columns.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminals:", err)
	}
	t.Cleanup(func() { master.Close() })
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip("no terminals:", err)
	}
	t.Cleanup(func() { terminal.Close() })
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Skip(err)
	}
	return master, terminal
}
