package queue

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/search/queue/broker"
)

func TestOptionsThatAreWrong(t *testing.T) {
	for _, o := range []Options{
		{Name: "a.b"}, {Name: "*"}, {Lease: time.Millisecond}, {Cert: "x"}, {Key: "x"}, {NKey: "none"},
		{Context: "surely-none"}, {URL: "nats://127.0.0.1:1"}, {Creds: "none"}, {CA: "none"}, {URL: "::"},
	} {
		if _, err := Connect(t.Context(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	if _, err := Connect(t.Context(), Options{URL: "nats://me:secret@127.0.0.1:1"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	if s := shown("nats://token@a:1,nats://b:2, tls://u:secret@c"); strings.Contains(s, "token") || strings.Contains(s, "secret") || !strings.Contains(s, "nats://b:2") {
		t.Error(s)
	}
}

// certificates writes an authority's certificate, and that of a server and client of
// this machine with its key.
func certificates(t *testing.T, dir string) (ca, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return cert, cert, key
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUsersAndTLS: a server that wants a user and a certificate, by options and by a
// context of the nats command.
func TestUsersAndTLS(t *testing.T) {
	dir := t.TempDir()
	ca, cert, key := certificates(t, dir)
	config := filepath.Join(dir, "nats.conf")
	write(t, config, fmt.Appendf(nil, "listen: \"127.0.0.1:-1\"\nauthorization { user: me, password: secret }\ntls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }\n", cert, key, ca))
	b, err := broker.Start(broker.Options{Config: config, Dir: filepath.Join(dir, "streams")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	at := b.URL()[strings.Index(b.URL(), "://")+3:]
	context := filepath.Join(dir, "nats", "context", "office.json")
	if err := os.MkdirAll(filepath.Dir(context), 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"url": "tls://" + at, "user": "me", "password": "secret", "ca": ca, "cert": cert, "key": key, "color_scheme": "", "socks_proxy": ""})
	if err != nil {
		t.Fatal(err)
	}
	write(t, context, text)
	t.Setenv("XDG_CONFIG_HOME", dir)
	for _, c := range []struct {
		options Options
		ok      bool
	}{
		{Options{URL: "tls://me:secret@" + at, CA: ca, Cert: cert, Key: key}, true},
		{Options{Context: "office"}, true},
		{Options{Context: context}, true},
		{Options{URL: "tls://me:wrong@" + at, CA: ca, Cert: cert, Key: key}, false},
		{Options{URL: "tls://me:secret@" + at, CA: ca}, false},
		{Options{URL: "tls://me:secret@" + at}, false},
		{Options{URL: "nats://" + at}, false},
	} {
		q, err := Connect(t.Context(), c.options)
		if (err == nil) != c.ok || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", c.options, err)
		}
		if err == nil {
			q.Close()
		}
	}
}

func FuzzContext(f *testing.F) {
	f.Add([]byte(`{"url": "nats://a", "tls_first": true, "user_jwt": ""}`))
	f.Add([]byte(`{"user_jwt": "x"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "context.json")
		write(t, path, text)
		c, err := readContext(path)
		if err == nil {
			_ = c.options()
		}
		var all map[string]any
		if json.Unmarshal(text, &all) == nil && all["user_jwt"] != nil && all["user_jwt"] != "" && all["user_jwt"] != false && err == nil {
			t.Error("a setting is ignored")
		}
	})
}
