package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	enter, tab, ctrlD, up = "\r", "\t", "\x04", "\x1b[A"
	interruptKey          = "\x03"
)

// TestReplAtATerminal sits down at a pseudo terminal.
func TestReplAtATerminal(t *testing.T) {
	home := t.TempDir()
	c := sitDown(t, home, "repl")
	before := c.mode()
	c.expect("In[1]: ")
	c.types("1 + 41" + enter)
	c.expect("42\r\n")
	c.expect("In[2]: ")

	c.types("x := undefined" + enter)
	c.expect("In[2]:1:6: undefined: undefined")
	c.expect("^\r\n")
	c.expect("In[3]: ")

	c.types("func f() int {" + enter)
	c.expect("  ...:     ") // indented
	c.types("return 7" + enter)
	c.expect("  ...:     ")
	c.types("}" + enter)
	c.expect("In[4]: ")
	c.types("f()" + enter)
	c.expect("7\r\n")

	c.expect("In[5]: ")
	c.types(ctrlD)
	if status := c.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
	if after := c.mode(); after != before {
		t.Errorf("the terminal was %+v and is %+v", before, after)
	}
	text, err := os.ReadFile(filepath.Join(home, "vidur", "history"))
	if err != nil || !strings.Contains(string(text), "1 + 41\n") {
		t.Errorf("the history: %v %s", err, text)
	}
	c = sitDown(t, home, "repl")
	c.expect("In[1]: ")
	c.types(up)
	c.expect("f()")
	c.types(interruptKey)
	c.expect("In[1]: ")
	c.types(":quit" + enter)
	if status := c.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestReplInterrupts presses Ctrl-C at all times, and declares anew.
func TestReplInterrupts(t *testing.T) {
	t.Setenv("GORACE", "exitcode=0") // yaegi itself races with a cell that it has given up
	c := sitDown(t, t.TempDir(), "repl")
	c.expect("In[1]: ")
	c.types("some nonsense" + interruptKey)
	c.expect("In[1]: ") // the same cell, empty
	c.types("y := 5" + enter)
	c.expect("In[2]: ")
	c.types("func g() {" + enter)
	c.expect("...: ")
	c.types(interruptKey)
	c.expect("In[2]: ")

	c.types("fmt.Println(\"go\"); for { y++; y-- }" + enter)
	c.expect("go\r\n")
	c.types(interruptKey)
	c.expect("interrupted")
	c.expect("In[3]: ")
	c.types("y" + enter)
	c.expect("\r\n")
	c.expect("In[4]: ")

	c.types("func f() int { return 8 }\rfunc h() int { return f() }" + enter)
	c.expect("In[6]: ")
	c.types("func f() int { return 9 }" + enter)
	c.expect("\x1b[2m(compiled again: h)\x1b[0m")
	c.expect("In[7]: ")
	c.types(ctrlD)
	if status := c.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestReplCompletes presses Tab.
func TestReplCompletes(t *testing.T) {
	c := sitDown(t, t.TempDir(), "repl")
	c.expect("In[1]: ")
	c.types("strings.ToUpp" + tab)
	c.expect("er") // as far as all candidates agree
	c.types("(\"a\")" + enter)
	c.expect("A\r\n")
	c.types("strings.Trim" + tab)
	c.expect("TrimPrefix")
	c.expect("TrimSuffix")
	c.expect("In[2]: ")
	c.expect("strings.Trim")
	c.types("Space(\" b \")" + enter)
	c.expect("b\r\n")
	c.types(":he" + tab)
	c.expect("lp")
	c.types(enter)
	c.expect(":quit")
	c.types("?strings.Fiel" + tab)
	c.expect("ds")
	c.types(enter)
	c.expect("func strings.Fields(")
	c.types("if true {" + enter)
	c.expect("...: ")
	c.types("fmt.Spr" + tab)
	c.expect("int")
	c.types(interruptKey + ctrlD)
	if status := c.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestReplPaste pastes several cells, with empty lines, as terminals bracket it.
func TestReplPaste(t *testing.T) {
	c := sitDown(t, t.TempDir(), "repl")
	c.expect("In[1]: ")
	c.types("\x1b[200~type T struct{ A int }\n\nfunc (t T) Twice() int {\n\n\treturn 2 * t.A\n}\n\nT{21}.Twice()\x1b[201~" + enter)
	c.expect("42\r\n")
	c.expect("In[2]: ")
	c.types("\x1b[200~a := 1\nb := 2\n\x1b[201~")
	c.types(enter)
	c.expect("In[3]: ")
	c.types("a + b" + enter)
	c.expect("3\r\n")
	c.types("if a == 1 {" + enter + enter) // an empty line ends it
	c.expect("In[4]:")
	c.expect("expected '}'")
	c.expect("In[5]: ")
	c.types(ctrlD)
	if status := c.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestReplIsEnded ends it from outside: the terminal is as it was.
func TestReplIsEnded(t *testing.T) {
	c := sitDown(t, t.TempDir(), "repl")
	before := c.mode()
	c.expect("In[1]: ")
	await(t, "keys are read one by one", func() bool { return c.mode() != before })
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil { // with nothing to interrupt
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // a cell that begins now would be interrupted
	c.types("3 * 3" + enter)
	c.expect("9\r\n")
	c.expect("In[2]: ")
	await(t, "keys are read one by one", func() bool { return c.mode() != before })
	if err := c.cmd.Process.Signal(unixTerm); err != nil {
		t.Fatal(err)
	}
	if status := c.leaves(); status != exitInterrupted {
		t.Errorf("status %d", status)
	}
	if c.mode() != before {
		t.Error("the terminal is not as it was")
	}
}
