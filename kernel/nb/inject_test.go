package nb_test

import (
	"errors"
	"testing"

	"github.com/govidur/govidur/kernel/nb"
)

// TestInject: parameters that are injected are those of every Params that follows,
// take the place of arguments, and go with the host.
func TestInject(t *testing.T) {
	var failed error
	host := &nb.Host{Args: []string{"--qps", "3"}, Fail: func(err error) { failed = err }}
	restore := nb.SetHost(host)
	read := func() (qps float64) {
		defer func() { _ = recover() }() // of Ended, after Fail
		p := struct{ QPS float64 }{4}
		nb.Params(&p)
		return p.QPS
	}
	if got := read(); got != 3 {
		t.Error(got)
	}
	given := map[string]string{"qps": "8"}
	nb.Inject(given)
	given["qps"] = "9"
	if got := read(); got != 8 {
		t.Error(got)
	}
	nb.Inject(nil)
	if got := read(); got != 4 {
		t.Error(got)
	}
	nb.Inject(map[string]string{"qsp": "8"})
	read()
	var wrong *nb.ParamError
	if !errors.As(failed, &wrong) || wrong.Name != "qsp" {
		t.Error(failed)
	}
	restore()
	defer nb.SetHost(host)()
	if got := read(); got != 3 {
		t.Error("injected parameters outlive their host")
	}
}
