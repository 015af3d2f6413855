package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/search/queue"
	"github.com/govidur/govidur/vidur/search/queue/broker"
)

// mostWaiting is how many points of a grid are in a queue at once, unless --workers
// says otherwise: enough for a cluster, and few enough to hold.
const mostWaiting = 256

// queueFlags say which queue it is.
func queueFlags(o *queue.Options) []gridFlag {
	return []gridFlag{
		text("queue", "a NATS server with JetStream, like nats://HOST:4222 or tls://…, whose workers simulate, not this process", &o.URL),
		duration("patience", "how long to try again while no server answers [30s]", &o.Patience),
		text("queue-name", "of its streams and subjects [vidur]", &o.Name),
		text("nats-context", "a context of the nats command: its name or file; stands for --queue too", &o.Context),
		text("creds", "file of NATS credentials", &o.Creds),
		text("nkey", "file of an NKey's seed", &o.NKey),
		text("tlsca", "file of the authorities of the server's certificate", &o.CA),
		text("tlscert", "file of the client's certificate", &o.Cert),
		text("tlskey", "file of its key", &o.Key),
	}
}

// serverPatience is how long a command waits for a server, unless --patience says otherwise:
// as long as one takes that is started with it.
const serverPatience = 30 * time.Second

// duration is a flag whose value is like 30s.
func duration(name, doc string, to *time.Duration) gridFlag {
	return gridFlag{name: name, doc: doc, set: func(value string) (err error) {
		if *to, err = time.ParseDuration(value); err != nil {
			return fmt.Errorf("%q is not a time like 30s or 5m", value)
		}
		return nil
	}}
}

// queueOption is the options by which a grid is done through a queue, and what ends it.
func queueOption(ctx context.Context, o queue.Options, to io.Writer) ([]search.Option, func(), error) {
	o.Notice = func(text string) { fmt.Fprintln(to, "queue:", text) }
	q, err := queue.Connect(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return []search.Option{search.Workers(mostWaiting), search.Through(q.Do)}, q.Close, nil
}

const workerHead = `vidur sweep worker --queue nats://HOST:4222 [--workers N] [--store DIR]

Does what vidur sweep --queue and vidur search --queue ask for, until it is
interrupted. It must be the same program, and the files that experiments read must
be here under the same names with the same contents: a task that is not so is left
to other workers.

`

// working is what the flags of a worker come to.
type working struct {
	queue.Options
	store   string
	workers int
	help    bool
}

func (w *working) flags() []gridFlag {
	return append(queueFlags(&w.Options),
		text("store", "folder of what was simulated here [none]", &w.store),
		gridFlag{name: "workers", doc: "tasks at once [as many as cores]", set: func(value string) (err error) {
			w.workers, err = wholeNumber(value)
			return err
		}},
		duration("lease", "how long a worker may be silent before another gets its task, like 30s; the first worker's counts [30s]", &w.Lease),
		yes("help", "print this", &w.help))
}

// sweepWorker works for others.
func sweepWorker(ctx context.Context, args []string, std streams) error {
	o := working{workers: runtime.GOMAXPROCS(0)}
	o.Patience, o.Notice = serverPatience, func(text string) { fmt.Fprintln(std.err, "queue:", text) }
	flags := o.flags()
	rest, err := takeFlags(args, flags)
	switch {
	case err != nil:
		return err
	case o.help:
		flagsUsage(std.out, workerHead, flags)
		return nil
	case len(rest) > 0:
		return fmt.Errorf("sweep worker does not know %q", rest[0])
	case o.URL == "" && o.Context == "":
		return errors.New("sweep worker needs --queue or --nats-context")
	}
	var options []search.Option
	if o.store != "" {
		options = append(options, search.Cache(o.store))
	}
	w, err := search.NewWorker(options...)
	if err != nil {
		return err
	}
	q, err := queue.Connect(ctx, o.Options)
	if err != nil {
		return err
	}
	defer q.Close()
	if err := q.Work(ctx, o.workers, w.Do); err != nil {
		return err
	}
	return ctx.Err()
}

const serverHead = `vidur sweep server [--listen 127.0.0.1:4222] [--dir DIR]

Runs a NATS server with JetStream, for workers of this machine; with --config, a
configuration of nats-server with its users and TLS, for those of others.

`

// sweepServer is a server of queues.
func sweepServer(ctx context.Context, args []string, std streams) error {
	o := broker.Options{Dir: "queue", Log: std.err}
	var help bool
	flags := []gridFlag{
		text("listen", "HOST:PORT [127.0.0.1:4222, or as --config says]", &o.Listen),
		text("dir", "folder of tasks and results [queue]", &o.Dir),
		text("config", "configuration file of nats-server", &o.Config),
		yes("help", "print this", &help),
	}
	rest, err := takeFlags(args, flags)
	switch {
	case err != nil:
		return err
	case help:
		flagsUsage(std.out, serverHead, flags)
		return nil
	case len(rest) > 0:
		return fmt.Errorf("sweep server does not know %q", rest[0])
	}
	b, err := broker.Start(o)
	if err != nil {
		return err
	}
	defer b.Close()
	fmt.Fprintln(std.out, b.URL())
	<-ctx.Done()
	return ctx.Err()
}

// flagsUsage prints the flags of what takes no experiment.
func flagsUsage(w io.Writer, head string, flags []gridFlag) {
	fmt.Fprint(w, head)
	for _, f := range flags {
		describe(w, "--"+f.name, f.doc)
	}
}
