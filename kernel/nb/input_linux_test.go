package nb_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/govidur/govidur/kernel/nb"
)

func init() {
	programs["ask"] = func() {
		name, err := nb.Input("name? ")
		key, keyErr := nb.Password("key? ")
		fmt.Println(name, err, key, keyErr)
		_, err = nb.Password("never? ")
		fmt.Println(err)
	}
}

// echoes reports whether a terminal shows what is typed.
func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// awaitSilence waits until a terminal does not show what is typed.
func awaitSilence(t *testing.T, terminal *os.File) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); echoes(t, terminal); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is shown")
		}
	}
}

// In a terminal questions are asked there; a secret is not shown, and a terminal
// that was left by an interrupt shows again what is typed.
func TestAskInTerminal(t *testing.T) {
	master, terminal := openTerminal(t)
	cmd := command(t, "ask")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	screen := bufio.NewReader(master)
	until := func(text string) string {
		t.Helper()
		var got strings.Builder
		for !strings.HasSuffix(got.String(), text) {
			b, err := screen.ReadByte()
			if err != nil {
				t.Fatalf("%q comes after %q: %v", text, got.String(), err)
			}
			got.WriteByte(b)
		}
		return got.String()
	}
	until("name? ")
	fmt.Fprint(master, "Ann Lee\n")
	until("key? ")
	awaitSilence(t, terminal)
	fmt.Fprint(master, "s3cret\n")
	if got := until("Ann Lee <nil> s3cret <nil>\r\n"); strings.Count(got, "s3cret") != 1 {
		t.Errorf("%q", got)
	}
	until("never? ")
	awaitSilence(t, terminal)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	until("context canceled\r\n")
	if err := cmd.Wait(); err != nil || !echoes(t, terminal) {
		t.Error("it fails, or the terminal does not show what is typed:", err)
	}
}

// Where nobody sits, asking is an error.
func TestAskNobody(t *testing.T) {
	cmd := command(t, "ask")
	cmd.Stdin = strings.NewReader("Ann\n")
	out, err := cmd.Output()
	if want := " there is nobody to ask: standard input is not a terminal"; err != nil || strings.Count(string(out), want) != 2 {
		t.Errorf("%q %v", out, err)
	}
}
