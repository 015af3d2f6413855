package workload

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

var update = flag.Bool("update", false, "rewrite data/workloads.json (needs the reference material)")

const azure = "lengths of the Azure LLM inference trace 2023 (%s), Azure Public Dataset, CC-BY; described in Patel et al., Splitwise, ISCA 2024"

// published says where the figures of models without a trace are from.
const published = "no trace at hand: %s, fitted to the means, medians and P90s that the Vidur paper (Agrawal et al., MLSys 2024, Table 1) " +
	"and the dashboard of microsoft/vidur state; the shape between and beyond them is assumed, and the lengths depend on each other no more than the stated median of prefill/decode needs"

// builtInSources are the models that are built in and what they are made of.
var builtInSources = []struct {
	name, source, trace string
	requests            int // if there is no trace
	prefill, decode     Published
	ratio               float64 // published median of prefill/decode
}{
	{name: "arxiv-summarization", trace: "arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv",
		source: "lengths of arXiv papers (Cohan et al., NAACL 2018) and their summaries in Llama 2 tokens, at most 4096 together, as microsoft/vidur publishes them (MIT)"},
	{name: "azure-code-2023", trace: "splitwise_code.csv", source: fmt.Sprintf(azure, "code completion")},
	{name: "azure-conv-2023", trace: "splitwise_conv.csv", source: fmt.Sprintf(azure, "conversation")},
	{name: "bwb", requests: 33_000, prefill: Published{1067, 1037, 1453}, decode: Published{1612, 1601, 2149}, ratio: 0.65,
		source: fmt.Sprintf(published, "Bilingual-Web-Book-4K, English-Chinese translation of documents")},
	{name: "lmsys-chat-1m", requests: 2_000_000, prefill: Published{686, 417, 1678}, decode: Published{197, 139, 484}, ratio: 2.3,
		source: fmt.Sprintf(published, "LMSys-Chat-1M-4K, conversations")},
}

// fitBuiltIn makes the built-in models anew.
func fitBuiltIn(t *testing.T) []Model {
	t.Helper()
	var models []Model
	for _, s := range builtInSources {
		var m Model
		var err error
		if s.trace == "" {
			m, err = FitPublished(s.prefill, s.decode, s.ratio, 4096)
			m.Requests = s.requests
		} else {
			prefill, decode := readColumns(t, s.trace)
			m, err = Fit(prefill, decode)
		}
		if err != nil {
			t.Fatal(s.name, err)
		}
		m.Name, m.Source = s.name, s.source
		models = append(models, m)
	}
	return models
}

func readColumns(t *testing.T, name string) (prefill, decode []int) {
	t.Helper()
	trace, err := ReadLengths(sharedtest.Path(t, "vidur-data", "processed_traces", name), Scaling{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range trace {
		prefill, decode = append(prefill, l.Prefill), append(decode, l.Decode)
	}
	return prefill, decode
}

// format writes models with a line for each part.
func format(t *testing.T, models []Model) []byte {
	t.Helper()
	b := bytes.NewBufferString("[")
	for i, m := range models {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n{")
		for j, part := range []struct {
			key   string
			value any
		}{{"name", m.Name}, {"source", m.Source}, {"requests", m.Requests}, {"max_tokens", m.MaxTokens},
			{"fit", m.Fit}, {"prefill", m.Prefill}, {"decode", m.Decode}, {"joint", m.Joint}} {
			text, err := json.Marshal(part.value)
			if err != nil {
				t.Fatal(err)
			}
			if j > 0 {
				b.WriteString(",\n ")
			}
			fmt.Fprintf(b, "%q: %s", part.key, text)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	return b.Bytes()
}

// The built-in models are what Fit makes of the traces.
func TestFitBuiltIn(t *testing.T) {
	models := fitBuiltIn(t)
	for _, m := range models {
		t.Logf("%d+%d entries, %d bytes\n%v", len(m.Prefill.P), len(m.Decode.P), len(format(t, []Model{m})), m.Info)
	}
	if *update {
		if err := os.WriteFile("../../data/workloads.json", format(t, models), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, want := range models {
		got, err := Named(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is not what Fit makes of its trace; run go test -run FitBuiltIn -update", want.Name)
		}
	}
}

// The stated errors of the built-in models are small. This needs no traces: the
// figures of the models are measured again, those of the traces are stated.
func TestBuiltInErrors(t *testing.T) {
	for _, name := range Names() {
		m, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		p, d, err := m.draws(fitDraws)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%v", m.Info)
		for _, f := range m.Fit {
			bound := 0.03
			switch {
			case strings.HasSuffix(f.Name, "KS"), strings.HasSuffix(f.Name, "mean"), strings.HasSuffix(f.Name, "correlation"):
				bound = 0.02
			case f.Name == "prefill/decode P50":
				bound = 0.05
			}
			if e := f.Error(); !(math.Abs(e) <= bound) {
				t.Errorf("%s: %s is off by %g", name, f.Name, e)
			}
			drawn := newSample(p)
			if strings.HasPrefix(f.Name, "decode") {
				drawn = newSample(d)
			}
			if strings.HasSuffix(f.Name, "mean") && math.Abs(drawn.mean()/f.Model-1) > 1e-6 {
				t.Errorf("%s: %s is %g, stated %g", name, f.Name, drawn.mean(), f.Model)
			}
		}
	}
}
