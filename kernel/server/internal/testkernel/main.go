// Command testkernel is a Jupyter kernel whose language is the commands of package
// fake, for tests with other people's clients.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/server/internal/fake"
	"github.com/govidur/govidur/kernel/wire"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: testkernel CONNECTION_FILE")
		os.Exit(2)
	}
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "testkernel:", err)
		os.Exit(1)
	}
}

func serve(path string) error {
	conn, err := wire.ReadConnection(path)
	if err != nil {
		return err
	}
	srv, err := server.New(conn, fake.Comms{Runner: fake.New()}, server.Options{
		Banner:    "commands of package fake",
		ErrorHold: 300 * time.Millisecond, // a busy machine takes its time to send what a client has asked for
		Log:       func(format string, args ...any) { fmt.Fprintf(os.Stderr, "testkernel: "+format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	defer srv.HandleSignals()()
	srv.WatchParent(100 * time.Millisecond)
	return srv.Serve(context.Background())
}
