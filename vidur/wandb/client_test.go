package wandb

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/metrics"
)

// client runs the command of W&B itself, with a home of its own and a server that is not the
// world's. It skips the test if the Python that VIDUR_TEST_PYTHON names has none.
func client(t *testing.T, server string, args ...string) []byte {
	t.Helper()
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" {
		python = "python3"
	}
	if exec.Command(python, "-c", "import wandb").Run() != nil {
		t.Skipf("%s has no wandb: VIDUR_TEST_PYTHON names a Python with .ci/jupyter-requirements.txt", python)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{"-m", "wandb"}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+cmd.Dir, "WANDB_DIR="+cmd.Dir, "WANDB_BASE_URL="+server, "WANDB_API_KEY="+strings.Repeat("d", 40),
		"WANDB_ERROR_REPORTING=false", "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
	cmd.WaitDelay = 5 * time.Second
	var diagnosis bytes.Buffer
	cmd.Stderr = &diagnosis
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("wandb %q: %v\n%s%s", args, err, out, diagnosis.Bytes())
	}
	return out
}

// TestInspect has W&B's own reader list the records.
func TestInspect(t *testing.T) {
	r, dir := some(), t.TempDir()
	name, err := r.Write(metrics.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	out := client(t, "http://127.0.0.1:1", "leet", "inspect", "--json", filepath.Join(dir, name))
	kinds, row := map[string]int{}, 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var record struct {
			Type    string
			History struct {
				Item map[string]any
				Step struct{ Num int }
			}
			Summary struct{ Update map[string]any }
			Run     struct {
				Config                                                  struct{ Update map[string]any }
				DisplayName, JobType, Project, RunGroup, RunID, Started string
			}
			Exit struct {
				Code int `json:"exit_code"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatal(err, lines.Text())
		}
		kinds[record.Type]++
		switch record.Type {
		case "history":
			if record.History.Step.Num != row {
				t.Fatalf("step %d for row %d", record.History.Step.Num, row)
			}
			checkRow(t, r, row, record.History.Item)
			row++
		case "summary":
			checkSummary(t, record.Summary.Update)
		case "run":
			checkConfig(t, record.Run.Config.Update)
		}
	}
	if want := map[string]int{"header": 1, "run": 1, "files": 1, "metric": 3, "history": 2000, "summary": 1, "exit": 1}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("records %v; want %v", kinds, want)
	}
}

func checkRow(t *testing.T, r *Run, i int, got map[string]any) {
	t.Helper()
	want := r.History.Rows[i]
	if got["time_s"] != want[0] || got["running"] != want[1] || got["kv"] != nil || got["_step"] != float64(i) || len(got) != 5 {
		t.Fatalf("row %d is %v; want %v", i, got, want)
	}
}

func checkSummary(t *testing.T, got map[string]any) {
	t.Helper()
	if got["ttft_p99_s"] != 0.25 || got["requests"] != float64(1<<40) || got["e2e_99.9th_percentile"] != 1e-9 {
		t.Errorf("summary %v", got)
	}
	if _, ok := got["inf"]; ok {
		t.Error("what is not finite is in the summary")
	}
}

func checkConfig(t *testing.T, got map[string]any) {
	t.Helper()
	nested := map[string]any{"a": true, "b": []any{1.0, 2.0}}
	if got["tp"] != 2.0 || got["model"] != "llama" || got["dots.in.it"] != "x: y" || !reflect.DeepEqual(got["nested"], nested) {
		t.Errorf("configuration %v", got)
	}
}

// server is a server of W&B as far as `wandb sync` sees one: GraphQL for the run and
// for where to put files, and the stream of history and summary.
type server struct {
	mu       sync.Mutex
	url      string
	run      map[string]any // variables of the first UpsertBucket
	config   string         // of the last
	history  []string
	summary  string
	exit     int
	complete bool
	files    map[string][]byte
}

func newServer(t *testing.T) *server {
	s := &server{files: map[string][]byte{}, exit: -1}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	var answer any = map[string]any{}
	switch {
	case r.URL.Path == "/graphql":
		answer = map[string]any{"data": s.graphQL(body)}
	case strings.HasSuffix(r.URL.Path, "/file_stream"):
		s.stream(body)
	case strings.HasPrefix(r.URL.Path, "/upload/"):
		s.files[strings.TrimPrefix(r.URL.Path, "/upload/")] = body
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func (s *server) graphQL(body []byte) any {
	var q struct {
		Query     string
		Variables map[string]any
	}
	json.Unmarshal(body, &q)
	switch {
	case strings.Contains(q.Query, "mutation UpsertBucket"):
		if s.run == nil {
			s.run = q.Variables
		}
		s.config, _ = q.Variables["config"].(string)
		project := map[string]any{"id": "p", "name": q.Variables["project"], "entity": map[string]any{"id": "e", "name": "nobody"}}
		return map[string]any{"upsertBucket": map[string]any{"inserted": true, "bucket": map[string]any{
			"id": "b", "name": q.Variables["name"], "displayName": s.run["displayName"], "project": project, "historyLineCount": 0,
		}}}
	case strings.Contains(q.Query, "mutation CreateRunFiles"):
		var files []any
		names, _ := q.Variables["files"].([]any)
		for _, name := range names {
			files = append(files, map[string]any{"name": name, "uploadUrl": fmt.Sprintf("%s/upload/%v", s.url, name)})
		}
		return map[string]any{"createRunFiles": map[string]any{"runID": "b", "uploadHeaders": []string{}, "files": files}}
	}
	return map[string]any{}
}

func (s *server) stream(body []byte) {
	var part struct {
		Files map[string]struct {
			Offset  int
			Content []string
		}
		Complete bool
		ExitCode *int
	}
	json.Unmarshal(body, &part)
	if h, ok := part.Files["wandb-history.jsonl"]; ok {
		s.history = append(s.history[:min(h.Offset, len(s.history))], h.Content...)
	}
	if c := part.Files["wandb-summary.json"].Content; len(c) > 0 {
		s.summary = c[len(c)-1]
	}
	if s.complete = part.Complete; part.ExitCode != nil {
		s.exit = *part.ExitCode
	}
}

// TestSync has `wandb sync` upload a run to a server on this machine: what arrives there is what
// the run has.
func TestSync(t *testing.T) {
	for _, failed := range []bool{false, true} {
		t.Run(fmt.Sprintf("failed=%v", failed), func(t *testing.T) { syncs(t, failed) })
	}
}

func syncs(t *testing.T, failed bool) {
	r, dir, s := some(), t.TempDir(), newServer(t)
	r.Failed = failed
	name, err := r.Write(metrics.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	out := client(t, s.url, "sync", filepath.Join(dir, name))
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, want := range map[string]any{"name": name[len(name)-idLength:], "project": "päper", "groupName": "night", "displayName": r.Name, "jobType": "simulation"} {
		if s.run[key] != want {
			t.Errorf("the run's %s is %v; want %v\n%s", key, s.run[key], want, out)
		}
	}
	if len(s.history) != len(r.History.Rows) {
		t.Fatalf("%d rows of %d were uploaded\n%s", len(s.history), len(r.History.Rows), out)
	}
	for i, line := range s.history {
		checkRow(t, r, i, parsed(t, line))
	}
	checkSummary(t, parsed(t, s.summary))
	config := map[string]any{}
	for key, v := range parsed(t, s.config) {
		config[key] = v.(map[string]any)["value"]
	}
	checkConfig(t, config)
	if exit := map[bool]int{true: 1}[failed]; !s.complete || s.exit != exit {
		t.Errorf("complete %v, exit code %d; want %d", s.complete, s.exit, exit)
	}
	for _, name := range []string{"config.yaml", "wandb-summary.json", "wandb-metadata.json"} {
		if len(s.files[name]) == 0 {
			t.Errorf("%s was not uploaded; %d files were", name, len(s.files))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, name, "run-"+name[len(name)-idLength:]+".wandb.synced")); err != nil {
		t.Error(err)
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}
