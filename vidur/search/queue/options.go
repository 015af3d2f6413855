package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultURL is where a server listens that is not told otherwise.
const DefaultURL = nats.DefaultURL

// Options say which server it is and how to get in. Names of files are those of
// PEM files and of what nsc and nk write.
type Options struct {
	URL     string // nats://HOST:PORT or tls://…, several with commas, users as in nats://USER:PASSWORD@HOST
	Context string // a context of the nats command: its name, or its file; the fields below go before it
	Creds   string // file of credentials: a JWT and its seed
	NKey    string // file of an NKey's seed
	CA      string // file of the authorities that the server's certificate must be of, instead of the system's
	Cert    string // file of the client's certificate
	Key     string // file of its key

	Patience time.Duration // how long Connect tries again while no server answers; 0 is once

	Name   string        // of the streams, and what subjects begin with: letters, digits, - and _ ["vidur"]
	Lease  time.Duration // after which the task of a worker that is not heard of goes to another, at least 1 s [30 s]; it is that of the first worker
	Notice func(string)  // is told what is wrong but may pass, one call at a time; may be nil
}

const (
	defaultLease = 30 * time.Second
	leastLease   = time.Second
)

var goodName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// complete puts the context, which it returns besides, and the defaults in.
func (o Options) complete() (Options, *natsContext, error) {
	c := &natsContext{}
	if o.Context != "" {
		var err error
		if c, err = readContext(o.Context); err != nil {
			return o, nil, err
		}
	}
	fill := func(to *string, values ...string) {
		for _, v := range values {
			if *to == "" {
				*to = v
			}
		}
	}
	fill(&o.URL, c.URL, DefaultURL)
	if o.Creds == "" && o.NKey == "" {
		o.Creds, o.NKey = c.Creds, c.NKey
	}
	fill(&o.CA, c.CA)
	if o.Cert == "" && o.Key == "" {
		o.Cert, o.Key = c.Cert, c.Key
	}
	fill(&o.Name, "vidur")
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	switch {
	case !goodName.MatchString(o.Name):
		return o, nil, fmt.Errorf("the name %q is not 1 to 64 letters, digits, - and _", o.Name)
	case o.Patience < 0:
		return o, nil, fmt.Errorf("a patience of %v", o.Patience)
	case o.Lease < leastLease:
		return o, nil, fmt.Errorf("a lease of %v; it must be at least %v", o.Lease, leastLease)
	case (o.Cert == "") != (o.Key == ""):
		return o, nil, errors.New("a client's certificate and its key go together")
	}
	return o, c, nil
}

// connection is what the client of NATS is told.
func (o Options) connection(c *natsContext) ([]nats.Option, error) {
	to := []nats.Option{
		nats.Name("vidur"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectEvery),
		nats.PingInterval(pingEvery), // finds a cut that nobody tells of
		nats.MaxPingsOutstanding(2),
	}
	if o.Creds != "" {
		to = append(to, nats.UserCredentials(o.Creds))
	}
	if o.NKey != "" {
		key, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, err
		}
		to = append(to, key)
	}
	if o.CA != "" {
		to = append(to, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		to = append(to, nats.ClientCert(o.Cert, o.Key))
	}
	return append(to, c.options()...), nil
}

// natsContext is the file of a context, as the nats command writes it.
type natsContext struct {
	Description string `json:"description"`
	URL         string `json:"url"`
	Token       string `json:"token"`
	User        string `json:"user"`
	Password    string `json:"password"`
	Creds       string `json:"creds"`
	NKey        string `json:"nkey"`
	Cert        string `json:"cert"`
	Key         string `json:"key"`
	CA          string `json:"ca"`
	InboxPrefix string `json:"inbox_prefix"`
	TLSFirst    bool   `json:"tls_first"`
	Domain      string `json:"jetstream_domain"`
	APIPrefix   string `json:"jetstream_api_prefix"`
}

// readContext reads a context by its name or the name of its file. A setting that
// is not known here and is not empty is an error: it may be one of security.
func readContext(name string) (*natsContext, error) {
	path := name
	if goodName.MatchString(name) {
		dir := os.Getenv("XDG_CONFIG_HOME")
		if dir == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, err
			}
			dir = filepath.Join(home, ".config")
		}
		path = filepath.Join(dir, "nats", "context", name+".json")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for key, value := range all {
		if value == nil || value == "" || value == false {
			delete(all, key)
		}
	}
	text, err = json.Marshal(all)
	if err != nil {
		return nil, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	c := &natsContext{}
	if err := in.Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (c *natsContext) options() []nats.Option {
	var to []nats.Option
	if c.Token != "" {
		to = append(to, nats.Token(c.Token))
	}
	if c.User != "" {
		to = append(to, nats.UserInfo(c.User, c.Password))
	}
	if c.InboxPrefix != "" {
		to = append(to, nats.CustomInboxPrefix(c.InboxPrefix))
	}
	if c.TLSFirst {
		to = append(to, nats.TLSHandshakeFirst())
	}
	return to
}

// open is JetStream where the context says that it is.
func (c *natsContext) open(conn *nats.Conn) (jetstream.JetStream, error) {
	switch {
	case c.Domain != "":
		return jetstream.NewWithDomain(conn, c.Domain)
	case c.APIPrefix != "":
		return jetstream.NewWithAPIPrefix(conn, c.APIPrefix)
	}
	return jetstream.New(conn)
}
