//go:build !race

package report_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/govidur/govidur/kernel/internal/browser"
	"github.com/govidur/govidur/vidur/search"
)

// twoWorkloads is a search of deployments that serve two workloads.
func twoWorkloads(t *testing.T) *search.Results {
	t.Helper()
	r, err := search.Capacity(t.Context(), small(), search.Over("workload", "azure-conv-2023", "azure-code-2023"), search.Over("tp", 1, 2, 4),
		search.Over("chunk", 256, 2048), search.Over("device", "a100", "h100"), search.Meet(search.Percentile("ttft", 90, 2), search.Percentile("tbt", 99, 0.2)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTransferIsThatOfSearch compares the page's table with what package search says.
func TestTransferIsThatOfSearch(t *testing.T) {
	results := twoWorkloads(t)
	p := opened(t, made(t, results))
	for _, limit := range []float64{0.6, 2, 100} {
		p.Script(t, fmt.Sprintf(`state.limits[0].most = %g; update()`, limit))
		want, err := results.Transfer("workload", search.Max("qps_per_usd"), search.AtMost("ttft_p90_s", limit*1.001), search.AtMost("tbt_p99_s", 0.2*1.001))
		if err != nil {
			t.Fatal(err)
		}
		got := browser.Read[[][]*float64](t, p, `transfers(data.groups).kept`)
		for a := range want.Kept {
			for b, v := range want.Kept[a] {
				if g := got[a][b]; (g == nil) != math.IsNaN(v) || g != nil && math.Abs(*g-v) > 1e-4 {
					t.Errorf("limit %g: %d on %d keeps %v, not %g", limit, a, b, g, v)
				}
			}
		}
		if at := browser.Read[*int](t, p, `transfers(data.groups).robust?.at ?? null`); (at == nil) != (want.Robust < 0) || at != nil && *at != want.Robust {
			t.Errorf("limit %g: robust is %v, not %d", limit, at, want.Robust)
		}
	}
	if n := browser.Read[int](t, p, `document.querySelectorAll('#transfer tbody tr').length`); n != 2 {
		t.Errorf("%d rows", n)
	}
	p.Script(t, `document.getElementById('transfer').scrollIntoView()`)
	p.Shot(t, "report-transfer")
}

// TestPrices changes the price of one of two devices.
func TestPrices(t *testing.T) {
	p := opened(t, made(t, twoWorkloads(t)))
	state := `[rows.filter(i => deviceAt(i) === %q && runs(i)).reduce((s, i) => s + value('qps_per_usd', i), 0), priceAt(rows.find(i => deviceAt(i) === %[1]q && runs(i)))]`
	read := func(device string) []float64 { return browser.Read[[]float64](t, p, fmt.Sprintf(state, device)) }
	a100, h100 := read("a100"), read("h100")
	p.Script(t, `(() => { const e = document.querySelector('#prices input'); e.value = 4 * e.value; e.dispatchEvent(new Event('change')) })()`)
	dear, same := read("a100"), read("h100")
	if math.Abs(dear[0]/a100[0]-0.25) > 1e-4 || math.Abs(dear[1]/a100[1]-4) > 1e-4 || same[0] != h100[0] || same[1] != h100[1] {
		t.Errorf("four times the price: %v of %v, %v of %v", dear, a100, same, h100)
	}
	if top := browser.Read[string](t, p, `deviceAt(bestOf(data.groups[0]).at)`); top != "h100" {
		t.Errorf("the best is on %s, which is four times as dear", top)
	}
	p.Script(t, `(() => { const e = document.querySelector('#prices input'); e.value = -1; e.dispatchEvent(new Event('change')) })()`)
	if now := read("a100"); now[1] != dear[1] {
		t.Errorf("a price below 0 makes %g", now[1])
	}
}
