// Package broker runs a NATS server with JetStream in this process, for a queue of
// one machine, a small cluster or a test. It is the server that nats-server runs,
// and takes its configuration file.
package broker

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options of a server.
type Options struct {
	Listen string    // HOST:PORT; port 0 is a free one ["127.0.0.1:4222"]
	Dir    string    // folder of streams
	Config string    // file as nats-server takes it: users, TLS, clusters; Listen and Dir go before it
	Log    io.Writer // gets what goes wrong; nil: nowhere
}

// Broker is a server that runs.
type Broker struct{ server *server.Server }

const (
	local       = "127.0.0.1:4222"
	startWithin = 10 * time.Second
)

// Start starts a server, and returns when it takes connections. Without a Config it
// listens on this machine only: another address is an error, since anyone there
// could use it.
func Start(o Options) (*Broker, error) {
	so, err := o.server()
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	if so.Port > 0 { // says sooner than the server would that the address is taken
		l, err := net.Listen("tcp", net.JoinHostPort(so.Host, strconv.Itoa(so.Port)))
		if err != nil {
			return nil, fmt.Errorf("broker: %w", err)
		}
		_ = l.Close()
	}
	s, err := server.NewServer(so)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	if o.Log != nil {
		s.SetLogger(&logger{log.New(o.Log, "", 0)}, false, false)
	}
	s.Start()
	if !s.ReadyForConnections(startWithin) {
		s.Shutdown()
		return nil, fmt.Errorf("broker: no server on %s after %v", net.JoinHostPort(so.Host, strconv.Itoa(so.Port)), startWithin)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("broker: JetStream does not start in %s", so.StoreDir)
	}
	return &Broker{s}, nil
}

// server is what the server is told.
func (o Options) server() (*server.Options, error) {
	so := &server.Options{}
	if o.Config != "" {
		var err error
		if so, err = server.ProcessConfigFile(o.Config); err != nil {
			return nil, err
		}
	}
	so.NoSigs, so.JetStream = true, true
	if o.Dir != "" {
		so.StoreDir = o.Dir
	}
	if so.StoreDir == "" {
		return nil, errors.New("it needs a folder for streams")
	}
	if o.Listen == "" && o.Config == "" {
		o.Listen = local
	}
	if o.Listen != "" {
		host, port, err := net.SplitHostPort(o.Listen)
		if err != nil {
			return nil, err
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("port %q: it is a number up to 65535", port)
		}
		so.Host, so.Port = host, int(number)
		if number == 0 {
			so.Port = server.RANDOM_PORT
		}
	}
	if o.Config == "" && !loopback(so.Host) {
		return nil, fmt.Errorf("%s is open to others: give a configuration that says who may use it, and how", o.Listen)
	}
	return so, os.MkdirAll(so.StoreDir, 0o700)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// URL is where the server is.
func (b *Broker) URL() string { return b.server.ClientURL() }

// Close ends the server, and returns when it has ended. Streams stay in their folder.
func (b *Broker) Close() {
	b.server.Shutdown()
	b.server.WaitForShutdown()
}

// logger writes what goes wrong.
type logger struct{ to *log.Logger }

func (l *logger) Noticef(string, ...any)         {}
func (l *logger) Debugf(string, ...any)          {}
func (l *logger) Tracef(string, ...any)          {}
func (l *logger) Warnf(format string, v ...any)  { l.to.Printf("warning: "+format, v...) }
func (l *logger) Errorf(format string, v ...any) { l.to.Printf("error: "+format, v...) }
func (l *logger) Fatalf(format string, v ...any) { l.to.Printf("error: "+format, v...) }
