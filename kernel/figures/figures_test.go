package figures_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/figures"
)

const header = "panel,series,kind,group,x,x2,y,y2,value\n"

// save writes a figure as nb.SaveFigure does.
func save(t *testing.T, dir, figure, numbers, svg string) {
	t.Helper()
	type file struct {
		Name string `json:"name"`
		Hash string `json:"hash"`
	}
	note := map[string]any{"figure": figure, "build": map[string]string{"revision": t.Name()}}
	var files []file
	for ending, text := range map[string]string{".svg": svg, ".csv": numbers} {
		sum := sha256.Sum256([]byte(text))
		files = append(files, file{figure + ending, hex.EncodeToString(sum[:])})
		write(t, filepath.Join(dir, figure+ending), text)
	}
	note["files"] = files
	text, err := json.Marshal(note)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, figure+".json"), string(text))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir string) *figures.Set {
	t.Helper()
	s, err := figures.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// published is a folder with what is published of two figures.
func published(t *testing.T) string {
	t.Helper()
	made, dir := t.TempDir(), filepath.Join(t.TempDir(), "new", "folder")
	save(t, made, "a", header+"1,vLLM,line,,1,,10,,\n1,vLLM,line,,2,,30,,\n1,Sarathi,line,,1,,-1e-9,,\n1,Sarathi,line,,2,,1,,\n", "<svg/>")
	save(t, made, "b", header+"1,,cell,,0,,0,,7\n", "<svg/>")
	write(t, filepath.Join(made, "notes.json"), `["of somebody else"]`)
	if err := read(t, made).Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSave(t *testing.T) {
	dir := published(t)
	sums, _ := os.ReadFile(filepath.Join(dir, figures.SumsFile))
	if lines := strings.Split(string(sums), "\n"); len(lines) != 5 || !strings.HasSuffix(lines[0], "  a.csv") || !strings.HasSuffix(lines[3], "  b.svg") || len(lines[0]) != 64+7 {
		t.Errorf("%s", sums)
	}
	numbers, _ := os.ReadFile(filepath.Join(dir, figures.NumbersFile))
	want := "figure,part,column,count,least,mean,greatest\na,1 vLLM line,x,2,1,1.5,2\na,1 vLLM line,y,2,10,20,30\n" +
		"a,1 Sarathi line,x,2,1,1.5,2\na,1 Sarathi line,y,2,-1e-09,0.5,1\nb,1 cell,x,1,0,0,0\nb,1 cell,y,1,0,0,0\nb,1 cell,value,1,7,7,7\n"
	if string(numbers) != want {
		t.Errorf("%s", numbers)
	}
}

// TestCheck: what differs is named, and nothing else is.
func TestCheck(t *testing.T) {
	dir := published(t)
	a := header + "1,vLLM,line,,1,,10,,\n1,vLLM,line,,2,,30,,\n1,Sarathi,line,,1,,-1e-9,,\n1,Sarathi,line,,2,,1,,\n"
	b := header + "1,,cell,,0,,0,,7\n"
	for name, c := range map[string]struct {
		a, svg string
		exact  []string
		near   []string
	}{
		"same":         {a, "<svg/>", nil, nil},
		"drawn anew":   {a, "<svg></svg>", []string{"a.svg has other bytes"}, nil},
		"last digit":   {strings.Replace(a, "30", "30.0000000000001", 1), "<svg/>", []string{"a.csv has other bytes"}, nil},
		"about zero":   {strings.Replace(a, "-1e-9", "-2e-9", 1), "<svg/>", []string{"a.csv has other bytes"}, nil},
		"moved":        {strings.Replace(a, "30", "30.1", 1), "<svg/>", []string{"a.csv has", "a: 1 vLLM line: y: the mean is 20.05, was 20"}, []string{"a: 1 vLLM line: y: the mean"}},
		"a point less": {strings.Replace(a, "1,vLLM,line,,2,,30,,\n", "", 1), "<svg/>", []string{"a.csv has", "x: the count is 1, was 2", "y: the count"}, []string{"x: the count", "y: the count"}},
		"renamed":      {strings.ReplaceAll(a, "vLLM", "LLM"), "<svg/>", []string{"a.csv", "1 LLM line: x", "1 LLM line: y", "1 vLLM line: x: it is gone", "gone"}, []string{"1 LLM", "1 LLM", "gone", "gone"}},
		"not a number": {strings.Replace(a, "30", "NaN", 1), "<svg/>", []string{"a.csv", "y: the least is NaN"}, []string{"y: the least is NaN"}},
	} {
		t.Run(name, func(t *testing.T) {
			made := t.TempDir()
			save(t, made, "a", c.a, c.svg)
			save(t, made, "b", b, "<svg/>")
			says(t, made, dir, true, c.exact)
			says(t, made, dir, false, c.near)
		})
	}
	made := t.TempDir()
	save(t, made, "a", a, "<svg/>")
	save(t, made, "new", b, "<svg/>")
	lines := []string{"b.csv is published and was not made", "b.svg is", "new.csv was made and is not published", "new.svg was"}
	says(t, made, dir, true, lines)
	says(t, made, dir, false, lines)
}

func says(t *testing.T, made, dir string, exact bool, want []string) {
	t.Helper()
	found, err := read(t, made).Check(dir, exact)
	if err != nil || len(found) != len(want) {
		t.Fatalf("exact %v: %v, %v", exact, found, err)
	}
	for i, line := range found {
		if !strings.Contains(line, want[i]) {
			t.Errorf("exact %v: %s, want %s", exact, line, want[i])
		}
	}
}

func TestWrong(t *testing.T) {
	made := t.TempDir()
	if _, err := figures.Read(made); err == nil {
		t.Error("no figures are figures")
	}
	save(t, made, "a", header, "<svg/>")
	for file, text := range map[string]string{
		figures.SumsFile: "0123  a.svg\n", figures.NumbersFile: "figure,part,column,count,least,mean,greatest\na,1,x,1,one,1,1\n",
	} {
		dir := published(t)
		write(t, filepath.Join(dir, file), text)
		if _, err := read(t, made).Check(dir, true); err == nil || !strings.Contains(err.Error(), file+":") {
			t.Errorf("%s: %v", file, err)
		}
	}
	write(t, filepath.Join(made, "a.svg"), "<svg>changed by hand</svg>")
	if _, err := figures.Read(made); err == nil || !strings.Contains(err.Error(), "a.svg is not the file that was saved") {
		t.Error(err)
	}
	write(t, filepath.Join(made, "a.json"), `{"figure":"a","files":[{"name":"../a.svg","hash":""}]}`)
	if _, err := figures.Read(made); err == nil || !strings.Contains(err.Error(), "no name of a file") {
		t.Error(err)
	}
}
