package imports

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"os"

	"github.com/govidur/govidur/vidur/exectime/trained"
)

// cell writes a time as the profiler does.
func cell(us float64) string {
	switch {
	case us >= 1e6:
		return fmt.Sprintf("%.3fs", us/1e6)
	case us >= 1e3:
		return fmt.Sprintf("%.3fms", us/1e3)
	}
	return fmt.Sprintf("%.3fus", us)
}

// tableRow is a row of a table: name, self time on host and device, calls.
type tableRow struct {
	name      string
	cpu, cuda float64
	calls     int
}

// printTable writes a table with the columns of the specification, in the given
// order; total below 0 leaves the footer out.
func printTable(rows []tableRow, columns []string, width int, total float64) string {
	var out strings.Builder
	rule := strings.Repeat("-", width)
	for range columns[1:] {
		rule += "  " + strings.Repeat("-", 12)
	}
	line := func(cells func(string) string) {
		for i, c := range columns {
			text := cells(c)
			if i == 0 {
				if len(text) > width {
					text = text[:width-3] + "..."
				}
				fmt.Fprintf(&out, "%*s", width, text)
				continue
			}
			fmt.Fprintf(&out, "  %*s", 12, text)
		}
		out.WriteString("  \n")
	}
	out.WriteString(rule + "  \n")
	line(func(c string) string { return c })
	out.WriteString(rule + "  \n")
	for _, r := range rows {
		line(func(c string) string {
			switch c {
			case "Name":
				return r.name
			case "Self CPU":
				return cell(r.cpu)
			case "Self CUDA":
				return cell(r.cuda)
			case "# of Calls":
				return fmt.Sprint(r.calls)
			case "CUDA total":
				return cell(2 * r.cuda)
			}
			return "0.00%"
		})
	}
	out.WriteString(rule + "  \nSelf CPU time total: 9.000ms\n")
	if total >= 0 {
		fmt.Fprintf(&out, "Self CUDA time total: %s\n", cell(total))
	}
	return out.String()
}

var usual = []string{"Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg", "Self CUDA", "Self CUDA %", "CUDA total", "CUDA time avg", "# of Calls"}

// aggregated are the kernels of a step as key_averages has them.
func aggregated(s *Step) (rows []tableRow, total float64) {
	at := map[string]int{}
	for _, k := range s.Kernels {
		i, ok := at[k.Name]
		if !ok {
			i = len(rows)
			at[k.Name] = i
			rows = append(rows, tableRow{name: k.Name})
		}
		rows[i].cuda += k.Time
		rows[i].calls++
		total += k.Time
	}
	slices.SortStableFunc(rows, func(a, b tableRow) int { return int(math.Copysign(1, b.cuda-a.cuda)) })
	return rows, total
}

// Tables of a prefill and a decode make operators that add up to the footers.
func TestAveragesRoundTrip(t *testing.T) {
	f := &fixture{spec: replica(t, "llama-3-8b", "h100", 2), batch: 4, prompt: 256, decodes: 1, odd: true}
	trace, err := parseKineto("t", strings.NewReader(f.make(t).out.String()), Options{Batch: 4, Prompt: 256})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	var totals []float64
	for i := range trace.Steps {
		rows, total := aggregated(&trace.Steps[i])
		hosts := []tableRow{{"aten::mm", 300, total / 2, 9}, {"ProfilerStep*", 500, 0, 1}, {"cudaLaunchKernel", 900, 0, 400}, {"ProfilerStep*", 0, total * 1.1, 1}}
		text += "INFO a line of a log\n" + printTable(append(hosts, rows...), usual, 60, total) + "\n"
		totals = append(totals, total)
	}
	path := filepath.Join(t.TempDir(), "log.txt")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	traces, err := Open(path, "", Options{Batch: 4, Prompt: 256})
	if err != nil {
		t.Fatal(err)
	}
	learnt := imported(t, filepath.Join(t.TempDir(), "out"), f.spec, traces...)
	for i, total := range totals {
		st, err := learnt.Predictor().StageTime(batchOfStep(&traces[0].Steps[i]), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := 1e6 * st.Model(); math.Abs(got/total-1) > 0.01 {
			t.Errorf("step %d: operators add up to %.1f µs, the table to %.1f", i, got, total)
		}
	}
	for _, p := range learnt.Provenance() {
		if p.Source != trained.Imported {
			t.Errorf("%v is %v", p.Op, p.Source)
		}
	}
}

// What a table counts is what its footer says, whatever is in its rows.
func TestAveragesRows(t *testing.T) {
	kernels := []tableRow{{"sm80_gemm", 0, 2.5e6, 10}, {"void flash_fwd_kernel", 0, 1500, 20}, {"Memset (Device)", 0, 0.5, 1}}
	hosts := []tableRow{{"aten::mm", 20, 2.5e6, 10}, {"flash_attn::_flash_attn_forward", 7, 1500, 20}, {"aten::zero_", 9, 0.5, 1}}
	const total = 2.5e6 + 1500.5
	short := []string{"Name", "# of Calls", "Self CUDA", "Extra", "Self CPU"}
	for name, c := range map[string]struct {
		text string
		want float64
		note string
	}{
		"kernels alone":   {printTable(kernels, usual, 40, total), total, ""},
		"hosts alone":     {printTable(hosts, usual, 40, total), total, ""},
		"both":            {printTable(append(slices.Clone(kernels), hosts...), usual, 40, total), total, "not counted twice"},
		"other columns":   {printTable(kernels, short, 40, total), total, ""},
		"an annotation":   {printTable(append(slices.Clone(kernels), tableRow{"my range", 0, 2.6e6, 1}), usual, 40, total), total, "with it the rows are more"},
		"rows are cut":    {printTable(kernels[1:], usual, 40, total), total, "lack"},
		"no footer":       {printTable(kernels, usual, 40, -1), total, "no total below"},
		"names are cut":   {printTable(kernels, usual, 12, total), total, "names were cut"},
		"too many":        {printTable(kernels, usual, 40, total/3), total, "more than the total"},
		"carriage return": {strings.ReplaceAll(printTable(kernels, usual, 40, total), "\n", "\r\n"), total, ""},
		"of two steps":    {printTable(append(slices.Clone(kernels), tableRow{"ProfilerStep*", 3, 0, 2}), usual, 40, total), total / 2, "mean of 2"},
	} {
		trace, err := parseAverages("t.txt", c.text, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := trace.Steps[0].Time(); math.Abs(got-c.want) > 1e-3*c.want {
			t.Errorf("%s: %v µs, not %v", name, got, c.want)
		}
		if notes := strings.Join(trace.Notes, "\n"); !strings.Contains(notes, c.note) {
			t.Errorf("%s: notes %q lack %q", name, notes, c.note)
		}
	}
}

func TestAveragesErrors(t *testing.T) {
	good := printTable([]tableRow{{"gemm", 0, 5, 1}, {"silu", 0, 6, 2}}, usual, 40, 11)
	for _, c := range []struct{ text, want string }{
		{"", "t.txt: no table"},
		{"text\n", "t.txt: no table"},
		{strings.Replace(good, "6.000us", "6.000xs", 1), `t.txt:5: Self CUDA "6.000xs" is no time`},
		{strings.Replace(good, "6.000us", "-6.00us", 1), `t.txt:5: Self CUDA "-6.00us" is no time`},
		{strings.Replace(good, "           2  \n", "          2x  \n", 1), `t.txt:5: # of Calls "2x" is no number`},
		{strings.Replace(good, "   Self CUDA", "   Self NPUs", 1), `t.txt:2: no column "Self CUDA"`},
		{strings.Replace(good, "total: 11.000us", "total: many", 1), `t.txt:8: the total "many" is no time`},
		{good[:strings.LastIndex(good, "2  \n")+4], "t.txt:2: the table has no rule at its end"},
		{strings.NewReplacer("5.000us", "0.000us", "6.000us", "0.000us", "11.000us", "0.000us").Replace(good), "t.txt:2: no row has time on a GPU"},
	} {
		if _, err := parseAverages("t.txt", c.text, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q instead of %q of\n%s", err, c.want, c.text)
		}
	}
}
