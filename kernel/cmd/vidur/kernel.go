package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
	"github.com/govidur/govidur/kernel/worker"
	"github.com/govidur/govidur/vidur/spec"
)

const kernelUsage = `vidur kernel install [FLAGS]       make Jupyter, VS Code and the like offer this kernel
vidur kernel uninstall [FLAGS]     undo that
vidur kernel list                  what is installed, and where
vidur kernel run [FLAGS] FILE      be a kernel at the sockets of a connection file

A kernel runs Go in the cells of notebooks. Without --prefix and --sys-prefix it
is the user's: in $JUPYTER_DATA_DIR, or where Jupyter looks on this system.

`

// kernelVerbs are what vidur kernel can do. The last one is for the kernel itself.
var kernelVerbs = map[string]func(ctx context.Context, args []string, std streams) error{
	"install": kernelInstall, "uninstall": kernelUninstall, "list": kernelList, "run": kernelRun, "worker": kernelWorker,
}

// kernelVerb installs the Jupyter kernel, or is it.
func kernelVerb(ctx context.Context, args []string, std streams) error {
	if len(args) > 0 {
		if do := kernelVerbs[args[0]]; do != nil {
			return do(ctx, args[1:], std)
		}
	}
	set := flag.NewFlagSet("kernel", flag.ContinueOnError)
	if done, err := parseFlags(set, args, kernelUsage, std.out); done || err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("what? vidur kernel install, uninstall, list, or run")
	}
	return spec.Unknown("verb", set.Arg(0), []string{"install", "uninstall", "list", "run"})
}

// kernelFlags reads the flags of vidur kernel NAME, which takes so many arguments.
func kernelFlags(set *flag.FlagSet, args []string, want int, std streams) (done bool, err error) {
	done, err = parseFlags(set, args, kernelUsage, std.out)
	if done || err != nil {
		return done, err
	}
	if set.NArg() != want {
		return false, fmt.Errorf("%s takes %d arguments, not %d", set.Name(), want, set.NArg())
	}
	return false, nil
}

// kernelRun is a kernel until a front end or a signal ends it.
func kernelRun(ctx context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("kernel run", flag.ContinueOnError)
	unrestricted := set.Bool("unrestricted", false, unrestrictedText)
	if done, err := kernelFlags(set, args, 1, std); done || err != nil {
		return err
	}
	conn, err := wire.ReadConnection(set.Arg(0))
	if err != nil {
		return err
	}
	if err := wire.CheckMode(set.Arg(0)); err != nil {
		fmt.Fprintln(std.err, "vidur kernel:", err)
	}
	cells, err := startWorker(*unrestricted)
	if err != nil {
		return err
	}
	info := nb.Info()
	srv, err := server.New(conn, cells, server.Options{
		Implementation: "vidur",
		Version:        info.Version,
		Banner:         "Go for simulations of LLM serving: " + info.Module + " " + info.Version + ", " + info.Go,
		Help:           []server.Link{{Text: "The Go language", URL: "https://go.dev/ref/spec"}, {Text: "The packages", URL: "https://pkg.go.dev/" + info.Module}},
		History:        kernelHistory(),
		Log:            func(format string, args ...any) { fmt.Fprintf(std.err, "vidur kernel: "+format+"\n", args...) },
	})
	if err != nil {
		return errors.Join(err, cells.Close())
	}
	defer srv.HandleSignals()()
	srv.WatchParent(time.Second)
	return srv.Serve(context.WithoutCancel(ctx)) // a SIGINT ends ctx, but not the kernel
}

func startWorker(unrestricted bool) (*worker.Worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := []string{self, "kernel", "worker"}
	if unrestricted {
		command = append(command, "--unrestricted")
	}
	return worker.Start(worker.Options{Command: command})
}

// kernelHistory is the file of the cells of all sessions; empty if there is no
// place for it.
func kernelHistory() string {
	base, err := os.UserConfigDir()
	if err != nil || os.MkdirAll(filepath.Join(base, "vidur"), 0o700) != nil {
		return ""
	}
	return filepath.Join(base, "vidur", "kernel_history")
}

// kernelWorker is the process of a kernel that runs the cells.
func kernelWorker(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("kernel worker", flag.ContinueOnError)
	unrestricted := set.Bool("unrestricted", false, unrestrictedText)
	dir := set.String("dir", ".", "where the cells run")
	if done, err := kernelFlags(set, args, 0, std); done || err != nil {
		return err
	}
	if err := os.Chdir(*dir); err != nil {
		return err
	}
	return worker.Serve(eval.Options{Unrestricted: *unrestricted})
}

// kernelPlace says where kernelspecs are.
type kernelPlace struct {
	user, sys    bool
	prefix, name string
}

func (p *kernelPlace) register(set *flag.FlagSet) {
	set.BoolVar(&p.user, "user", false, "for this user; that is what happens without a place")
	set.BoolVar(&p.sys, "sys-prefix", false, "for the active virtual or conda environment")
	set.StringVar(&p.prefix, "prefix", "", "for the environment in this folder")
	set.StringVar(&p.name, "name", "vidur", "name of the kernel")
}

// dir is the folder of the kernelspec.
func (p *kernelPlace) dir() (string, error) {
	if p.name == "" || strings.Trim(strings.ToLower(p.name), "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" || strings.Trim(p.name, ".") == "" {
		return "", fmt.Errorf("--name %q: letters, digits, dots, dashes and underscores make a name", p.name)
	}
	base, err := p.base()
	if err != nil {
		return "", err
	}
	base, err = filepath.Abs(base)
	return filepath.Join(base, "kernels", p.name), err
}

func (p *kernelPlace) base() (string, error) {
	given := 0
	for _, is := range []bool{p.user, p.sys, p.prefix != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return "", errors.New("--user, --sys-prefix and --prefix are different places")
	case p.prefix != "":
		return filepath.Join(p.prefix, "share", "jupyter"), nil
	case p.sys:
		if env := environment(); env != "" {
			return filepath.Join(env, "share", "jupyter"), nil
		}
		return "", errors.New("--sys-prefix: no environment is active ($VIRTUAL_ENV, $CONDA_PREFIX); --prefix DIR names one")
	}
	return jupyterDir()
}
