package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// lawFlags are the flags of vidur vet --laws.
type lawFlags struct {
	on                              bool
	policy                          string
	runs, blockSize, maxPP          int
	seed                            uint64
	fcfs, paged, mayIdle, ownQueues bool
}

func (l *lawFlags) register(set *flag.FlagSet) {
	set.BoolVar(&l.on, "laws", false, "try the policies of the files on random workloads")
	set.StringVar(&l.policy, "policy", "", "the function or the type of the one policy to try; empty for all")
	set.IntVar(&l.runs, "runs", 300, "how many workloads to try")
	set.Uint64Var(&l.seed, "seed", 1, "of the random workloads")
	set.IntVar(&l.blockSize, "block-size", 0, "tokens in a KV block; 0 for several sizes")
	set.IntVar(&l.maxPP, "max-pp", 0, "most pipeline stages; 0 for several numbers")
	set.BoolVar(&l.fcfs, "fcfs", false, "demand first come, first served too")
	set.BoolVar(&l.paged, "paged", false, "demand that the blocks of a request hold its tokens too")
	set.BoolVar(&l.mayIdle, "may-idle", false, "allow to wait although there is work")
	set.BoolVar(&l.ownQueues, "own-queues", false, "the scheduler keeps requests in queues of its own")
}

// options are the flags in the form that vidurtest takes, in Go.
func (l *lawFlags) options() string {
	out := []string{
		"vidurtest.OneAtATime()", // two runs at once would race in the interpreter
		fmt.Sprintf("vidurtest.Runs(%d)", l.runs),
		fmt.Sprintf("vidurtest.Seed(%d)", l.seed),
	}
	if l.blockSize > 0 {
		out = append(out, fmt.Sprintf("vidurtest.BlockSize(%d)", l.blockSize))
	}
	if l.maxPP > 0 {
		out = append(out, fmt.Sprintf("vidurtest.MaxPP(%d)", l.maxPP))
	}
	for _, f := range []struct {
		on   bool
		name string
	}{{l.fcfs, "FirstComeFirstServed"}, {l.paged, "Paged"}, {l.mayIdle, "MayIdle"}, {l.ownQueues, "OwnQueues"}} {
		if f.on {
			out = append(out, "vidurtest."+f.name+"()")
		}
	}
	return strings.Join(out, ", ")
}

// vet tries the policies of a script and shows the workloads on which they fail.
func (l *lawFlags) vet(ctx context.Context, s *eval.Session, src eval.Source, std streams) error {
	if l.runs < 1 {
		return fmt.Errorf("runs is %d; it must be at least 1", l.runs)
	}
	if _, err := s.Load(ctx, src); err != nil {
		return err
	}
	policies, err := l.policies(s, src.Name)
	if err != nil {
		return err
	}
	broken := false
	for _, p := range policies {
		f, err := l.find(ctx, s, p)
		if err != nil {
			return err
		}
		if f == nil {
			fmt.Fprintf(std.out, "%s: %s: %d random workloads, all laws hold\n", src.Name, p.Name, l.runs)
			continue
		}
		broken = true
		fmt.Fprintf(std.out, "%s: %s: %s", src.Name, p.Name, l.describe(f, p, src.Name))
	}
	if broken {
		return &eval.Error{Kind: eval.Exited, Code: exitFailed}
	}
	return nil
}

// policies are those of the script that are asked for.
func (l *lawFlags) policies(s *eval.Session, file string) ([]eval.Policy, error) {
	all, err := s.Policies()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no policy: there is no type with the methods of a vidur.Scheduler or vidur.Router, and no function that makes one", file)
	}
	if l.policy == "" {
		return all, nil
	}
	var names []string
	for _, p := range all {
		if p.Name == l.policy {
			return []eval.Policy{p}, nil
		}
		names = append(names, p.Name)
	}
	return nil, spec.Unknown("policy", l.policy, names)
}

// find looks for a workload on which a policy fails, where the policy lives.
func (l *lawFlags) find(ctx context.Context, s *eval.Session, p eval.Policy) (*vidurtest.Failure, error) {
	find, imports := "vidurtest.Find", ""
	if p.Kind == "router" {
		find = "vidurtest.FindRouter"
	}
	if strings.Contains(p.Make, "rand.") { // of which there are two
		imports = "import \"math/rand/v2\"\n"
	}
	code := fmt.Sprintf("%s%s(%s, %s)", imports, find, p.Make, l.options())
	res, err := s.Eval(ctx, eval.Source{Name: "laws", Code: code})
	if err != nil {
		return nil, err
	}
	if len(res.Values) == 1 {
		if f, ok := res.Values[0].Any.(*vidurtest.Failure); ok {
			return f, nil
		}
	}
	return nil, errors.New("the laws gave no answer for " + p.Name)
}

// describe is the broken law, the workload, and how to see both again.
func (l *lawFlags) describe(f *vidurtest.Failure, p eval.Policy, file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", oneLine(f.Err))
	if f.Script != "" {
		b.WriteString("    " + strings.ReplaceAll(strings.TrimSpace(f.Script), "\n", "\n    ") + "\n\n")
	}
	fmt.Fprintf(&b, "    in Go:  %s\n", f.Case)
	fmt.Fprintf(&b, "    again:  vidur vet --laws --policy %s%s %s\n", p.Name, l.again(), file)
	return b.String()
}

// again is the flags that find the same workload again.
func (l *lawFlags) again() string {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	var all lawFlags
	all.register(set)
	all = *l
	var b strings.Builder
	set.VisitAll(func(f *flag.Flag) {
		value := f.Value.String()
		switch {
		case f.Name == "laws" || f.Name == "policy" || value == f.DefValue:
		case value == "true":
			b.WriteString(" --" + f.Name)
		default:
			b.WriteString(" --" + f.Name + " " + value)
		}
	})
	return b.String()
}
