package relay

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// asProgram makes the test binary be a program that displays.
const asProgram = "BE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	if !Connected() || os.Getenv(variable) != "" {
		os.Exit(3)
	}
	for i := range 3 {
		fmt.Println(i)
		if !Show(Display{Data: map[string]any{"text/plain": fmt.Sprint(i), "image/png": []byte{1}, "application/json": json.RawMessage("[]")}, ID: "a", Update: i > 0}) {
			fmt.Println("not shown")
		}
	}
}

// What is printed and what is displayed keep their order, and what was printed
// before is there when a display is shown.
func TestOrder(t *testing.T) {
	var out strings.Builder
	var got []Display
	var r *Relay
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, err = Listen(func(d Display) {
		b := make([]byte, 100)
		n, _ := read.Read(b)
		fmt.Fprintf(&out, "%s<%s>", b[:n], d.Data["text/plain"])
		got = append(got, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Stdout, cmd.ExtraFiles = write, r.Files()
	cmd.Env = append(os.Environ(), asProgram+"=1", r.Variable())
	err = cmd.Start()
	r.Started()
	write.Close()
	if err == nil {
		err = cmd.Wait()
	}
	r.Close()
	if err != nil || out.String() != "0\n<0>1\n<1>2\n<2>" {
		t.Errorf("%q %v", &out, err)
	}
	want := Display{Data: map[string]any{"text/plain": "2", "image/png": []byte{1}, "application/json": json.RawMessage("[]")}, ID: "a", Update: true}
	if len(got) != 3 || !reflect.DeepEqual(got[2], want) {
		t.Errorf("%v", got)
	}
}

// A program that nobody listens to goes on.
func TestGone(t *testing.T) {
	r, err := Listen(func(Display) {})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.Command(os.Args[0])
	cmd.ExtraFiles = r.Files()
	cmd.Env = append(os.Environ(), asProgram+"=1", r.Variable())
	out, err := cmd.Output()
	r.Started()
	if err != nil || strings.Count(string(out), "not shown") != 3 {
		t.Errorf("%q %v", out, err)
	}
	if Show(Display{}) || Connected() {
		t.Error("this process has no such pipes")
	}
}
