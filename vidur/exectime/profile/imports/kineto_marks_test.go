package imports

import (
	"fmt"
	"strings"
	"testing"
)

// The name of a mark says what ran, where it is vLLM's or SGLang's; else the place of
// the step and the user do.
func TestMarks(t *testing.T) {
	decode := func(n, requests, cached int) Step {
		return Step{Name: fmt.Sprintf("decode_%d", n), Requests: requests, Tokens: requests, Cached: cached}
	}
	prefill := func(requests, tokens, cached int) Step {
		return Step{Name: "prefill", Prefill: true, Requests: requests, Tokens: tokens, Cached: cached}
	}
	left := Step{} // out
	for _, c := range []struct {
		marks []string
		want  []Step
	}{
		{[]string{"", "", ""}, []Step{prefill(8, 1200, 0), decode(1, 8, 151), decode(2, 8, 152)}},
		{[]string{"ProfilerStep#7", "step 3"}, []Step{prefill(8, 1200, 0), decode(1, 8, 151)}},
		{ // vLLM
			[]string{"execute_context_0(0)_generation_7(7)", "execute_context_2(300)_generation_0(0)", "execute_context_2(300)_generation_3(3)", "execute_context_0(0)_generation_2(8)", "execute_context_0(0)_generation_2(2)"},
			[]Step{decode(1, 7, 151), prefill(2, 300, 0), left, left, decode(2, 2, 152)},
		},
		{ // of August 2025: requests that begin and that go on
			[]string{"execute_new_4_cached_0", "execute_new_0_cached_4", "execute_new_1_cached_4", "execute_new_0_cached_5"},
			[]Step{prefill(4, 600, 0), decode(1, 4, 151), left, decode(2, 5, 152)},
		},
		{ // with what attention reads, the new tokens among it
			[]string{"execute_768_context_3(sq768sk1068sqsq196608sqsk273408)_generation_0(sq0sk0sqsq0sqsk0)", "execute_4_context_0(sq0sk0sqsq0sqsk0)_generation_4(sq4sk1028sqsq4sqsk1028)",
				"execute_129_context_3(sq128sk256sqsq1sqsk1)_generation_1(sq1sk300sqsq1sqsk1)"},
			[]Step{prefill(3, 768, 100), decode(1, 4, 257), left},
		},
		{ // SGLang
			[]string{"step[EXTEND bs=2 toks=4096]", "step[DECODE bs=64]", "step[MIXED bs=66 c=2 g=64 c_sq=2048 c_sk=2048 g_sq=64 g_sk=65600]", "step[TARGET_VERIFY bs=4]", "step[DECODE bs=2 g_sqsq=2 g_sqsk=30 g_sk=30]"},
			[]Step{prefill(2, 4096, 0), decode(1, 64, 151), left, left, decode(2, 2, 15)},
		},
		{[]string{"step[EXTEND bs=2 toks=12 c_sqsq=80 c_sqsk=120 c_sk=20]"}, []Step{prefill(2, 12, 4)}},
	} {
		z := sizer{options: Options{Batch: 8, Prompt: 150}}
		for i, mark := range c.marks {
			if s, ok := z.next(mark); ok != (c.want[i].Name != "") || ok && fmt.Sprint(s) != fmt.Sprint(c.want[i]) {
				t.Errorf("%q is %+v, %v, not %+v", mark, s, ok, c.want[i])
			}
		}
	}
}

// Marks that say what they compute go before those of the profiler's schedule around
// them, and chunks of prompts are noted.
func TestMarksOfEngine(t *testing.T) {
	var events []string
	for i, mark := range []string{"execute_context_1(64)_generation_0(0)", "execute_context_1(36)_generation_0(0)", "execute_context_0(0)_generation_1(1)", "execute_new_1_cached_1"} {
		at := 100 * float64(i)
		events = append(events,
			fmt.Sprintf(`{"ph":"X","cat":"user_annotation","name":"ProfilerStep#%d","ts":%g,"dur":90}`, i, at),
			fmt.Sprintf(`{"ph":"X","cat":"user_annotation","name":%q,"ts":%g,"dur":80}`, mark, at+1),
			fmt.Sprintf(`{"ph":"X","cat":"kernel","name":"gemm","ts":%g,"dur":10}`, at+5))
	}
	trace, err := parseKineto("t", strings.NewReader("["+strings.Join(events, ",\n")+"]"), Options{Batch: 9, Prompt: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range trace.Steps {
		got = append(got, fmt.Sprint(s.Name, " ", s.Requests, " ", s.Tokens))
	}
	if want := "prefill 1 64, prefill_2 1 36, decode_1 1 1"; strings.Join(got, ", ") != want {
		t.Errorf("%q", got)
	}
	if !hasNote(trace.Notes, "1 steps prefill and decode at once") || !hasNote(trace.Notes, "2 prefills are of fewer tokens than their prompts of 100") {
		t.Errorf("%q", trace.Notes)
	}
}
