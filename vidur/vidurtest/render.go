package vidurtest

import (
	"fmt"
	"strings"
)

// Script is c in the language of [Scripts], with a scheduler of that name; its
// requests go to the replicas in turn. [RunScript] runs it.
func (c Case) Script(scheduler string) string {
	var b strings.Builder
	for _, s := range c.Replicas {
		fmt.Fprintf(&b, "replica pp=%d blocks=%d block-size=%d max-tokens=%d stage=%v token=%v\n",
			s.PP, s.Blocks, s.BlockSize, s.MaxTokens, c.Base, c.PerToken)
	}
	fmt.Fprintf(&b, "scheduler %s\narrive", scheduler)
	if c.Clients > 0 {
		fmt.Fprintf(&b, " clients=%d", c.Clients)
	}
	b.WriteString("\n")
	for _, a := range c.Arrivals {
		fmt.Fprintf(&b, "%v %d %d\n", a.At, a.Prefill, a.Decode)
	}
	b.WriteString("\nrun\n")
	return b.String()
}

// script runs a case as a script under the laws and returns it with what happens.
func (c *checker) script(k Case) string {
	w := &world{router: c.router, laws: c.laws, policy: func(string, *Args) (NewScheduler, error) { return c.scheduler, nil }}
	w.laws.MaxEvents = k.events()
	var text string
	err := c.guarded(func(progress *watch) error {
		w.watch = progress
		text = cut(runScript(k.Script("policy"), w))
		return nil
	})
	if err != nil {
		return k.Script("policy")
	}
	return text
}

// cut leaves the beginning and the end of a long text.
func cut(s string) string {
	const head, tail = 60, 20 // lines
	lines := strings.SplitAfter(s, "\n")
	if len(lines) <= head+tail+1 {
		return s
	}
	gap := fmt.Sprintf("… %d lines …\n", len(lines)-head-tail)
	return strings.Join(lines[:head], "") + gap + strings.Join(lines[len(lines)-tail:], "")
}
