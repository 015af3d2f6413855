package measure

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that is full stops the run, and what is in the journal stays whole.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).Run() != nil {
		t.Skip("no right to mount a small disk")
	}
	defer syscall.Unmount(dir, 0)
	o := options(t, "")
	o.Dir = filepath.Join(dir, "out")
	if err := os.WriteFile(filepath.Join(dir, "filler"), bytes.Repeat([]byte{1}, 8<<10), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Run(t.Context(), tiny(), o)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	t.Log(err)
	if out, err := exec.Command("mount", "-o", "remount,size=4m", dir).CombinedOutput(); err != nil {
		t.Skipf("%s", out)
	}
	m := mustRun(t, o)
	if m.Total().OK != len(tiny().Points)-between {
		t.Errorf("%+v", m.Total())
	}
	once(t, o.Dir)
}
